//! The SQL that SQLite and PostgreSQL write differently. All other SQL of this crate is the same for both.
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | parameter | `?1` | `$1` |
//! | list of integer keys | `IN (SELECT +value FROM rarray(?1))` | `= ANY($1::bigint[])` |
//! | list of other keys | `(SELECT rowid …, +value … FROM rarray(?1))` | `unnest($1::"pg_catalog"."text"[]) WITH ORDINALITY` |
//! | rows after the tenth | `LIMIT -1 OFFSET ?1` | `OFFSET $1` |
//! | text in any case | `LIKE ?1` | `ILIKE $1 ESCAPE ''` |
//! | a column with nulls | `ORDER BY "a"` | `ORDER BY "a" NULLS FIRST` |
//! | transaction | `BEGIN IMMEDIATE` | `BEGIN ISOLATION LEVEL REPEATABLE READ` |

use std::rc::Rc;

use crate::database::value::{Array, Value};

/// The alias of the list of keys. `fresh_alias` numbers it if a table has that name.
pub(crate) const KEYS: &str = "keys";

/// The column that holds the number of a key in its list, counted from 1. A table is unlikely to have a
/// column of that name.
pub(crate) const KEY_NUMBER: &str = "key number";

/// How the keys of a relation are compared.
#[derive(Debug, Clone)]
pub(crate) enum KeyTypes {
    /// Both columns hold integers. Rust may compare them, too.
    Integers,
    /// Only the database compares them. PostgreSQL needs the types of the target's columns, as SQL writes them. In
    /// SQLite the list is empty.
    Others(Rc<[String]>),
}

impl KeyTypes {
    /// Returns the types for a place without a session, where they cannot be looked up.
    pub(crate) fn unknown() -> Self {
        Self::Others(Rc::default())
    }

    pub(crate) fn are_integers(&self) -> bool {
        matches!(self, Self::Integers)
    }
}

/// The SQL that a database understands.
///
/// ```
/// # use {eagerly::*, shop::*};
/// let query = Customer::select().filter(Customer::FIRST_NAME.like("a%"));
/// assert!(query.to_sql_for(Dialect::Sqlite).contains(r#"WHERE "first_name" LIKE ?1"#));
/// assert!(query.to_sql_for(Dialect::Postgres).contains(r#"WHERE "first_name" ILIKE $1 ESCAPE ''"#));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// SQLite 3.
    #[default]
    Sqlite,
    /// PostgreSQL, and other servers that speak its protocol.
    Postgres,
}

impl Dialect {
    /// Returns the database's name, for people to read.
    ///
    /// ```
    /// assert_eq!(eagerly::Dialect::Postgres.name(), "PostgreSQL");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// Returns the parameter with a number, counted from 1.
    pub(crate) fn parameter(self, number: usize) -> String {
        match self {
            Self::Sqlite => format!("?{number}"),
            Self::Postgres => format!("${number}"),
        }
    }

    /// Returns the parameter for a parent's key. The key and the column may both be integers.
    ///
    /// In PostgreSQL, a parameter has the type of the column that it is compared with. A key beyond the range of an
    /// `integer` column would be an error. As a `bigint` it just equals none.
    pub(crate) fn key_parameter(self, number: usize, is_integer: bool) -> String {
        match self {
            Self::Postgres if is_integer => format!("${number}::bigint"),
            _ => self.parameter(number),
        }
    }

    /// Returns the parent's `column` so that it compares like a bound value: `+"customers"."id"`.
    ///
    /// The child's column alone decides what is equal to a bound value. SQLite would let the parent's column decide,
    /// too, unless it is part of an expression. In PostgreSQL, a bound value has the type of the child's column, so the
    /// parent's column is converted to that type.
    pub(crate) fn as_value(self, column: &str, types: &KeyTypes, number: usize) -> String {
        match (self, types) {
            (_, KeyTypes::Integers) => column.to_owned(),
            (Self::Sqlite, KeyTypes::Others(_)) => format!("+{column}"),
            (Self::Postgres, KeyTypes::Others(types)) => match types.get(number) {
                Some(name) => format!("{column}::{name}"),
                None => column.to_owned(),
            },
        }
    }

