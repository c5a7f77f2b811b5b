//! The SQL of queries and transactions that differs between SQLite and PostgreSQL. All their other SQL is the same.
//!
//! | | SQLite | PostgreSQL |
//! |---|---|---|
//! | parameter | `?1` | `$1` |
//! | list of integer keys | `IN (SELECT +value FROM rarray(?1))` | `= ANY($1::bigint[])` |
//! | list of other keys | `(SELECT rowid …, +value … FROM rarray(?1))` | `unnest($1::"pg_catalog"."text"[]) WITH ORDINALITY` |
//! | rows after the tenth | `LIMIT -1 OFFSET ?1` | `OFFSET $1` |
//! | text, ignoring case | `LIKE ?1` | `ILIKE $1 ESCAPE ''` |
//! | text that begins with another | `instr("a", ?1) = 1` | `"a"::text LIKE $1 ESCAPE '!'` |
//! | product of integers | `"a" * "b"` | `"a"::bigint * "b"` |
//! | sum of real numbers | `total("a")` | `sum(("a")::double precision)` |
//! | sum of integers | `sum("a")` | `sum("a")::bigint` |
//! | a column with nulls | `ORDER BY "a"` | `ORDER BY "a" NULLS FIRST` |
//! | rows in pieces | `WITH "rows read" AS MATERIALIZED (…) SELECT …` | `DECLARE "rows 1" NO SCROLL CURSOR FOR …` |
//! | transaction | `BEGIN IMMEDIATE` | `BEGIN ISOLATION LEVEL REPEATABLE READ` |

use std::rc::Rc;

use crate::database::value::{Array, Value};

/// The alias of the list of keys. If a table has that name, `fresh_alias` adds a number.
pub(crate) const KEYS: &str = "keys";

/// The column that holds the number of a key in its list, counted from 1. A table is unlikely to have a
/// column of that name.
pub(crate) const KEY_NUMBER: &str = "key number";

/// Returns an identifier in quotes, as both databases write it: `"order"`.
pub(crate) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Returns identifiers in quotes, separated by commas: `"house", "number"`.
pub(crate) fn quote_all(identifiers: &[&str]) -> String {
    identifiers.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

/// Returns the name of a table in quotes, with its schema: `"shop"."orders"`.
pub(crate) fn table_name(schema: Option<&str>, table: &str) -> String {
    match schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(table)),
        None => quote(table),
    }
}

/// How the keys of a relation are compared.
#[derive(Debug, Clone)]
pub(crate) enum KeyTypes {
    /// Both columns hold integers, which Rust can compare, too.
    Integers,
    /// Only the database can compare the keys. PostgreSQL needs the types of the target's columns, in the form of SQL.
    /// For SQLite, the list is empty.
    Others(Rc<[String]>),
}

impl KeyTypes {
    /// Returns the types for SQL that is written without a session, which could look them up.
    pub(crate) fn unknown() -> Self {
        Self::Others(Rc::default())
    }

    pub(crate) fn are_integers(&self) -> bool {
        matches!(self, Self::Integers)
    }
}

