//! `lazy`: related rows are loaded when they are accessed, for one parent at a time.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//!     -- once for each customer
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items"
//!     WHERE "order_id" = ?1 ORDER BY "id"
//!     -- once for each order
//! ```
//!
//! Statements: one for each parent whose relation is accessed. For C customers and their orders that is
//! 1 + C. With the items of the O orders it is 1 + C + O. Each statement is fast, so no slow-query log shows
//! them.
//!
//! This is the default, and the trap: `customer.orders()?` looks like a field. It is right for a relation
//! that is needed for one or a few parents. What is loaded is kept, so a second access sends nothing.

use std::any::TypeId;

use crate::database::Value;
use crate::error::Result;
use crate::gate::Gate;
use crate::load::fetch::{fetch, fetch_text};
use crate::load::path::{After, OnAccess, Path, Selectable, StepFrom, Steps, by};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, PendingLoad, Step};
use crate::load::tree::LoadTree;
use crate::model::{Access, Key, Parents, Relation};
use crate::query::{Children, ParentFilter, PartSpec, Query};
use crate::trace::{Cause, Strategy};

/// Begins a load path: the relation is loaded when it is accessed, for one parent at a time.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(lazy(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 5);
/// # Ok::<(), Error>(())
/// ```
pub fn lazy<R: Relation>(relation: R) -> OnAccess<R> {
    by(Strategy::Lazy, relation)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation that is loaded when it is accessed, for one parent at a time.
    pub fn lazy<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<OnAccess<N>>> {
        self.then(lazy(relation))
    }
}

pub(super) struct Lazy;

impl<R: Relation> LoadingStrategy<R> for Lazy {
    fn load(&self, step: &Step<R>, parents: &[R::Parent], _: Option<&Query>) -> Result<()> {
        step.defer(parents, None);
        Ok(())
    }

    fn access<'r>(
        &self,
        pending: &PendingLoad<R>,
        below: &LoadTree<R::Target>,
        access: &Access<'r, R::Target>,
    ) -> Result<&'r [R::Target]> {
        let parents = &access.related.parents;
        let cause = pending.cause(access);
        let snapshot = parents.gate.snapshot_if(below.sends_statements(), access.at)?;
        let children = load_one::<R>(parents, &access.key, Strategy::Lazy, below, cause)?;
        snapshot.complete()?;
        Ok(access.related.keep_single(access.position, &access.key, children))
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, _: Option<&Query>) {
        plan_one_by_one(step, plan, "on access");
    }
}

/// Loads the related rows of one parent.
pub(crate) fn load_one<R: Relation>(
    parents: &Parents,
    key: &Key<'_>,
    strategy: Strategy,
    below: &LoadTree<R::Target>,
    cause: Cause<'_>,
) -> Result<Vec<R::Target>> {
    if key.is_null() {
        // A null points to nothing, so nothing is sent.
        return Ok(Vec::new());
    }
    let children = parents.reached(R::INFO, strategy, cause);
    if !below.joins() && !below.restates() && !R::INFO.is_through() {
        // The usual case. The text is built once for a session, because a page calls this for each row.
        let build = || Ok(query::<R>(&parents.gate, key, false)?.select.text());
        let text = parents.gate.lazy_text(TypeId::of::<R>(), &build)?;
        return fetch_text(children, &text, key.values(), below, cause);
    }
    let query = |is_joined| query::<R>(&parents.gate, key, is_joined);
    let restated = below.restates().then(|| query(false)).transpose()?;
    fetch(children, query(below.joins())?, restated, below, cause, None)
}

fn query<R: Relation>(gate: &Gate, key: &Key<'_>, is_joined: bool) -> Result<Query> {
    let values = key.values().iter().cloned().map(Value::into_owned).collect();
    let filter = ParentFilter::OneParent { is_integer: gate.has_integer_parameter(R::INFO)? };
    Ok(Children::of(R::INFO, filter, PartSpec::bindings(None, R::INFO, gate, values)?, None, is_joined).query)
}

/// Adds a statement that is sent for one parent at a time to a plan.
pub(super) fn plan_one_by_one<R: Relation>(step: &Step<R>, plan: &mut Plan, when: &str) {
    let table = R::INFO.parent.full_name;
    let key = Key::Many(vec![Value::Null; R::INFO.target_columns.len()]);
    let before = plan.repeated_for.replace(table);
    step.plan_statement(
        plan,
        format!("{}, by {}", R::INFO, step.strategy),
        format!("the key of one row of {table:?}, {when}"),
        &|gate, is_joined| query::<R>(gate, &key, is_joined),
    );
    plan.repeated_for = before;
}
