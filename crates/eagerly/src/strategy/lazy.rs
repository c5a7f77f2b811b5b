//! `lazy`: related rows are loaded when they are accessed, for one parent at a time.
//!
//! ```sql
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//! ```
//!
//! Statements: one for each parent whose relation is accessed. For C customers and their orders that is 1 + C;
//! with the O orders' items 1 + C + O. Each is fast, which is why no slow-query log shows them.
//!
//! This is the default, and the trap: `customer.orders()?` looks like a field. It is right for a relation that
//! is needed of one parent, or of few. What is loaded is kept: a second access sends nothing.

use std::rc::Rc;

use crate::cohort::{Cohort, Related};
use crate::entity::Entity;
use crate::error::Result;
use crate::event::{CallSite, Cause};
use crate::fetch::{self, Joins};
use crate::relation::Relation;
use crate::sql::SelectSql;

/// Loads the relation of the one parent that is accessed.
pub(crate) fn load<'r, R: Relation>(
    related: &'r Rc<Related<R::Target>>,
    position: u32,
    parent: &R::Parent,
    at: CallSite,
) -> Result<&'r [R::Target]> {
    let key = R::key(parent);
    if key.is_null() {
        // A null points to nothing: there is nothing to ask the database.
        return Ok(related.keep_single(position, Vec::new()));
    }
    let cause = Cause::Lazy {
        relation: R::INFO,
        at,
        parents: &related.parents,
        position,
    };
    let sql = R::lazy_sql().get_or_init(statement::<R>);
    let cohort = Cohort::reached(&related.parents, R::INFO);
    let children = fetch::read(&cohort, cause, sql, key.values(), &mut Joins::none(), |_, _| {})?;
    Ok(related.keep_single(position, children))
}

fn statement<R: Relation>() -> String {
    let mut select = SelectSql::new(R::Target::TABLE, R::Target::COLUMNS);
    let matches = R::INFO.target_columns.iter().zip(1..);
    let conditions: Vec<_> = matches
        .map(|(column, number)| format!("{} = ?{number}", select.own(column)))
        .collect();
    select.condition = Some(conditions.join(" AND "));
    for column in R::Target::KEY {
        select.then_by(select.own(column));
    }
    select.text()
}