/// Where in a text a part of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextPlace {
    Start,
    Anywhere,
    End,
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

    /// Returns whether a parameter has a type, which depends on the column that it is compared with. In SQLite, only the
    /// bound value has one.
    pub(crate) fn types_parameters(self) -> bool {
        self == Self::Postgres
    }

    /// Returns the parameter for a parent's key. `is_integer` is true if the key and the column are integers.
    ///
    /// In PostgreSQL, a parameter has the type of the column that it is compared with. A key beyond the range of an
    /// `integer` column would be an error. As a `bigint`, it equals no value of the column.
    pub(crate) fn key_parameter(self, number: usize, is_integer: bool) -> String {
        match self {
            Self::Postgres if is_integer => format!("${number}::bigint"),
            _ => self.parameter(number),
        }
    }

    /// Returns the parent's `column` so that it compares like a bound value: `+"customers"."id"`.
    ///
    /// The rules of the child's column alone decide whether it equals a bound value. SQLite would also apply the rules
    /// of the parent's column, unless that column is part of an expression. In PostgreSQL, a bound value has the type of
    /// the child's column, so the SQL converts the parent's column to that type.
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
    /// The list is one parameter. So the text is the same for one value and for a million, and the limit on the number
    /// of parameters does not matter.
    pub(crate) fn is_listed(self, column: &str, number: usize, are_integers: bool) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT +value FROM rarray(?{number}))"),
            Self::Postgres if are_integers => format!("{column} = ANY(${number}::bigint[])"),
            // The list has the type of the column, because nothing else decides its type.
            Self::Postgres => format!("{column} = ANY(${number})"),
        }
    }

    /// Returns a list of keys as a table: the number of each key, and its values in the columns `0`, `1`, ….
    /// `types` has the types of the columns that the values are compared with.
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

    /// Returns the values to bind for `numbered_keys`. In `list`, the values of one key follow each other. PostgreSQL
    /// takes one array for each column, because all values of an array have the same type.
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
            // In PostgreSQL, only texts have a collation.
            Self::Postgres => format!("{column}::text COLLATE \"C\""),
        }
    }

    /// Returns a sort term. SQLite treats nulls as smaller than any value. `NULLS FIRST` and `NULLS LAST` make
    /// PostgreSQL do the same. A column without nulls keeps the plain form, because an index can return that order.
    pub(crate) fn sorted(self, column: &str, is_descending: bool, may_be_null: bool) -> String {
        let direction = if is_descending { " DESC" } else { "" };
        let nulls = match (self, is_descending) {
            (Self::Postgres, false) if may_be_null => " NULLS FIRST",
            (Self::Postgres, true) if may_be_null => " NULLS LAST",
            _ => "",
        };
        format!("{column}{direction}{nulls}")
    }

    /// Returns the condition that a text matches a pattern. In the pattern, `%` and `_` are special, and the case of
    /// letters is ignored.
    pub(crate) fn like(self, column: &str, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} LIKE {parameter}"),
            // With PostgreSQL's `LIKE`, a backslash is special and the case of letters matters.
            Self::Postgres => format!("{column} ILIKE {parameter} ESCAPE ''"),
        }
    }

    /// Returns the condition that a text has a part at a place. Case matters. The parameter is a
    /// [`text_part`](Self::text_part).
    ///
    /// SQLite's `instr` compares texts to their end, also beyond a zero character, at which `LIKE` and `GLOB` stop. From
    /// the end only bytes can be compared so. (The dot is there because `substr` of no bytes is `NULL`.) In PostgreSQL,
    /// `text` makes the case matter in a `citext`, too.
    pub(crate) fn has_text(self, column: &str, place: TextPlace, part: &str) -> String {
        match (self, place) {
            (Self::Sqlite, TextPlace::Start) => format!("instr({column}, {part}) = 1"),
            (Self::Sqlite, TextPlace::Anywhere) => format!("instr({column}, {part}) > 0"),
            (Self::Sqlite, TextPlace::End) => format!(
                "substr(CAST({column} || '.' AS BLOB), octet_length({column}) - octet_length({part}) + 1) = CAST({part} || '.' AS BLOB)"
            ),
            (Self::Postgres, _) => format!("{column}::text LIKE {part} ESCAPE '!'"),
        }
    }

    /// Returns the value to bind for [`has_text`](Self::has_text). No character of `part` is special.
    pub(crate) fn text_part(self, place: TextPlace, part: &str) -> String {
        if self == Self::Sqlite {
            return part.to_owned();
        }
        let escaped = part.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        match place {
            TextPlace::Start => format!("{escaped}%"),
            TextPlace::Anywhere => format!("%{escaped}%"),
            TextPlace::End => format!("%{escaped}"),
        }
    }

    /// Returns the product of two columns. That of integers has 64 bits.
    pub(crate) fn product(self, one: &str, other: &str, are_integers: bool) -> String {
        match self {
            // The product of two `integer` columns would have to fit in 32 bits.
            Self::Postgres if are_integers => format!("{one}::bigint * {other}"),
            _ => format!("{one} * {other}"),
        }
    }

    /// Returns the sum of real numbers. PostgreSQL would add up a `real` in 32 bits, and a `numeric` in as many digits as
    /// it takes. SQLite's `total` also reads numbers in texts, and is never an integer.
    pub(crate) fn sum_of_reals(self, operand: &str) -> String {
        match self {
            Self::Sqlite => format!("total({operand})"),
            Self::Postgres => format!("sum(({operand})::double precision)"),
        }
    }

    /// Returns a sum of integers that fails if it does not fit in 64 bits. In SQLite, every sum of integers does.
    pub(crate) fn in_64_bits(self, sum: String) -> String {
        match self {
            Self::Sqlite => sum,
            // The sum of a `bigint` is a `numeric`.
            Self::Postgres => format!("{sum}::bigint"),
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

    /// Returns whether an `INSERT` writes `NULL` for a key that the database has to choose. PostgreSQL chooses a key
    /// only if the `INSERT` does not name the column.
    pub(crate) fn chooses_null_keys(self) -> bool {
        self == Self::Sqlite
    }

    /// Returns an alias that the database does not shorten. PostgreSQL cuts a name after 63 bytes, so two long aliases
    /// could become equal.
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

    /// Returns the statement that opens a cursor: its rows are read in pieces, and the session can send other
    /// statements in between, which do not change the rows. `number` distinguishes the cursor from others.
    ///
    /// In SQLite, every statement is a cursor, but a running statement sees the changes of its own connection. It could
    /// return a changed row twice, and rows without end. So all rows are first written to a temporary table.
    /// That takes a quarter more time for rows without relations, and nothing that shows with them (measured).
    pub(crate) fn cursor(self, number: u64, select: String) -> String {
        match self {
            Self::Sqlite => {
                format!("WITH \"rows read\" AS MATERIALIZED ({select}) SELECT * FROM \"rows read\"")
            }
            Self::Postgres => format!("DECLARE \"rows {number}\" NO SCROLL CURSOR FOR {select}"),
        }
    }

    /// Returns whether a cursor lives only inside a transaction.
    pub(crate) fn cursors_need_transaction(self) -> bool {
        self == Self::Postgres
    }

    /// Returns the statement that begins a transaction.
    ///
    /// In SQLite, `IMMEDIATE` takes the write lock at the beginning. Otherwise, a transaction that reads first can fail
    /// as busy at its first write. By PostgreSQL's default, each statement can see another state of the database.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        }
    }

    /// Returns the statement that begins a snapshot. Other connections can read during the snapshot. In SQLite without
    /// WAL, the commit of another connection waits until the snapshot ends.
    pub(crate) fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => self.begin(),
        }
    }
}

/// Returns the numbered list of keys in SQLite's form. (A join of the list with itself for each column would take
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
