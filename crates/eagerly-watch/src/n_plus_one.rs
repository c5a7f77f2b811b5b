//! Finds N+1 from the causes of statements.
//!
//! Other tools guess: they look for five similar statements, or for an access after a query for many rows.
//! Here the cause is known. A statement from an accessor carries its parent, the parent's cohort (the rows
//! that were loaded together), and the cohort that this one descends from. The definition of an N+1 is:
//!
//! > Two *different* parents that descend from the same cohort each needed a statement for the same relation.
//!
//! The number of rows and the place of the access do not matter. The definition says *descend from* and not
//! *belong to* for this reason: if orders are loaded lazily, the orders of each customer are a cohort of
//! their own. If every customer has one order, the items are loaded for 3,000 cohorts of one order each, and
//! no two parents share a cohort. But all of them descend from one query for customers. The chunks of a query
//! are cohorts of their own, too, and they have the root of the first chunk.
//!
//! These are not an N+1:
//!
//! - a statement for one parent;
//! - one statement for each of two rows that were queried separately (`one_by_one.rs` finds loops of them);
//! - two statements for one row, because its relation was reloaded;
//! - a walk from row to row, where each step follows another path from the root and has one parent.

use std::time::Duration;

use eagerly::Cohort;
use eagerly::{CallSite, Cause, Network, Strategy};
use eagerly::{EntityInfo, RelationInfo};

use crate::bounded::Bounded;
use crate::one_by_one::{OneByOne, Rows};

/// The maximum number of families to remember. Older ones are evicted.
const FAMILIES: usize = 10_000;

/// The maximum number of findings. Each is a place in the program, so in practice there are far fewer.
const FINDINGS: usize = 1_000;

/// A relation that was loaded with one statement per parent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NPlusOne {
    /// The relation, such as `Customer.orders`.
    pub relation: &'static RelationInfo,
    /// The strategy that sent the statements, such as `lazy`.
    pub strategy: Strategy,
    /// The line that caused the statements: the access, or `session.preload`, or for `immediate` the query.
    pub at: CallSite,
    /// The line of the query at the start of the load path. The fix belongs there.
    pub origin: CallSite,
    /// The load path to add to that query, such as `selectin(Customer::ORDERS)`.
    pub load_path: String,
    /// What to do, as one sentence.
    pub advice: String,
    /// The entity of the queried row, if it was queried by its key with `get`, which takes no load path.
    pub by_key: Option<&'static EntityInfo>,
    /// Whether the rows were reloaded, or got new foreign keys, after the query. Then the load path is for loading
    /// them again, because the query has loaded the relation before, or cannot load it.
    pub is_reloaded: bool,
    /// The relation through which the program came to the parents, if the accessed relation leads back to the row from
    /// which it came. Then no statement is needed.
    pub way_back: Option<&'static RelationInfo>,
    /// Whether `session.preload` sent the statements, called for one row at a time.
    pub is_preload: bool,
    /// The number of statements that were sent for the relation.
    pub statements: u64,
    /// The number of statements with the load path: one per run of the query, or one per chunk up to the last chunk
    /// that was accessed. Lines share these statements, so it is 0 if another line's finding already counts them.
    pub needed: u64,
    /// Whether the query reads its rows in [chunks](eagerly::Session::chunks). Then the load path sends a statement for
    /// each chunk.
    pub is_chunked: bool,
    /// Whether a statement was refused. See [`Detector::refusing`](crate::Detector::refusing).
    pub refused: bool,
    /// Identifies the path of relations from the queried rows to the parents.
    lineage: u64,
}

impl NPlusOne {
    /// Returns the number of statements that the load path would save.
    #[must_use]
    pub fn saved(&self) -> u64 {
        self.statements.saturating_sub(self.needed)
    }

    /// Returns the time that the load path would save on a network with this round trip. It is modelled, not
    /// measured.
    #[must_use]
    pub fn saved_at(&self, round_trip: Duration) -> Duration {
        Network::virtual_of(round_trip).modelled(self.saved())
    }
}

/// The key of a family: the parents that descend from one cohort by the same path, and one relation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Family {
    root: u64,
    lineage: u64,
    relation: &'static RelationInfo,
    /// Whether the rows were reloaded. One statement cannot load both the rows of a query and reloaded ones.
    is_reloaded: bool,
    is_preload: bool,
}

/// The statements of a family.
struct Known {
    /// The parent of the first statement, and the line that accessed it.
    first: Parent,
    first_at: CallSite,
    /// The number of statements for this parent before the first statement for another one.
    alone: u64,
    /// The number of statements that the load path would have sent.
    needed: u64,
    /// Whether the family is counted among the rows that were queried one by one.
    is_single: bool,
    is_n_plus_one: bool,
}

impl Known {
    fn of(sent: &Sent<'_>) -> Self {
        Self {
            first: sent.parent,
            first_at: sent.at,
            alone: 0,
            needed: 0,
            is_single: false,
            is_n_plus_one: false,
        }
    }

    /// Records which statements the load path would have sent up to this one. Returns how many are new.
    fn add_needed(&mut self, sent: &Sent<'_>) -> u64 {
        let before = self.needed;
        self.needed = before.max(u64::from(sent.parents.chunk()) + 1);
        if sent.parents.is_reloaded() && sent.parent == self.first && self.needed == before {
            // The first row was reloaded once more.
            self.needed += 1;
        }
        self.needed - before
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Parent {
    cohort: u64,
    position: u32,
}

impl Parent {
    fn at((cohort, position): (u64, u32)) -> Self {
        Self { cohort, position }
    }
}

/// A statement for one parent.
struct Sent<'a> {
    relation: &'static RelationInfo,
    strategy: Strategy,
    at: CallSite,
    parents: &'a Cohort,
    parent: Parent,
    is_preload: bool,
}

pub(crate) struct Finder {
    families: Bounded<Family, Known>,
    rows: Rows,
    findings: Vec<NPlusOne>,
    /// The number of findings that [`unannounced`](Self::unannounced) has returned.
    announced: usize,
}

impl Finder {
    pub(crate) fn new() -> Self {
        Self { families: Bounded::new(FAMILIES), rows: Rows::new(), findings: Vec::new(), announced: 0 }
    }

