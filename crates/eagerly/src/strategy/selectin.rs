//! `selectin`: related rows are loaded up front, for the whole cohort, by one statement that names the
//! parents' keys.
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
//! Statements: one for each relation in the load path, however many parents there are; none if there is no
//! parent. All keys are bound as one array under one parameter, so the text is the same for one parent and for
//! a million: it is prepared once, and there is no limit of variables to run into. (The `+` makes SQLite compare
//! a key as it would compare a bound value: a number then finds its like in a column of text. Without it, a
//! number would find nothing there.)
//!
//! The rows come sorted by foreign key, straight from its index, so that the children of a parent lie
//! together. Handing them out is a walk along the parents, not a look-up for each row (`grouping.rs`).

use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::Cause;
use crate::fetch::Fetch;
use crate::key::Key;
use crate::link;
use crate::load::LoadTree;
use crate::related::{Collection, Related};
use crate::relation::{Relation, RelationInfo};
use crate::source::Source;
use crate::sql::{SelectSql, tuple};
use crate::strategy::Strategy;
use crate::strategy::comparison::Comparison;
use crate::strategy::grouping::Grouping;
use crate::strategy::parent_keys::ParentKeys;
use crate::value::{Array, Value};

/// Begins a load path: the relation is loaded for all parents by one more statement, with
/// `WHERE foreign key IN (the parents' keys)`.
///
/// It takes a relation, or a part of one: `Customer::ORDERS.filter(…)`.
///
/// ```
/// # use eagerly::selectin;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn selectin<S: crate::path::Selectable>(relation: S) -> crate::path::Start<S> {
    crate::path::Path::new(relation, Strategy::Selectin)
}

/// Loads the relation of all `parents`, which are one cohort, and what is to be loaded `below` it.
pub(crate) fn load<R: Relation>(parents: &[R::Parent], below: &LoadTree<R::Target>) -> Result<()> {
    let Some(related) = link::shared_by::<R>(parents) else {
        return Ok(());
    };
    let cause = Cause::Eager {
        relation: R::INFO,
        strategy: Strategy::Selectin,
        is_part: false,
        parents: &related.parents,
    };
    load_for::<R>(
        related,
        parents.len(),
        |position| R::key(&parents[position]),
        below,
        cause,
    )
}

/// Loads the relation of so many parents, whose keys `key_at` gives.
pub(crate) fn load_for<'p, R: Relation>(
    related: &Rc<Related<R::Target>>,
    parents: usize,
    key_at: impl Fn(usize) -> Key<'p>,
    below: &LoadTree<R::Target>,
    cause: Cause<'_>,
) -> Result<()> {
    let comparison = Comparison::of::<R>(&related.parents.core, &key_at(0));
    let keys = ParentKeys::new(parents, |position| comparison.common_form(key_at(position)));
    let Some(bound) = bind_keys(R::INFO, keys.distinct())? else {
        related.keep_whole(Collection::empty());
        return Ok(());
    };
    let values = [bound];
    let (select, places) = statement::<R>(below.joins());
    let fetch = Fetch {
        select,
        values: &values,
        loads: below,
        source: below
            .restates()
            .then(|| Source::new(statement::<R>(false).0, values.to_vec())),
    };
    let children = grouped::<R>(related, fetch, &places, keys, &comparison, cause)?;
    related.keep_whole(children);
    Ok(())
}

/// Runs a statement whose rows come sorted by the columns at `places`, and hands them to the parents that have
/// those keys.
pub(crate) fn grouped<'p, R: Relation>(
    related: &Rc<Related<R::Target>>,
    fetch: Fetch<'_, R::Target>,
    places: &[usize],
    keys: ParentKeys<impl Fn(usize) -> Key<'p>>,
    comparison: &Comparison,
    cause: Cause<'_>,
) -> Result<Collection<R::Target>> {
    let mut grouping = Grouping::new(keys);
    let cohort = Cohort::reached::<R>(&related.parents, cause.strategy(), cause.is_part());
    let children = fetch.run(&cohort, cause, |row, position| {
        grouping.row(row, places, comparison, position);
    })?;
    let ranges = grouping.finish(R::INFO, cohort.size())?;
    Ok(Collection::new(children, ranges))
}

/// The statement, and the places in its result of the columns that are matched with the parents' keys.
pub(crate) fn statement<R: Relation>(joins: bool) -> (SelectSql, Vec<usize>) {
    let mut select = SelectSql::of::<R::Target>(joins);
    let places = R::INFO
        .target_columns
        .iter()
        .map(|column| select.place_of(column))
        .collect();
    select.condition = Some(in_keys(&select, R::INFO.target_columns));
    for column in R::INFO.target_columns.iter().chain(R::Target::KEY) {
        select.then_by(select.own(column));
    }
    (select, places)
}

/// `"customer_id" IN (SELECT +value FROM rarray(?1))`.
///
/// A key of several columns is compared as a whole, never column by column: `a IN … AND b IN …` would match
/// the `a` of one parent with the `b` of another. Such keys are bound as one JSON text.
pub(crate) fn in_keys(select: &SelectSql, columns: &[&str]) -> String {
    let matched: Vec<_> = columns.iter().map(|column| select.own(column)).collect();
    let keys = match matched.len() {
        1 => "SELECT +value FROM rarray(?1)".to_owned(),
        several => {
            let parts: Vec<_> = (0..several).map(|part| format!("value ->> {part}")).collect();
            format!("SELECT {} FROM json_each(?1)", parts.join(", "))
        }
    };
    format!("{} IN ({keys})", tuple(&matched))
}

/// The keys as one bound value; `None` if there is no key that a row could match.
pub(crate) fn bind_keys<'k>(
    relation: &RelationInfo,
    keys: impl Iterator<Item = Key<'k>>,
) -> Result<Option<Value<'static>>> {
    if let [_] = relation.target_columns {
        let single = keys.filter_map(|key| match key {
            Key::One(value) => Some(value),
            Key::Many(_) => None,
        });
        let array: Array = single.collect();
        return Ok((!array.is_empty()).then_some(Value::Array(array)));
    }
    let mut json = String::new();
    for key in keys {
        json.push(if json.is_empty() { '[' } else { ',' });
        let parts: Option<Vec<_>> = key.values().iter().map(json_value).collect();
        let parts = parts.ok_or_else(|| Error::UnsupportedKey {
            relation: relation.to_string(),
            key: key.to_string(),
        })?;
        json.push_str(&format!("[{}]", parts.join(",")));
    }
    Ok((!json.is_empty()).then(|| Value::Text(format!("{json}]").into())))
}

/// A value in JSON; `None` for what JSON cannot hold.
fn json_value(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Real(real) if real.is_finite() => Some(format!("{real:?}")),
        // SQLite ends a JSON text at a NUL within it.
        Value::Text(text) if !text.contains('\0') => {
            let escaped = text.chars().map(|character| match character {
                '"' | '\\' => format!("\\{character}"),
                '\x01'..='\x1f' => format!("\\u{:04x}", u32::from(character)),
                other => other.to_string(),
            });
            Some(format!("\"{}\"", escaped.collect::<String>()))
        }
        _ => None,
    }
}
