//! The SQL that differs from one database to another. Today that is SQLite's.
//!
//! Everything else that this crate writes is the same in every database.

/// The name that the list of keys has in a statement, unless a table has it.
pub(crate) const KEYS: &str = "keys";

/// The column that holds the number of a key in its list, counted from 1. A table hardly has a column of that name.
pub(crate) const KEY_NUMBER: &str = "key number";

/// Returns the parameter with a number, counted from 1: `?1`.
pub(crate) fn parameter(number: usize) -> String {
    format!("?{number}")
}

/// Returns the expression that compares like a bound value: `+"customers"."id"`.
///
/// A column converts what it is compared with to its own type. The `+` takes that right from it, so that the column on
/// the other side alone decides what is equal, as it does for a bound value.
pub(crate) fn as_value(column: &str) -> String {
    format!("+{column}")
}

/// Returns a list of values as the right side of `IN`.
///
/// The list is one parameter. So the text is the same for one value and for a million, and there is no limit on
/// parameters to exceed.
pub(crate) fn listed(parameter: &str) -> String {
    format!("(SELECT +value FROM rarray({parameter}))")
}

/// Returns a list of keys as a table: the number of each key, and its values in the columns `0`, `1`, ….
///
/// The values of a key of several columns follow each other in the list. (To join the list with itself, once for each
/// column, takes quadratic time.)
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

/// Returns the term that sorts texts by their bytes. Texts that a column's collation takes for equal are still told
/// apart by it.
pub(crate) fn by_bytes(column: &str) -> String {
    format!("{column} COLLATE BINARY")
}

/// Returns the clause that skips rows and takes no more than a number of them.
pub(crate) fn limit(limit: Option<&str>, offset: Option<&str>) -> String {
    match (limit, offset) {
        (None, None) => String::new(),
        (Some(limit), None) => format!("LIMIT {limit}"),
        // SQLite has no OFFSET without a LIMIT.
        (None, Some(offset)) => format!("LIMIT -1 OFFSET {offset}"),
        (Some(limit), Some(offset)) => format!("LIMIT {limit} OFFSET {offset}"),
    }
}

/// The statement that begins a transaction. It takes the right to write at once: a transaction that reads first and
/// writes later can be refused half-way.
pub(crate) const BEGIN: &str = "BEGIN IMMEDIATE";

/// The statement that begins a snapshot, which lets others read and write.
pub(crate) const BEGIN_SNAPSHOT: &str = "BEGIN";
