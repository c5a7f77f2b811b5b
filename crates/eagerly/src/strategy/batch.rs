//! `batch`: related rows are loaded when they are first accessed, and then for the whole cohort.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "customer_id", "id"
//!     -- at the first `customer.orders()`, for all customers
//! ```
//!
//! Statements: 3, as for `selectin`, and none for a relation that nobody accesses. It needs
//! no load path: `session.default_strategy(Strategy::Batch)` turns a page that fires 1 + C + O statements into
//! one that fires 3, without a change to the page.
//!
//! The price is memory for the parents' keys, which the cohort keeps until then, and that one access to one
//! parent loads the children of all.

use std::rc::Rc;

use crate::error::Result;
use crate::event::{CallSite, Cause};
use crate::key::Key;
use crate::related::Related;
use crate::relation::Relation;
use crate::strategy::{Strategy, selectin};
use crate::value::Value;

/// Begins a load path: the relation is loaded for all parents when it is accessed of any.
///
/// ```
/// # use eagerly::batch;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(batch(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn batch<R: Relation>(relation: R) -> crate::path::OnAccess<R> {
    crate::path::on_access(relation, Strategy::Batch)
}

/// The keys of a cohort, kept until they are needed.
pub(crate) enum StoredKeys {
    /// What keys mostly are, in 8 bytes each.
    Integers(Vec<i64>),
    /// Any others.
    Others(Vec<Key<'static>>),
}

/// Takes note of the parents' keys.
pub(crate) fn keys<R: Relation>(parents: &[R::Parent]) -> StoredKeys {
    let integer = |parent| match R::key(parent) {
        Key::One(Value::Integer(integer)) => Some(integer),
        _ => None,
    };
    match parents.iter().map(integer).collect() {
        Some(integers) => StoredKeys::Integers(integers),
        None => StoredKeys::Others(parents.iter().map(|parent| R::key(parent).into_owned()).collect()),
    }
}

/// Loads the relation of all parents, because that of one is accessed.
pub(crate) fn load<R: Relation>(
    related: &Rc<Related<R::Target>>,
    position: u32,
    at: CallSite,
) -> Result<&[R::Target]> {
    let cause = Cause::Access {
        relation: R::INFO,
        strategy: Strategy::Batch,
        at,
        parents: &related.parents,
        position,
    };
    let core = &related.parents.core;
    related.with_below(|below| {
        core.in_snapshot_if(below.sends_statements(), at, || {
            match related.policy().and_then(|policy| policy.keys.as_ref()) {
                Some(StoredKeys::Integers(integers)) => {
                    let key_at = |position: usize| Key::One(Value::Integer(integers[position]));
                    selectin::load_for::<R>(related, integers.len(), key_at, below, cause)
                }
                Some(StoredKeys::Others(others)) => {
                    let key_at = |position: usize| others[position].borrowed();
                    selectin::load_for::<R>(related, others.len(), key_at, below, cause)
                }
                None => Ok(()),
            }
        })
    })?;
    Ok(related.loaded(position).unwrap_or_default())
}
