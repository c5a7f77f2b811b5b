//! Relations that were loaded eagerly and that nobody read: the price of an eager load without its use.
//!
//! A cohort remembers which of its relations were accessed. What was loaded up front is kept in mind here, without its
//! rows, until somebody asks for a report.

use std::collections::VecDeque;
use std::rc::Rc;

use eagerly::cohort::Cohort;
use eagerly::relation::RelationInfo;
use eagerly::{CallSite, Strategy};

use crate::bounded::Bounded;

/// How many places, and how many cohorts of each, are kept in mind.
const PLACES: usize = 1_000;
const COHORTS: usize = 10_000;

/// A relation that was loaded eagerly and never accessed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wasted {
    /// The relation.
    pub relation: &'static RelationInfo,
    /// The strategy that loaded it.
    pub strategy: Strategy,
    /// Where the query is that brings it along.
    pub origin: CallSite,
    /// The load path that leads to it: `selectin(Customer::ORDERS)`. Its last step is what to remove.
    pub load_path: String,
    /// How many rows were loaded.
    pub rows: u64,
    /// What their values weigh.
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
    rows: u64,
    bytes: u64,
    /// Those of which nobody knows yet whether they will be read.
    unread: VecDeque<Rc<Cohort>>,
    /// Whether one was read: then the load is of use.
    was_read: bool,
}

/// Finds waste.
pub(crate) struct Waste(Bounded<Key, Loaded>);

impl Waste {
    pub(crate) fn new() -> Self {
        Self(Bounded::new(PLACES))
    }

    /// Takes note of a cohort.
    pub(crate) fn cohort(&mut self, cohort: &Rc<Cohort>) {
        let (Some(relation), Some(strategy)) = (cohort.relation(), cohort.strategy()) else {
            return;
        };
        // Without parents there is nothing that could be read.
        let has_parents = cohort.parents().is_some_and(|parents| parents.size() > 0);
        if !strategy.is_eager() || !has_parents {
            return;
        }
        let key = Key {
            origin: cohort.origin(),
            lineage: cohort.lineage(),
            relation,
            is_part: cohort.is_part(),
        };
        let loaded = self.0.entry(key, || Loaded {
            relation,
            strategy,
            load_path: cohort.path(),
            rows: 0,
            bytes: 0,
            unread: VecDeque::new(),
            was_read: false,
        });
        loaded.rows += u64::from(cohort.size());
        loaded.bytes += cohort.bytes();
        if loaded.was_read {
            return;
        }
        // The parents know what was accessed: of the cohorts of one parents', one will do.
        let parents = |cohort: &Rc<Cohort>| cohort.parents().map(Cohort::id);
        if loaded
            .unread
            .back()
            .is_none_or(|last| parents(last) != parents(cohort))
        {
            loaded.unread.push_back(Rc::clone(cohort));
        }
        if loaded.unread.len() > COHORTS {
            loaded.was_read = loaded
                .unread
                .pop_front()
                .is_some_and(|oldest| oldest.was_accessed());
        }
    }

    /// What nobody has read so far.
    pub(crate) fn wasted(&self) -> Vec<Wasted> {
        let unread =
            |loaded: &Loaded| !loaded.was_read && !loaded.unread.iter().any(|cohort| cohort.was_accessed());
        self.0
            .iter()
            .filter(|(_, loaded)| unread(loaded))
            .map(|(key, loaded)| Wasted {
                relation: loaded.relation,
                strategy: loaded.strategy,
                origin: key.origin,
                load_path: loaded.load_path.clone(),
                rows: loaded.rows,
                bytes: loaded.bytes,
            })
            .collect()
    }
}
