//! N+1, by causality.
//!
//! Others guess: five statements that look alike, or a touch after a query for many rows. Here it is known. A statement
//! that an accessor sends tells which parent it is for, which cohort that parent belongs to, and which cohort that one
//! descends from. So:
//!
//! > two *different* parents that descend from one cohort needed a statement each for the same relation
//!
//! is an N+1, however few the rows and wherever the accessor is called. *Descend from*, and not *belong to*: the orders
//! of each customer, loaded lazily, are a cohort of their own. Where every customer has one order, the items are loaded
//! for 3,000 cohorts of one order each, and no two parents share a cohort; but all of them come from one query for
//! customers.
//!
//! What is no N+1: a statement for one parent; one for each of two rows that were queried apart; a walk from a row to
//! the next and on to the next (each step has another way from the root, and one parent).

use std::time::Duration;

use eagerly::cohort::Cohort;
use eagerly::relation::RelationInfo;
use eagerly::{CallSite, Cause, Network, Strategy};

use crate::bounded::Bounded;

/// How many lines of descent are kept in mind at a time.
const FAMILIES: usize = 10_000;

/// How many findings are kept. Each is a place in the program, so this is never reached.
const FINDINGS: usize = 1_000;

/// A relation that was loaded by a statement for each parent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NPlusOne {
    /// The relation.
    pub relation: &'static RelationInfo,
    /// The strategy that sent the statements.
    pub strategy: Strategy,
    /// Where it was accessed; for `immediate`, where the parents were queried.
    pub at: CallSite,
    /// Where the first parents on the way here were queried: the place for the fix.
    pub origin: CallSite,
    /// The load path to write there: `selectin(Customer::ORDERS)`.
    pub load_path: String,
    /// How many statements it took.
    pub statements: u64,
    /// How many it would take with the load path: one for each query of parents.
    pub needed: u64,
    /// Whether a statement was refused, since the detector is to give errors.
    pub refused: bool,
    /// The way from the queried rows to the parents.
    lineage: u64,
}

impl NPlusOne {
    /// How many statements the load path would save.
    #[must_use]
    pub fn saved(&self) -> u64 {
        self.statements.saturating_sub(self.needed)
    }

    /// The time that it would save over a network with such a round trip: a modelled figure.
    #[must_use]
    pub fn saved_at(&self, round_trip: Duration) -> Duration {
        Network::virtual_of(round_trip).modelled(self.saved())
    }
}

/// Parents that descend from one cohort, all in the same way, and a relation of theirs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Family {
    root: u64,
    lineage: u64,
    relation: &'static RelationInfo,
}

/// What is known of a family.
struct Known {
    /// The parent that had the first statement, and where that was.
    first: Parent,
    first_at: CallSite,
    /// How many statements that parent had before another had any.
    alone: u64,
    is_n_plus_one: bool,
}

impl Known {
    fn of(sent: &Sent<'_>) -> Self {
        Self {
            first: sent.parent,
            first_at: sent.at,
            alone: 0,
            is_n_plus_one: false,
        }
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
}

/// Finds N+1.
pub(crate) struct Finder {
    families: Bounded<Family, Known>,
    findings: Vec<NPlusOne>,
    /// How many of them somebody has been told of.
    announced: usize,
    /// `immediate` does not say which parent a statement is for; each is for another.
    immediate: u32,
}

impl Finder {
    pub(crate) fn new() -> Self {
        Self {
            families: Bounded::new(FAMILIES),
            findings: Vec::new(),
            announced: 0,
            immediate: 0,
        }
    }

    pub(crate) fn findings(&self) -> &[NPlusOne] {
        &self.findings
    }

    /// Takes note of a statement that was sent. Gives whether it is part of an N+1.
    pub(crate) fn statement(&mut self, cause: &Cause<'_>) -> bool {
        let Some(sent) = self.for_one_parent(cause) else {
            return false;
        };
        let known = self.families.entry(sent.family(), || Known::of(&sent));
        if !known.is_n_plus_one {
            if known.first == sent.parent {
                known.alone += 1;
                return false;
            }
            self.begin(&sent);
        }
        if let Some(finding) = self.finding(&sent, sent.at) {
            finding.statements += 1;
        }
        true
    }

    /// Takes note that a statement is about to be sent. Gives the finding if it would be part of an N+1, and is
    /// therefore refused.
    pub(crate) fn refusal(&mut self, cause: &Cause<'_>) -> Option<&NPlusOne> {
        let sent = self.for_one_parent(cause)?;
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

    /// A finding of which nobody has been told yet.
    pub(crate) fn unannounced(&mut self) -> Option<&NPlusOne> {
        let finding = self.findings.get_mut(self.announced)?;
        self.announced += 1;
        Some(finding)
    }

    /// A second parent makes it an N+1. What the first one had sent belongs to it, and one statement is needed.
    fn begin(&mut self, sent: &Sent<'_>) {
        let known = self.families.entry(sent.family(), || Known::of(sent));
        known.is_n_plus_one = true;
        let (first_at, alone) = (known.first_at, known.alone);
        if let Some(finding) = self.finding(sent, first_at) {
            finding.statements += alone;
            finding.needed += 1;
        }
    }

    fn for_one_parent<'a>(&mut self, cause: &Cause<'a>) -> Option<Sent<'a>> {
        match *cause {
            Cause::Access {
                relation,
                strategy,
                at,
                parents,
                position,
            } => Some(Sent {
                relation,
                strategy,
                at,
                parents,
                parent: Parent::at(parents.identity(position)),
            }),
            Cause::Eager {
                relation,
                strategy: Strategy::Immediate,
                parents,
                ..
            } => {
                self.immediate = self.immediate.wrapping_add(1);
                Some(Sent {
                    relation,
                    strategy: Strategy::Immediate,
                    at: parents.origin(),
                    parents,
                    parent: Parent::at((parents.id(), self.immediate)),
                })
            }
            _ => None,
        }
    }

    /// The finding for a place.
    fn finding(&mut self, sent: &Sent<'_>, at: CallSite) -> Option<&mut NPlusOne> {
        let origin = sent.parents.origin();
        let lineage = sent.parents.lineage();
        let is_it = |finding: &NPlusOne| {
            finding.lineage == lineage
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
                    statements: 0,
                    needed: 0,
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

impl Sent<'_> {
    fn family(&self) -> Family {
        Family {
            root: self.parents.root(),
            lineage: self.parents.lineage(),
            relation: self.relation,
        }
    }
}