    /// Returns the condition that a column equals a value of a list. The `+` has the same purpose as in
    /// [`as_value`](Self::as_value).
    ///
    /// The list is one parameter. So the text is the same for one value and for a million, and there is no limit on
    /// parameters to exceed.
    pub(crate) fn is_listed(self, column: &str, number: usize, are_integers: bool) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT +value FROM rarray(?{number}))"),
            Self::Postgres if are_integers => format!("{column} = ANY(${number}::bigint[])"),
            // The list has the type of the column, because nothing else decides its type.
            Self::Postgres => format!("{column} = ANY(${number})"),
        }
    }

    /// Returns a list of keys as a table: the number of each key, and its values in the columns `0`, `1`, ….
    /// `types` are the types of the columns that are compared with them.
    pub(crate) fn numbered_keys(self, columns: usize, types: &[String], alias: &str) -> String {
        match self {
            Self::Sqlite => format!("{} AS {alias}", numbered_in_sqlite(columns)),
            Self::Postgres => {
                let arrays = types.iter().zip(1..).map(|(name, number)| format!("${number}::{name}[]"));
                let names = (0..columns).map(|number| format!("\"{number}\""));
                format!(
                    "unnest({}) WITH ORDINALITY AS {alias}({}, \"{KEY_NUMBER}\")",
                    arrays.collect::<Vec<_>>().join(", "),
                    names.collect::<Vec<_>>().join(", "),
                )
            }
        }
    }

    /// Returns the values to bind for `numbered_keys`. In the list, the values of a key of several columns follow each
    /// other. PostgreSQL takes an array for each column, since an array has one type.
    pub(crate) fn bound_keys(self, list: Array, columns: usize) -> Vec<Value<'static>> {
        if self == Self::Sqlite || columns == 1 {
            return vec![Value::Array(list)];
        }
        let column = |number| list.iter().skip(number).step_by(columns).collect::<Array>();
        (0..columns).map(|number| Value::Array(column(number))).collect()
    }

    /// Returns the sort term that compares bytes. It separates values that the column's collation treats as equal.
    pub(crate) fn by_bytes(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} COLLATE BINARY"),
            // Only texts have a collation there.
            Self::Postgres => format!("{column}::text COLLATE \"C\""),
        }
    }

    /// Returns a sort term. In SQLite, nulls are smaller than any value, and PostgreSQL is told to treat them alike.
    /// A column without nulls keeps the plain form, which an index can serve.
    pub(crate) fn sorted(self, column: &str, is_descending: bool, may_be_null: bool) -> String {
        let direction = if is_descending { " DESC" } else { "" };
        let nulls = match (self, is_descending) {
            (Self::Postgres, false) if may_be_null => " NULLS FIRST",
            (Self::Postgres, true) if may_be_null => " NULLS LAST",
            _ => "",
        };
        format!("{column}{direction}{nulls}")
    }

    /// Returns the condition that a text matches a pattern, in which `%` and `_` are special and letters match in
    /// either case.
    pub(crate) fn like(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} LIKE {parameter}"),
            // By default a backslash is special there, and the case matters.
            Self::Postgres => format!("{column} ILIKE {parameter} ESCAPE ''"),
        }
    }

    /// Returns the product of two columns of integers, in 64 bits.
    pub(crate) fn product(self, one: &str, other: &str) -> String {
        match self {
            Self::Sqlite => format!("{one} * {other}"),
            // The product of two `integer` columns would have to fit in 32 bits.
            Self::Postgres => format!("{one}::bigint * {other}"),
        }
    }

    /// Returns the `LIMIT … OFFSET …` clause, or nothing.
    pub(crate) fn limit(self, limit: Option<&str>, offset: Option<&str>) -> String {
        match (limit, offset) {
            (None, None) => String::new(),
            (Some(limit), None) => format!("LIMIT {limit}"),
            // SQLite has no OFFSET without a LIMIT.
            (None, Some(offset)) if self == Self::Sqlite => format!("LIMIT -1 OFFSET {offset}"),
            (None, Some(offset)) => format!("OFFSET {offset}"),
            (Some(limit), Some(offset)) => format!("LIMIT {limit} OFFSET {offset}"),
        }
    }

    /// Returns whether a key that the database chooses is written as `NULL`. PostgreSQL chooses one only if the
    /// column is not named.
    pub(crate) fn chooses_null_keys(self) -> bool {
        self == Self::Sqlite
    }

    /// Returns an alias that the database does not shorten. PostgreSQL cuts a name after 63 bytes, and two aliases
    /// could become one.
    pub(crate) fn alias(self, wanted: String) -> String {
        const LONGEST: usize = 63;
        if self == Self::Sqlite || wanted.len() <= LONGEST {
            return wanted;
        }
        // The hash (FNV-1a) distinguishes aliases with the same beginning.
        let hash = wanted.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let kept = wanted.char_indices().take_while(|(at, kept)| at + kept.len_utf8() <= LONGEST - 17);
        let kept: String = kept.map(|(_, character)| character).collect();
        format!("{kept}~{hash:016x}")
    }

    /// Returns the statement whose rows are read in pieces, so that other statements can be sent between them. `number`
    /// distinguishes its cursor from others. SQLite's statements are cursors.
    pub(crate) fn cursor(self, number: u64, select: String) -> String {
        match self {
            Self::Sqlite => select,
            Self::Postgres => format!("DECLARE \"rows {number}\" NO SCROLL CURSOR FOR {select}"),
        }
    }

    /// Returns whether a cursor lives only inside a transaction.
    pub(crate) fn cursors_need_transaction(self) -> bool {
        self == Self::Postgres
    }

    /// Returns the statement that begins a transaction.
    ///
    /// SQLite takes the write lock immediately. A transaction that reads first can fail as busy at its first write.
    /// PostgreSQL's default would show each statement another state of the database.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        }
    }

    /// Returns the statement that begins a snapshot. Others can read. In SQLite without WAL, another connection's
    /// commit waits until the snapshot ends.
    pub(crate) fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => self.begin(),
        }
    }
}

/// Returns the list of keys as SQLite numbers it. (To join the list with itself, once for each column, would take
/// quadratic time.)
fn numbered_in_sqlite(columns: usize) -> String {
    if columns == 1 {
        return format!(r#"(SELECT rowid AS "{KEY_NUMBER}", +value AS "0" FROM rarray(?1))"#);
    }
    let values: Vec<_> = (0..columns)
        .map(|column| {
            format!(r#"max(CASE WHEN (rowid - 1) % {columns} = {column} THEN value END) AS "{column}""#)
        })
        .collect();
    format!(
        r#"(SELECT (rowid - 1) / {columns} + 1 AS "{KEY_NUMBER}", {} FROM rarray(?1) GROUP BY 1)"#,
        values.join(", ")
    )
}
