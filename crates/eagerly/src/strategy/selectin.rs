//! `selectin`: related rows are loaded up front, for the whole cohort, by one statement that names the
//! parents' keys.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN rarray(?1) ORDER BY "customer_id", "id"      -- ?1: the ids of the customers
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items"
//!     WHERE "order_id" IN rarray(?1) ORDER BY "order_id", "id"            -- ?1: the ids of the orders
//! ```
//!
//! Statements: one for each relation in the load path, however many parents there are; none if there is no
//! parent. All keys are bound as one array under one parameter, so the text is the same for one parent and for
//! a million: it is prepared once, and there is no limit of variables to run into.
//!
//! The rows come sorted by foreign key, straight from its index, so that the children of a parent lie
//! together. Handing them out is a walk along the parents, not a look-up for each row (`grouping.rs`).

use crate::cohort::{Cohort, Collection, count};
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::Result;
use crate::event::Cause;
use crate::fetch::fetch;
use crate::key::Key;
use crate::load::Loads;
use crate::relation::Relation;
use crate::sql::SelectSql;
use crate::strategy::Strategy;
use crate::strategy::grouping::{Grouping, SortedParents};
use crate::value::{Array, Value};

/// Loads the relation of all `parents`, which are one cohort, and what is to be loaded `below` it.
pub(crate) fn load<R: Relation>(parents: &[R::Parent], below: &Loads<R::Target>) -> Result<()> {
    let Some(related) = parents.first().and_then(|first| R::link(first).related()) else {
        return Ok(());
    };
    let sorted = SortedParents::<R>::new(parents);
    let keys: Array = sorted.distinct_keys();
    if keys.is_empty() {
        // All foreign keys are null: no row can match.
        related.keep_whole(Collection::empty());
        return Ok(());
    }
    let (select, key_places) = statement::<R>(below.joins());
    let cause = Cause::Eager {
        relation: R::INFO,
        parents: &related.parents,
        strategy: Strategy::Selectin,
    };
    let mut grouping = Grouping::new(sorted);
    let children = fetch(
        &Cohort::reached(&related.parents, R::INFO),
        cause,
        select,
        &[Value::Array(keys)],
        below,
        |row: &Row<'_>, position| grouping.row(&Key::read(row, &key_places), position),
    )?;
    let ranges = grouping.finish(count(children.len(), R::Target::NAME)?);
    related.keep_whole(Collection::new(children, ranges));
    Ok(())
}

/// The statement, and the places in its result of the columns that are matched with the parents' keys.
fn statement<R: Relation>(joins: bool) -> (SelectSql, Vec<usize>) {
    let begin = if joins { SelectSql::joining } else { SelectSql::new };
    let mut select = begin(R::Target::TABLE, R::Target::COLUMNS);
    let matched = R::INFO.target_columns;
    let places = matched.iter().map(|column| select.place_of(column)).collect();
    let columns: Vec<_> = matched.iter().map(|column| select.own(column)).collect();
    select.condition = Some(format!("{} IN rarray(?1)", columns.join(", ")));
    for column in matched.iter().chain(R::Target::KEY) {
        select.then_by(select.own(column));
    }
    (select, places)
}