    pub(crate) fn findings(&self) -> &[NPlusOne] {
        &self.findings
    }

    /// Returns the relations of rows that were queried one by one.
    pub(crate) fn one_by_one(&self) -> Vec<OneByOne> {
        self.rows.hints()
    }

    /// Records a sent statement. Returns whether it is part of an N+1.
    pub(crate) fn statement(&mut self, cause: &Cause<'_>) -> bool {
        let Some(sent) = Sent::for_one_parent(cause) else {
            return false;
        };
        let known = self.families.entry(sent.family(), || Known::of(&sent));
        let needed = match known.is_n_plus_one {
            true => known.add_needed(&sent),
            false if known.first == sent.parent => {
                known.alone += 1;
                known.add_needed(&sent);
                if known.alone == 1 {
                    known.is_single = self.rows.add(sent.parents, sent.relation, sent.at);
                }
                return false;
            }
            false => {
                self.begin(&sent);
                self.families.entry(sent.family(), || Known::of(&sent)).add_needed(&sent)
            }
        };
        if let Some(finding) = self.finding(&sent, sent.at) {
            finding.statements += 1;
            finding.needed += needed;
            finding.is_chunked |= sent.parents.chunk() > 0;
        }
        true
    }

    /// Checks a statement before it is sent. Returns the finding if the statement would be part of an N+1;
    /// the caller then refuses the statement.
    pub(crate) fn refusal(&mut self, cause: &Cause<'_>) -> Option<&NPlusOne> {
        let sent = Sent::for_one_parent(cause)?;
        let known = self.families.get(&sent.family())?;
        if known.first == sent.parent {
            return None;
        }
        if !known.is_n_plus_one {
            self.begin(&sent);
        }
        let finding = self.finding(&sent, sent.at)?;
        finding.refused = true;
        Some(finding)
    }

    /// Returns the next finding that was not returned before, if there is one.
    pub(crate) fn unannounced(&mut self) -> Option<&NPlusOne> {
        let finding = self.findings.get_mut(self.announced)?;
        self.announced += 1;
        Some(finding)
    }

    /// Marks a family as an N+1 when the second parent needs a statement.
    ///
    /// The statements for the first parent become part of the finding. One statement would have been enough.
    fn begin(&mut self, sent: &Sent<'_>) {
        let known = self.families.entry(sent.family(), || Known::of(sent));
        known.is_n_plus_one = true;
        let (first_at, alone, needed) = (known.first_at, known.alone, known.needed);
        if std::mem::take(&mut known.is_single) {
            self.rows.remove(sent.parents, sent.relation, first_at);
        }
        if let Some(finding) = self.finding(sent, first_at) {
            finding.statements += alone;
            finding.needed += needed;
        }
    }

    /// Returns the finding for an access at `at`, and creates it if it is missing. Returns `None` at the
    /// maximum.
    fn finding(&mut self, sent: &Sent<'_>, at: CallSite) -> Option<&mut NPlusOne> {
        let origin = sent.parents.origin();
        let lineage = sent.parents.lineage();
        let is_reloaded = sent.parents.is_reloaded();
        let is_it = |finding: &NPlusOne| {
            finding.lineage == lineage
                && finding.is_reloaded == is_reloaded
                && finding.is_preload == sent.is_preload
                && finding.relation == sent.relation
                && finding.at == at
                && finding.origin == origin
        };
        let index = match self.findings.iter().position(is_it) {
            Some(index) => index,
            None if self.findings.len() < FINDINGS => {
                self.findings.push(NPlusOne {
                    relation: sent.relation,
                    strategy: sent.strategy,
                    at,
                    origin,
                    load_path: sent.parents.load_path(sent.relation),
                    advice: match sent.is_preload {
                        true => "call `session.preload` once, with all rows".to_owned(),
                        false => sent.parents.advice(sent.relation),
                    },
                    is_preload: sent.is_preload,
                    by_key: sent.parents.by_key(),
                    is_reloaded,
                    way_back: sent.parents.way_back(sent.relation),
                    statements: 0,
                    needed: 0,
                    is_chunked: false,
                    refused: false,
                    lineage,
                });
                self.findings.len() - 1
            }
            None => return None,
        };
        self.findings.get_mut(index)
    }
}

impl<'a> Sent<'a> {
    fn for_one_parent(cause: &Cause<'a>) -> Option<Self> {
        let (relation, strategy, parents, position) = match *cause {
            Cause::Access { relation, strategy, parents, position, .. } => {
                (relation, strategy, parents, position)
            }
            Cause::Eager { relation, strategy, parents, position: Some(position), .. } => {
                (relation, strategy, parents, position)
            }
            _ => return None,
        };
        let parent = Parent::at(parents.identity(position));
        let is_preload =
            strategy != Strategy::Immediate && matches!(cause, Cause::Eager { preloads: Some(_), .. });
        Some(Self { relation, strategy, at: cause.at(), parents, parent, is_preload })
    }

    fn family(&self) -> Family {
        Family {
            root: self.parents.root(),
            lineage: self.parents.lineage(),
            relation: self.relation,
            is_reloaded: self.parents.is_reloaded(),
            is_preload: self.is_preload,
        }
    }
}
