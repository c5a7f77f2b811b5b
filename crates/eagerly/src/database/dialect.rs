//! The SQL that other databases may write differently. Most other SQL of this crate is standard.

/// The alias of the list of keys. `fresh_alias` numbers it if a table has that name.
pub(crate) const KEYS: &str = "keys";

/// The column that holds the number of a key in its list, counted from 1. A table is unlikely to have a
/// column of that name.
pub(crate) const KEY_NUMBER: &str = "key number";

/// Returns the parameter with a number, counted from 1: `?1`.
pub(crate) fn parameter(number: usize) -> String {
    format!("?{number}")
}

/// Returns the expression that compares like a bound value: `+"customers"."id"`.
///
/// SQLite converts the other side of a comparison to a column's type. A unary `+` prevents that. So only the
/// column on the left decides what is equal, as for a bound value.
pub(crate) fn as_value(column: &str) -> String {
    format!("+{column}")
}

/// Returns a list of values as the right side of `IN`. The `+` has the same purpose as in [`as_value`].
///
/// The list is one parameter. So the text is the same for one value and for a million, and there is no limit on
/// parameters to exceed.
pub(crate) fn listed(parameter: &str) -> String {
    format!("(SELECT +value FROM rarray({parameter}))")
}

/// Returns a list of keys as a table: the number of each key, and its values in the columns `0`, `1`, ….
///
/// The values of a key of several columns follow each other in the list. (To join the list with itself, once
/// for each column, would take quadratic time.)
pub(crate) fn numbered_keys(columns: usize, parameter: &str) -> String {
    if columns == 1 {
        return format!(r#"(SELECT rowid AS "{KEY_NUMBER}", +value AS "0" FROM rarray({parameter}))"#);
    }
    let values: Vec<_> = (0..columns)
        .map(|column| {
            format!(r#"max(CASE WHEN (rowid - 1) % {columns} = {column} THEN value END) AS "{column}""#)
        })
        .collect();
    format!(
        r#"(SELECT (rowid - 1) / {columns} + 1 AS "{KEY_NUMBER}", {} FROM rarray({parameter}) GROUP BY 1)"#,
        values.join(", ")
    )
}

/// Returns the sort term that compares bytes. It separates texts that the column's collation treats as equal.
pub(crate) fn by_bytes(column: &str) -> String {
    format!("{column} COLLATE BINARY")
}

/// Returns the `LIMIT … OFFSET …` clause, or nothing.
pub(crate) fn limit(limit: Option<&str>, offset: Option<&str>) -> String {
    match (limit, offset) {
        (None, None) => String::new(),
        (Some(limit), None) => format!("LIMIT {limit}"),
        // SQLite has no OFFSET without a LIMIT.
        (None, Some(offset)) => format!("LIMIT -1 OFFSET {offset}"),
        (Some(limit), Some(offset)) => format!("LIMIT {limit} OFFSET {offset}"),
    }
}

/// The statement that begins a transaction. It takes the write lock immediately. A transaction that reads
/// first can fail as busy at its first write.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// The statement that begins a snapshot. Others can read. Without WAL, another connection's commit waits
/// until the snapshot ends.
pub(crate) const BEGIN_SNAPSHOT: &str = "BEGIN";
