//! `immediate`: related rows are loaded up front, but for one parent at a time.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//!     -- once for each customer, before the query returns
//! ```
//!
//! Statements: as for `lazy`, 1 + C + O, and all of them whether the relation is looked at or not. It is here
//! to show that *eager* is not the same as *few*: what matters is for how many parents a statement is.

use crate::error::Result;
use crate::event::Cause;
use crate::link;
use crate::load::LoadTree;
use crate::relation::Relation;
use crate::strategy::{Strategy, lazy};

/// Begins a load path: the relation is loaded up front, one parent at a time.
///
/// ```
/// # use eagerly::immediate;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(immediate(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 5);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn immediate<R: Relation>(relation: R) -> crate::path::Start<R> {
    crate::path::Path::new(relation, Strategy::Immediate)
}

/// Loads the relation of each parent in turn.
pub(crate) fn load<R: Relation>(parents: &[R::Parent], below: &LoadTree<R::Target>) -> Result<()> {
    let Some(related) = link::shared_by::<R>(parents) else {
        return Ok(());
    };
    let cause = Cause::Eager {
        relation: R::INFO,
        strategy: Strategy::Immediate,
        is_part: false,
        parents: &related.parents,
    };
    for (position, parent) in (0..).zip(parents) {
        let children = lazy::one_parent::<R>(&related.parents, &R::key(parent), below, cause)?;
        related.keep_single(position, children);
    }
    Ok(())
}
