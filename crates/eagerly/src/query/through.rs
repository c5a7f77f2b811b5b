//! Relations through others, such as the tags of a post through its taggings. The target's rows are a set: each comes once
//! for each parent, however many ways lead to it.
//!
//! ```sql
//! SELECT "tags"."id", "tags"."name", "taggings"."post_id"
//!     FROM "taggings" AS "taggings" JOIN "tags" ON "tags"."id" = +"taggings"."tag_id"
//!     WHERE "taggings"."post_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "taggings"."post_id", "tags"."id"
//! ```
//!
//! A tag comes once for each tagging. The order keeps repeated rows together, and the reader skips
//! them (`load/fetch.rs`). `SELECT DISTINCT` would compare every column, and PostgreSQL cannot compare values of the type
//! `json`. An aggregate needs few columns, so there the database skips repeated rows:
//!
//! ```sql
//! -- in place of "tags"
//! (SELECT DISTINCT "taggings"."post_id" AS "parent 0", "tags"."id", "tags"."weight"
//!     FROM "taggings" AS "taggings" JOIN "tags" ON "tags"."id" = +"taggings"."tag_id") AS "tags"
//! ```
//!
//! A repeated row is recognised by its key. If the key is null, loading the rows of several parents is an error, and an
//! aggregate counts the rows of one parent with null keys as one.

use crate::database::{Dialect, quote};
use crate::query::compared::Compared;
use crate::query::condition::match_condition;
use crate::query::sql::{self, SelectSql, fresh_name};
use crate::trace::RelationInfo;

/// Joins the tables on the way to the target. Returns the columns of the first that match a parent.
pub(crate) fn join_ways(
    select: &mut SelectSql,
    relation: &'static RelationInfo,
    compared: &Compared,
) -> Vec<String> {
    let hops = relation.hops();
    let mut from = String::new();
    let mut names: Vec<String> = Vec::new();
    for (number, hop) in hops.iter().enumerate() {
        let is_last = number + 1 == hops.len();
        let name = if is_last { hop.target.table.to_owned() } else { select.fresh_alias(hop.field) };
        let table = match is_last {
            true => hop.target.sql_name(),
            false => format!("{} AS {}", hop.target.sql_name(), quote(&name)),
        };
        from += &match names.last() {
            Some(before) => {
                let matches = match_condition(hop, &name, before, select.dialect, &compared.types(hop));
                format!(" JOIN {table} ON {matches}")
            }
            None => table,
        };
        names.push(name);
    }
    select.from = from;
    select.may_repeat = true;
    relation.target_columns.iter().map(|name| sql::column(Some(&names[0]), name)).collect()
}

/// Returns the rows to aggregate in place of the target's table, each once for each parent, and the columns that match a
/// parent. `needed` are the other columns that the aggregate reads. `filter` are the joins and the condition of the rows.
pub(crate) fn distinct_rows(
    relation: &'static RelationInfo,
    needed: &[&str],
    filter: &str,
    dialect: Dialect,
    compared: &Compared,
) -> (String, Vec<String>) {
    let target = relation.target;
    let own = |name: &str| sql::column(Some(target.table), name);
    if !relation.is_through() {
        return (target.sql_name(), relation.target_columns.iter().map(|name| own(name)).collect());
    }
    let mut select = SelectSql::of(target, true, dialect);
    let matched = join_ways(&mut select, relation, compared).into_iter().enumerate();
    let named = |(number, column)| (column, fresh_name(relation, &format!("parent {number}")));
    let parents: Vec<_> = matched.map(named).collect();
    let keys = parents.iter().map(|(_, alias)| own(alias)).collect();
    // A collation may treat two keys as equal.
    let inexact = target.key.iter().filter(|_| !target.has_integer_key).enumerate();
    let bytes = inexact.map(|(number, name)| {
        (dialect.by_bytes(&own(name)), fresh_name(relation, &format!("bytes {number}")))
    });
    let mut columns: Vec<_> = parents
        .into_iter()
        .chain(bytes)
        .map(|(column, alias)| format!("{column} AS {}", quote(&alias)))
        .collect();
    for name in target.key.iter().chain(needed) {
        if !columns.contains(&own(name)) {
            columns.push(own(name));
        }
    }
    let rows = format!(
        "(SELECT DISTINCT {} FROM {}{filter}) AS {}",
        columns.join(", "),
        select.from,
        quote(target.table)
    );
    (rows, keys)
}
