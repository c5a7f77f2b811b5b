//! `subquery`: related rows are loaded up front, for the whole cohort, by a statement that re-states the
//! parents' own query instead of naming their keys.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" WHERE "last_name" = ?1 ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!     ORDER BY "customer_id", "id"
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items"
//!     WHERE "order_id" IN (SELECT "id" FROM "orders"
//!         WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1))
//!     ORDER BY "order_id", "id"
//! ```
//!
//! Statements: 3, as for `selectin`. No keys travel; instead the database finds the parents
//! again, once for each level, so a costly parents' query is paid for several times.
//!
//! Where the parents' query has no restriction, there is nothing to re-state. All children are read, in the
//! order in which they are stored:
//!
//! ```sql
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" ORDER BY "id"
//! ```
//!
//! The fastest way to load everything is to ask for everything: no index is searched, and the table is read
//! from its first page to its last. Handing the rows out is then a matter of counting (`scatter.rs`).

use crate::cohort::Cohort;
use crate::core::Core;
use crate::entity::Entity;
use crate::error::Result;
use crate::event::Cause;
use crate::fetch::Fetch;
use crate::link;
use crate::load::LoadTree;
use crate::related::Collection;
use crate::relation::Relation;
use crate::source::Source;
use crate::sql::{SelectSql, tuple};
use crate::strategy::comparison::Comparison;
use crate::strategy::parent_keys::ParentKeys;
use crate::strategy::scatter::Scatter;
use crate::strategy::{Strategy, selectin};

/// Begins a load path: the relation is loaded for all parents by one more statement, which re-states the
/// parents' own query.
///
/// ```
/// # use eagerly::subquery;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(subquery(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn subquery<R: Relation>(relation: R) -> crate::path::Start<R> {
    crate::path::Path::new(relation, Strategy::Subquery)
}

/// Loads the relation of all `parents`, which are the rows of `source`.
pub(crate) fn load<R: Relation>(
    parents: &[R::Parent],
    below: &LoadTree<R::Target>,
    source: Option<&Source>,
) -> Result<()> {
    let Some(related) = link::shared_by::<R>(parents) else {
        return Ok(());
    };
    let Some(source) = source else {
        return selectin::load::<R>(parents, below);
    };
    if parents.iter().all(|parent| R::key(parent).is_null()) {
        related.keep_whole(Collection::empty());
        return Ok(());
    }
    let cause = Cause::Eager {
        relation: R::INFO,
        strategy: Strategy::Subquery,
        is_part: false,
        parents: &related.parents,
    };
    let core = &related.parents.core;
    let whole = reads_whole_table::<R>(core, source);
    let (select, places) = statement::<R>(core, source, whole, below.joins());
    let values = if whole { &[] } else { source.values() };
    let fetch = Fetch {
        select,
        values,
        loads: below,
        source: below
            .restates()
            .then(|| Source::new(statement::<R>(core, source, whole, false).0, values.to_vec())),
    };
    let comparison = Comparison::of::<R>(core, &R::key(&parents[0]));
    let keys = ParentKeys::new(parents.len(), |position| {
        comparison.common_form(R::key(&parents[position]))
    });
    let collection = if whole {
        let mut scatter = Scatter::new(keys);
        let cohort = Cohort::reached::<R>(&related.parents, Strategy::Subquery, false);
        let children = fetch.run(&cohort, cause, |row, _| {
            scatter.row(row, &places, &comparison);
        })?;
        scatter.gather(children)
    } else {
        selectin::grouped::<R>(related, fetch, &places, keys, &comparison, cause)?
    };
    related.keep_whole(collection);
    Ok(())
}

/// Whether all children are read. Not for a belongs-to, where many parents may lead to few rows; and not from a
/// view, where we could not tell a child whose parent we fail to recognise from one that has none.
pub(crate) fn reads_whole_table<R: Relation>(core: &Core, source: &Source) -> bool {
    R::INFO.kind.points_here() && source.is_whole_table() && Comparison::is_known::<R>(core)
}

/// The statement, and the places in its result of the columns that are matched with the parents' keys.
pub(crate) fn statement<R: Relation>(
    core: &Core,
    source: &Source,
    whole: bool,
    joins: bool,
) -> (SelectSql, Vec<usize>) {
    let mut select = SelectSql::of::<R::Target>(joins);
    let matched = R::INFO.target_columns;
    let places = matched.iter().map(|column| select.place_of(column)).collect();
    if !whole {
        let columns: Vec<_> = matched.iter().map(|column| select.own(column)).collect();
        let parents = source.keys_for::<R>(core);
        select.condition = Some(format!("{} IN ({parents})", tuple(&columns)));
        for column in columns {
            select.then_by(column);
        }
    }
    for column in R::Target::KEY {
        select.then_by(select.own(column));
    }
    (select, places)
}
