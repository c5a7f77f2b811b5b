//! Finds eager loads that are never read: they cost statements and memory without benefit.
//!
//! A cohort (rows that were loaded together) records which of its relations are accessed. This module keeps
//! the cohorts of eager loads until the report, without their rows. What `session.preload` loads is left out, and what an advisor has
//! chosen.

use std::collections::VecDeque;
use std::rc::Rc;

use eagerly::Cohort;
use eagerly::RelationInfo;
use eagerly::{CallSite, Strategy};

use crate::bounded::Bounded;

/// The maximum number of places to remember.
const PLACES: usize = 1_000;

/// The maximum number of cohorts to remember for each place.
const COHORTS: usize = 10_000;

/// A relation that was loaded eagerly and never accessed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wasted {
    /// The relation, such as `Customer.orders`.
    pub relation: &'static RelationInfo,
    /// The strategy that loaded the relation.
    pub strategy: Strategy,
    /// The line of the query that loads the relation.
    pub origin: CallSite,
    /// The load path to the relation, such as `selectin(Customer::ORDERS)`. Its last step is unused.
    pub load_path: String,
    /// The number of statements that loaded the relation; 0 if it was joined to the statement of its parents.
    pub statements: u64,
    /// The number of rows that were loaded.
    pub rows: u64,
    /// The size of their values in bytes.
    pub bytes: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    origin: CallSite,
    lineage: u64,
    relation: &'static RelationInfo,
    is_part: bool,
}

/// The eager loads of one place.
struct Loaded {
    relation: &'static RelationInfo,
    strategy: Strategy,
    load_path: String,
    statements: u64,
    rows: u64,
    bytes: u64,
    /// The cohorts that can still be read.
    unread: VecDeque<Rc<Cohort>>,
    /// Whether a cohort was read. One is enough to justify the load.
    was_read: bool,
}

pub(crate) struct Waste(Bounded<Key, Loaded>);

impl Waste {
    pub(crate) fn new() -> Self {
        Self(Bounded::new(PLACES))
    }

    /// Records a cohort if it was loaded eagerly.
    pub(crate) fn cohort(&mut self, cohort: &Rc<Cohort>) {
        let (Some(relation), Some(strategy)) = (cohort.relation(), cohort.strategy()) else {
            return;
        };
        // Without parents, the relation cannot be accessed.
        let has_parents = cohort.parents().is_some_and(|parents| parents.size() > 0);
        // A preload loads the relation for rows of several cohorts together, and an access is recorded in one of them. What
        // an advisor has chosen is not in the source, so it cannot be removed there.
        let is_written = cohort.preloaded_at().is_none() && !cohort.is_learned();
        if !strategy.is_eager() || !has_parents || !is_written {
            return;
        }
        let key =
            Key { origin: cohort.origin(), lineage: cohort.lineage(), relation, is_part: cohort.is_part() };
        let loaded = self.0.entry(key, || Loaded {
            relation,
            strategy,
            load_path: cohort.path(),
            statements: 0,
            rows: 0,
            bytes: 0,
            unread: VecDeque::new(),
            was_read: false,
        });
        loaded.statements += u64::from(strategy != Strategy::Joined);
        loaded.rows += u64::from(cohort.size());
        loaded.bytes += cohort.bytes();
        if loaded.was_read {
            return;
        }
        // The parents' cohort records the accesses, so one child cohort per parents' cohort is enough.
        let parents = |cohort: &Rc<Cohort>| cohort.parents().map(Cohort::id);
        if loaded.unread.back().is_none_or(|last| parents(last) != parents(cohort)) {
            loaded.unread.push_back(Rc::clone(cohort));
        }
        if loaded.unread.len() > COHORTS {
            loaded.was_read = loaded.unread.pop_front().is_some_and(|oldest| oldest.was_accessed());
        }
    }

    /// Returns the eager loads that were not read so far.
    pub(crate) fn wasted(&self) -> Vec<Wasted> {
        self.0.iter().filter(|(_, loaded)| !loaded.is_read()).map(of).collect()
    }

    /// Returns the eager loads that were read, in the same form.
    pub(crate) fn read(&self) -> Vec<Wasted> {
        self.0.iter().filter(|(_, loaded)| loaded.is_read()).map(of).collect()
    }
}

impl Loaded {
    fn is_read(&self) -> bool {
        self.was_read || self.unread.iter().any(|cohort| cohort.was_accessed())
    }
}

fn of((key, loaded): (&Key, &Loaded)) -> Wasted {
    Wasted {
        relation: loaded.relation,
        strategy: loaded.strategy,
        origin: key.origin,
        load_path: loaded.load_path.clone(),
        statements: loaded.statements,
        rows: loaded.rows,
        bytes: loaded.bytes,
    }
}
