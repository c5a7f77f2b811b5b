//! `lazy`: related rows are loaded when they are accessed, for one parent at a time.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//!     -- once for each customer
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items" WHERE "order_id" = ?1 ORDER BY "id"
//!     -- once for each order
//! ```
//!
//! Statements: one for each parent whose relation is accessed. For C customers and their orders that is 1 + C;
//! with the O orders' items 1 + C + O. Each is fast, which is why no slow-query log shows them.
//!
//! This is the default, and the trap: `customer.orders()?` looks like a field. It is right for a relation that
//! is needed of one parent, or of few. What is loaded is kept: a second access sends nothing.

use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::error::Result;
use crate::event::{CallSite, Cause};
use crate::fetch::{self, Fetch};
use crate::key::Key;
use crate::load::LoadTree;
use crate::related::Related;
use crate::relation::Relation;
use crate::source::Source;
use crate::sql::SelectSql;
use crate::strategy::Strategy;
use crate::value::Value;

/// Begins a load path: the relation is loaded when it is accessed, for one parent at a time. It is what
/// happens anyway, unless the entity or the session has another default.
///
/// ```
/// # use eagerly::lazy;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(lazy(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn lazy<R: Relation>(relation: R) -> crate::path::OnAccess<R> {
    crate::path::on_access(relation, Strategy::Lazy)
}

/// Loads the relation of the one parent that is accessed.
pub(crate) fn load<'r, R: Relation>(
    related: &'r Rc<Related<R::Target>>,
    position: u32,
    parent: &R::Parent,
    at: CallSite,
) -> Result<&'r [R::Target]> {
    let cause = Cause::Access {
        relation: R::INFO,
        strategy: Strategy::Lazy,
        at,
        parents: &related.parents,
        position,
    };
    let core = &related.parents.core;
    let children = related.with_below(|below| {
        core.in_snapshot_if(below.sends_statements(), at, || {
            one_parent::<R>(&related.parents, &R::key(parent), below, cause)
        })
    })?;
    Ok(related.keep_single(position, children))
}

/// The related rows of one parent.
pub(crate) fn one_parent<R: Relation>(
    parents: &Rc<Cohort>,
    key: &Key<'_>,
    below: &LoadTree<R::Target>,
    cause: Cause<'_>,
) -> Result<Vec<R::Target>> {
    if key.is_null() {
        // A null points to nothing: there is nothing to ask the database.
        return Ok(Vec::new());
    }
    let cohort = Cohort::reached::<R>(parents, cause.strategy(), false);
    if !below.joins() && !below.restates() {
        let sql = R::lazy_sql().get_or_init(|| statement::<R>(false).text());
        return fetch::unjoined(&cohort, cause, sql, key.values(), below);
    }
    let source = below.restates().then(|| {
        let values = key.values().iter().cloned().map(Value::into_owned);
        Source::new(statement::<R>(false), values.collect())
    });
    let fetch = Fetch {
        select: statement::<R>(below.joins()),
        values: key.values(),
        loads: below,
        source,
    };
    fetch.run(&cohort, cause, |_, _| {})
}

/// The statement for one parent.
pub(crate) fn statement<R: Relation>(joins: bool) -> SelectSql {
    let mut select = SelectSql::of::<R::Target>(joins);
    let matched = R::INFO.target_columns.iter().zip(1..);
    let conditions: Vec<_> = matched
        .map(|(column, number)| format!("{} = ?{number}", select.own(column)))
        .collect();
    select.condition = Some(conditions.join(" AND "));
    for column in R::Target::KEY {
        select.then_by(select.own(column));
    }
    select
}
