//! The statements that select related rows. Every strategy except `joined` and `raise` uses this one builder.
//!
//! ```sql
//! -- of one parent
//! SELECT "id", … FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
//!
//! -- of the parents in a list of integer keys
//! SELECT "id", … FROM "orders" WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "customer_id", "id"
//!
//! -- of the parents in a list of any other keys
//! SELECT "cities"."id", …, "keys"."key number"
//!     FROM (SELECT rowid AS "key number", +value AS "0" FROM rarray(?1)) AS "keys"
//!     CROSS JOIN "cities" WHERE "cities"."country" = "keys"."0" ORDER BY "keys"."key number", "cities"."id"
//!
//! -- of the rows of a query
//! SELECT "id", … FROM "orders" WHERE "customer_id" IN (SELECT "id" FROM "customers" …) ORDER BY "customer_id", "id"
//! ```
//!
//! PostgreSQL writes the lists as `= ANY($1::bigint[])`, and as `unnest($1::"pg_catalog"."text"[]) WITH ORDINALITY AS
//! "keys"("0", "key number")` (`database/dialect.rs`). The rest is the same.
//!
//! The database decides with `=` which child belongs to which parent, by the type and the collation of the
//! child's column. In INTEGER columns Rust compares the same way, so the value in the child's column is
//! enough to find its parent. For all other keys the database returns the number of the key that it matched.
//! (The list and the table are joined by `CROSS JOIN`, because there SQLite keeps the order: it looks up each
//! key in the index of the children's column. PostgreSQL chooses the order by its statistics.)
//!
//! A relation through others also joins the tables on the way (`through.rs`, skip at first).

use crate::database::{KeyTypes, dialect, quote};
use crate::query::part::PartSpec;
use crate::query::siblings::{limit_siblings, order_among_siblings};
use crate::query::sql::{self, Bindings, Query, SelectSql};
use crate::query::through::join_ways;
use crate::trace::RelationInfo;

/// The parents whose related rows a statement selects.
#[derive(Clone, Copy)]
pub(crate) enum ParentFilter<'q> {
    /// One parent, whose key is bound. The flag tells whether it is an integer, as is the column.
    OneParent { is_integer: bool },
    /// Parents whose keys, which are integers, are bound as a list.
    IntegerKeys,
    /// Parents whose keys, of any type, are bound as a list. These are the types of the columns in PostgreSQL.
    AnyKeys(&'q [String]),
    /// The rows of a query, whose keys are integers.
    RowsOf(&'q Query),
    /// All parents, so that all rows of the target's table are selected.
    AllRows,
}

/// A statement for related rows.
pub(crate) struct Children {
    pub(crate) query: Query,
    /// The place in the result of the integer by which a child's parent is found: the child's matched column,
    /// or the number of the matched key.
    pub(crate) place: usize,
}

impl Children {
    /// Builds the statement. `values` are those of its first parameters. If `is_joined`, other tables can
    /// be joined to it.
    pub(crate) fn of(
        relation: &'static RelationInfo,
        filter: ParentFilter<'_>,
        mut values: Bindings,
        part: Option<&PartSpec>,
        is_joined: bool,
    ) -> Self {
        let limit_each = part.and_then(|part| part.limit_each);
        let has_figure = part.is_some_and(|part| part.terms().have_figure());
        let is_named = matches!(filter, ParentFilter::AnyKeys(_)) || (is_joined && limit_each.is_none());
        let is_named = is_named || has_figure || relation.is_through();
        let mut select = SelectSql::of(relation.target, is_named, values.dialect);
        let own = match relation.is_through() {
            true => join_ways(&mut select, relation, &values.compared),
            false => relation.target_columns.iter().map(|name| select.own(name)).collect(),
        };
        let owner = add_parent_condition(&mut select, relation, own, filter);
        if let Some(condition) = part.and_then(|part| part.condition.as_ref()) {
            let condition = condition.render(select.alias, &mut values);
            select.and_where(condition);
        }
        if let Some(rows) = limit_each {
            let (select, place) =
                limit_siblings(select, relation, part, &owner, rows, &mut values, is_joined);
            return Self::new(select, values, place);
        }
        let place = select.place(owner.clone());
        if !matches!(filter, ParentFilter::OneParent { .. } | ParentFilter::AllRows) {
            select.order = vec![owner];
        }
        for term in order_among_siblings(&select, relation, part, &mut values) {
            select.then_by(term);
        }
        select.joins = values.take_joins();
        Self::new(select, values, place)
    }

    fn new(select: SelectSql, values: Bindings, place: usize) -> Self {
        Self { query: Query { select, values: values.values }, place }
    }
}

/// Adds the condition on the parents. `own` are the columns that match them. Returns the integer by which a child's parent
/// is found.
fn add_parent_condition(
    select: &mut SelectSql,
    relation: &'static RelationInfo,
    own: Vec<String>,
    filter: ParentFilter<'_>,
) -> String {
    match filter {
        ParentFilter::OneParent { is_integer } => {
            let parameters = (1..).map(|number| select.dialect.key_parameter(number, is_integer));
            select.condition = Some(sql::all_equal(own.iter().cloned().zip(parameters)));
            // One parent needs no key to tell parents apart. Under a collation, the joining rows may spell its key in several
            // ways (`no`, `NO`), which would make two rows of one.
            return own[0].clone();
        }
        ParentFilter::IntegerKeys => select.condition = Some(select.dialect.is_listed(&own[0], 1, true)),
        ParentFilter::AnyKeys(types) => {
            let keys = select.fresh_alias(dialect::KEYS);
            let listed = (0..).map(|number: usize| sql::column(Some(&keys), &number.to_string()));
            select.condition = Some(sql::all_equal(own.iter().cloned().zip(listed)));
            select.from = format!(
                "{} CROSS JOIN {}",
                select.dialect.numbered_keys(own.len(), types, &quote(&keys)),
                select.from
            );
            let number = sql::column(Some(&keys), dialect::KEY_NUMBER);
            select.owner = Some(number.clone());
            return number;
        }
        ParentFilter::RowsOf(query) => {
            select.condition = Some(query.has_parent(relation, &own, &KeyTypes::Integers))
        }
        ParentFilter::AllRows => select.has_orphans = true,
    }
    if select.may_repeat {
        select.owner = Some(own[0].clone());
    }
    own[0].clone()
}
