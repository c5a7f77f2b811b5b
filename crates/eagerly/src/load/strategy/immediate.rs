//! `immediate`: related rows are loaded up front, one parent at a time.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//!     -- once for each customer, before the query returns
//! ```
//!
//! Statements: 1 + C + O, as for `lazy`, even if the relation is never read. Eager loading does not by itself
//! send fewer statements. What counts is how many parents one statement serves.

use crate::error::Result;
use crate::load::path::{After, Path, Selectable, Start, StepFrom, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, Step, related};
use crate::load::strategy::lazy::{load_one, plan_one_by_one};
use crate::model::Relation;
use crate::query::Query;
use crate::trace::Strategy;

/// Begins a load path: the relation is loaded up front, for one parent at a time.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(immediate(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 5);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 5);
/// # Ok::<(), Error>(())
/// ```
pub fn immediate<R: Relation>(relation: R) -> Start<R> {
    Path::start(relation, Strategy::Immediate)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation that is loaded up front, for one parent at a time.
    pub fn immediate<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<Start<N>>> {
        self.then(immediate(relation))
    }
}

pub(super) struct Immediate;

impl<R: Relation> LoadingStrategy<R> for Immediate {
    fn load(&self, step: &Step<R>, parents: &[R::Parent], _: Option<&Query>) -> Result<()> {
        let Some(related) = related::<R>(parents) else {
            return Ok(());
        };
        for (position, parent) in (0..).zip(parents) {
            let (key, cause) = (R::key(parent), step.cause(&related.parents, Some(position)));
            let children = load_one::<R>(&related.parents, &key, step.strategy, &step.below, cause)?;
            related.keep_single(position, &key, children);
        }
        Ok(())
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, _: Option<&Query>) {
        plan_one_by_one(step, plan, "up front");
    }
}
