//! `batch`: related rows are loaded when they are first accessed, and then for the whole cohort.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "customer_id", "id"
//!     -- at the first `customer.orders()`, for all customers
//! ```
//!
//! Statements: 3, as for `selectin`, and none for a relation that is never accessed. `batch` needs no load
//! path. `session.default_strategy(Strategy::Batch)` turns a page of 1 + C + O statements into one of 3,
//! without a change to the page.
//!
//! It has two costs. The cohort keeps the parents' keys in memory as long as the rows live. And the first
//! access, to one parent, loads the children of all of them.

use crate::error::Result;
use crate::load::path::{After, OnAccess, Path, Selectable, StepFrom, Steps, by};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, PendingLoad, Step, keys};
use crate::load::strategy::lazy::Lazy;
use crate::load::strategy::selectin::{load_listed, plan_listed};
use crate::load::tree::LoadTree;
use crate::model::{Access, Relation};
use crate::query::Query;
use crate::trace::Strategy;

/// Begins a load path: the relation is loaded for all parents when it is accessed on any of them.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(batch(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), Error>(())
/// ```
pub fn batch<R: Relation>(relation: R) -> OnAccess<R> {
    by(Strategy::Batch, relation)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation that is loaded for all parents when it is accessed on any of them.
    pub fn batch<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<OnAccess<N>>> {
        self.then(batch(relation))
    }
}

pub(super) struct Batch;

impl<R: Relation> LoadingStrategy<R> for Batch {
    fn load(&self, step: &Step<R>, parents: &[R::Parent], _: Option<&Query>) -> Result<()> {
        step.defer(parents, Some(keys::<R>(parents.iter())));
        Ok(())
    }

    fn access<'r>(
        &self,
        pending: &PendingLoad<R>,
        below: &LoadTree<R::Target>,
        access: &Access<'r, R::Target>,
    ) -> Result<&'r [R::Target]> {
        let Some(mut keys) = pending.keys.clone() else {
            // The relation is loaded again for one row.
            return Lazy.access(pending, below, access);
        };
        // The program may have changed the key after the query.
        keys.set(access.position, &access.key);
        let parents = &access.related.parents;
        let cause = pending.cause(access);
        let snapshot = parents.gate.snapshot_if(below.sends_statements(), access.at)?;
        let children = load_listed::<R>(&access.related.parents, keys, Strategy::Batch, None, below, cause)?;
        snapshot.complete()?;
        access.related.keep_whole(children);
        match access.related.loaded(access.position, &access.key) {
            Some(rows) => Ok(rows),
            // While the statement ran, an observer has loaded the relation for another key of this row, or the new key has
            // another form than the others.
            None => Lazy.access(pending, below, access),
        }
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, _: Option<&Query>) {
        plan_listed(step, plan, "on first access, ");
    }
}
