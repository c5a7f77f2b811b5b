//! Finds relations of rows that were queried one by one: `session.get(…)` in a loop, and then an access to each row.
//!
//! ```text
//! for id in ids {
//!     let customer = session.get::<Customer>(id)?;     // a statement for each row
//!     customer.orders()?;                              // and one for its orders
//! }
//! ```
//!
//! Each row is the root of a cohort of its own, so no two parents descend from one query. The rows may belong together,
//! or each to a request of its own. The cause does not say which, so this is a hint and not a finding.

use eagerly::{CallSite, Cohort, EntityInfo, RelationInfo};

use crate::bounded::Bounded;

/// The minimum number of rows for a hint.
const ROWS: u64 = 5;

/// The maximum number of places to remember. Older ones are evicted.
const PLACES: usize = 1_000;

/// The maximum number of relations between the queried row and the accessed one. It bounds the time of a long walk.
const STEPS: usize = 8;

/// A relation of at least five rows, each of which was queried by a statement of its own at the same line.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OneByOne {
    /// The relation, such as `Customer.orders`.
    pub relation: &'static RelationInfo,
    /// The entity of the queried rows.
    pub entity: &'static EntityInfo,
    /// Whether the rows were queried by their keys, with `get`.
    pub is_by_key: bool,
    /// The line that accesses the relation.
    pub at: CallSite,
    /// The line that queries the rows.
    pub origin: CallSite,
    /// The load path to add to a query for all rows, such as `selectin(Customer::ORDERS)`.
    pub load_path: String,
    /// The number of rows. For each, a statement loaded the relation.
    pub rows: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    origin: CallSite,
    lineage: u64,
    relation: &'static RelationInfo,
    at: CallSite,
}

impl Place {
    fn of(parents: &Cohort, relation: &'static RelationInfo, at: CallSite) -> Self {
        Self { origin: parents.origin(), lineage: parents.lineage(), relation, at }
    }
}

pub(crate) struct Rows(Bounded<Place, OneByOne>);

impl Rows {
    pub(crate) fn new() -> Self {
        Self(Bounded::new(PLACES))
    }

    /// Records the first statement for a relation below a query, if that query returned one row. Returns whether it did.
    pub(crate) fn add(&mut self, parents: &Cohort, relation: &'static RelationInfo, at: CallSite) -> bool {
        let Some(entity) = single_root(parents, relation) else {
            return false;
        };
        let place = Place::of(parents, relation, at);
        let known = self.0.entry(place, || OneByOne {
            relation,
            entity,
            is_by_key: parents.by_key().is_some(),
            at,
            origin: place.origin,
            load_path: parents.load_path(relation),
            rows: 0,
        });
        known.rows += 1;
        true
    }

    /// Forgets a row, because its statements are an N+1.
    pub(crate) fn remove(&mut self, parents: &Cohort, relation: &'static RelationInfo, at: CallSite) {
        if let Some(known) = self.0.get_mut(&Place::of(parents, relation, at)) {
            known.rows = known.rows.saturating_sub(1);
        }
    }

    pub(crate) fn hints(&self) -> Vec<OneByOne> {
        let places = self.0.iter().map(|(_, known)| known);
        places.filter(|known| known.rows >= ROWS).cloned().collect()
    }
}

/// Returns the entity of the row that the program queried, if the query returned one row.
fn single_root(parents: &Cohort, relation: &'static RelationInfo) -> Option<&'static EntityInfo> {
    if parents.is_reloaded() {
        return None;
    }
    let (mut root, mut entity) = (parents, relation.parent);
    for _ in 0..STEPS {
        match (root.parents(), root.relation()) {
            (Some(above), Some(step)) => (root, entity) = (above, step.parent),
            _ => return (root.size() == 1 && root.chunk() == 0).then_some(entity),
        }
    }
    None
}
