//! `selectin`: related rows are loaded up front, for the whole cohort, by one statement that lists the parents' keys.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "customer_id", "id"
//!     -- ?1: the ids of the customers
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items"
//!     WHERE "order_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "order_id", "id"
//!     -- ?1: the ids of the orders
//! ```
//!
//! On PostgreSQL the list is `= ANY($1::bigint[])`.
//!
//! Statements: one for each relation in the load path, for any number of parents. Without a parent, none. All
//! keys are bound as one array under one parameter. So the text is the same for one parent and for a million,
//! it is prepared once, and no limit on parameters applies.
//!
//! The rows are sorted by foreign key; an index makes that free. So the children of a parent are together
//! (`matching/mod.rs`). `query/children.rs` shows the form of the statement for keys that are not integers.

use crate::database::{Array, KeyTypes, Row};
use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::load::fetch::fetch;
use crate::load::matching::Matching;
use crate::load::matching::parent_keys::ParentKeys;
use crate::load::path::{After, Path, Selectable, Start, StepFrom, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, Step, keys, related};
use crate::load::tree::LoadTree;
use crate::model::{Collection, Keys, Parents, Relation};
use crate::query::{Children, ParentFilter, PartSpec, Query};
use crate::trace::{Cause, Strategy};

/// Begins a load path: the relation is loaded for all parents by one more statement, which lists the parents' keys.
///
/// It takes a relation, or a part of one: `Customer::ORDERS.filter(…)`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), Error>(())
/// ```
pub fn selectin<S: Selectable>(relation: S) -> Start<S> {
    Path::start(relation, Strategy::Selectin)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation, or a part of one, that is loaded by one more statement.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    /// let customers = session.all(Customer::select().with(path))?;
    /// assert_eq!(customers[0].orders()?[0].items()?.len(), 4);
    /// assert_eq!(tally.statements(), 3);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn selectin<N: StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<Start<N>>> {
        self.then(selectin(relation))
    }
}

pub(super) struct Selectin;

impl<R: Relation> LoadingStrategy<R> for Selectin {
    fn load(&self, step: &Step<R>, parents: &[R::Parent], _: Option<&Query>) -> Result<()> {
        if step.has_second_part {
            return Err(two_parts::<R>());
        }
        load(step, parents)
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, _: Option<&Query>) {
        if step.has_second_part {
            plan.fail(two_parts::<R>());
        }
        let what = if step.part.is_some() { "part of " } else { "" };
        plan_listed(step, plan, what);
    }
}

pub(crate) fn two_parts<R: Relation>() -> Error {
    Error::TwoParts { relation: R::INFO.to_string() }
}

/// Loads the relation for all parents.
pub(super) fn load<R: Relation>(step: &Step<R>, parents: &[R::Parent]) -> Result<()> {
    let Some(related) = related::<R>(parents) else {
        return Ok(());
    };
    let cause = step.cause(&related.parents, None);
    let part = step.part.as_ref();
    let keys = keys::<R>(parents.iter());
    let children = load_listed::<R>(&related.parents, keys, step.strategy, part, &step.below, cause)?;
    match part {
        Some(_) => related.keep_part(children),
        None => related.keep_whole(children),
    }
    Ok(())
}

/// Returns the related rows of the parents that have these keys.
pub(crate) fn load_listed<R: Relation>(
    parents: &Parents,
    keys: Keys,
    strategy: Strategy,
    part: Option<&PartSpec>,
    below: &LoadTree<R::Target>,
    cause: Cause<'_>,
) -> Result<Collection<R::Target>> {
    let gate = &parents.gate;
    let types = gate.key_types(R::INFO)?;
    let index = ParentKeys::new(&keys, types.are_integers());
    let list = index.list();
    if list.is_empty() {
        return Ok(Collection::empty(keys));
    }
    let build = |is_joined| listed::<R>(gate, &types, list.clone(), part, is_joined);
    let restated = below.restates().then(|| build(false)).transpose()?.map(|children| children.query);
    let statement = build(below.joins())?;
    let mut matching = Matching::together(index, statement.place);
    let to = parents.reached(R::INFO, strategy, cause);
    let mut each = |row: &Row<'_>, position| matching.row(row, position);
    let children = fetch(to, statement.query, restated, below, cause, Some(&mut each))?;
    let (children, ranges) = matching.assigned(children, R::INFO).map_err(|error| gate.redacted(error))?;
    Ok(Collection::new(children, ranges, keys))
}

/// Returns the statement for the related rows of the parents whose keys are in a list.
fn listed<R: Relation>(
    gate: &Gate,
    types: &KeyTypes,
    list: Array,
    part: Option<&PartSpec>,
    is_joined: bool,
) -> Result<Children> {
    let filter = match types {
        KeyTypes::Integers => ParentFilter::IntegerKeys,
        KeyTypes::Others(types) => ParentFilter::AnyKeys(types),
    };
    let values = gate.dialect.bound_keys(list, R::INFO.target_columns.len());
    Ok(Children::of(R::INFO, filter, PartSpec::bindings(part, R::INFO, gate, values)?, part, is_joined))
}

/// Adds the statement that lists keys to a plan.
pub(super) fn plan_listed<R: Relation>(step: &Step<R>, plan: &mut Plan, what: &str) {
    step.plan_statement(
        plan,
        format!("{what}{}, by selectin", R::INFO),
        format!("the keys of all rows of {:?}", R::INFO.parent.full_name),
        &|gate, is_joined| {
            let types = gate.key_types(R::INFO)?;
            Ok(listed::<R>(gate, &types, Array::default(), step.part.as_ref(), is_joined)?.query)
        },
    );
}
