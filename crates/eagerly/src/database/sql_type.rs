//! The types of columns: what each is called, by database.
//!
//! SQLite has four types. Dates, decimal numbers, UUIDs and JSON are texts there. PostgreSQL has a type for each.

use crate::database::dialect::Dialect;

/// The type of a column that [`create_tables`](crate::Session::create_tables) declares.
///
/// Each [`ColumnType`](crate::ColumnType) names one. If you implement that trait by hand, name the type in which a database
/// keeps what you bind.
///
/// ```
/// # use eagerly::*;
/// assert_eq!(<Option<i32> as ColumnType>::SQL_TYPE, SqlType::Integer);
/// assert_eq!(SqlType::Boolean.name(Dialect::Sqlite), Some("INTEGER"));
/// assert_eq!(SqlType::Boolean.name(Dialect::Postgres), Some("BOOLEAN"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlType {
    /// An integer of 16 bits.
    SmallInt,
    /// An integer of 32 bits.
    Integer,
    /// An integer of 64 bits.
    BigInt,
    /// A floating point number of 32 bits.
    Real,
    /// A floating point number of 64 bits.
    Double,
    /// True or false. SQLite stores 1 or 0.
    Boolean,
    /// A text of any length.
    Text,
    /// Bytes.
    Bytes,
    /// A decimal number of any length.
    Decimal,
    /// A date without a time.
    Date,
    /// A time of any day.
    Time,
    /// A date and a time, without a time zone.
    DateTime,
    /// An instant.
    Timestamp,
    /// A UUID.
    Uuid,
    /// A JSON value.
    Json,
    /// A type that this list does not contain. No table can be created with it, and none is checked for it.
    Unknown,
}

impl SqlType {
    /// Returns what a database calls the type; `None` if the type is unknown.
    pub fn name(self, dialect: Dialect) -> Option<&'static str> {
        let (sqlite, postgres) = match self {
            Self::SmallInt => ("INTEGER", "SMALLINT"),
            Self::Integer => ("INTEGER", "INTEGER"),
            Self::BigInt => ("INTEGER", "BIGINT"),
            Self::Real => ("REAL", "REAL"),
            Self::Double => ("REAL", "DOUBLE PRECISION"),
            Self::Boolean => ("INTEGER", "BOOLEAN"),
            Self::Text => ("TEXT", "TEXT"),
            Self::Bytes => ("BLOB", "BYTEA"),
            Self::Decimal => ("TEXT", "NUMERIC"),
            Self::Date => ("TEXT", "DATE"),
            Self::Time => ("TEXT", "TIME"),
            Self::DateTime => ("TEXT", "TIMESTAMP"),
            Self::Timestamp => ("TEXT", "TIMESTAMPTZ"),
            Self::Uuid => ("TEXT", "UUID"),
            Self::Json => ("TEXT", "JSONB"),
            Self::Unknown => return None,
        };
        Some(match dialect {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        })
    }

    /// Returns whether the database can choose the next number of such a column.
    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }
}

impl SqlType {
    /// Returns whether a column of a type can hold the values of a field of this type, and returns them as they are.
    pub(crate) fn fits(self, type_name: &str, dialect: Dialect) -> bool {
        self == Self::Unknown
            || match dialect {
                Dialect::Sqlite => self.fits_sqlite(&type_name.to_ascii_uppercase()),
                Dialect::Postgres => self.fits_postgres(type_name),
            }
    }

    /// In SQLite, each declared type has one of five affinities. They decide which values it converts.
    fn fits_sqlite(self, declared: &str) -> bool {
        let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
        let is_integer = has(&["INT"]);
        let is_text = !is_integer && has(&["CHAR", "CLOB", "TEXT"]);
        let is_open = !is_integer && !is_text && (has(&["BLOB"]) || matches!(declared, "" | "ANY"));
        let is_real = !is_integer && !is_text && !is_open && has(&["REAL", "FLOA", "DOUB"]);
        let is_numeric = !is_integer && !is_text && !is_open && !is_real;
        match self {
            Self::SmallInt | Self::Integer | Self::BigInt | Self::Boolean => {
                is_integer || is_numeric || is_open
            }
            Self::Real | Self::Double => !is_text,
            // A column of another type keeps texts that do not look like numbers, such as dates.
            Self::Text => is_text || is_open || is_numeric && !has(&["NUM", "DEC", "BOOL"]),
            Self::Date | Self::Time | Self::DateTime | Self::Timestamp | Self::Uuid | Self::Json => {
                is_text || is_open || is_numeric
            }
            Self::Decimal => is_text || is_open,
            Self::Bytes => is_open,
            Self::Unknown => true,
        }
    }

    fn fits_postgres(self, name: &str) -> bool {
        let is_integer = matches!(name, "int2" | "int4" | "int8" | "oid");
        let is_text =
            matches!(name, "text" | "varchar" | "bpchar" | "name" | "citext" | "enum" | "xml" | "domain");
        match self {
            Self::SmallInt | Self::Integer | Self::BigInt => {
                is_integer || matches!(name, "numeric" | "bool" | "domain")
            }
            Self::Boolean => name == "bool" || is_integer || name == "domain",
            Self::Real | Self::Double => matches!(name, "float4" | "float8" | "numeric" | "domain"),
            Self::Text => {
                let has_text_form = matches!(
                    name,
                    "json" | "jsonb" | "uuid" | "date" | "time" | "timestamp" | "timestamptz" | "numeric"
                );
                is_text || has_text_form
            }
            Self::Bytes => matches!(name, "bytea" | "domain"),
            Self::Decimal => is_text || name == "numeric",
            Self::Date => is_text || name == "date",
            Self::Time => is_text || name == "time",
            Self::DateTime => is_text || name == "timestamp",
            Self::Timestamp => is_text || name == "timestamptz",
            Self::Uuid => is_text || name == "uuid",
            Self::Json => is_text || matches!(name, "json" | "jsonb"),
            Self::Unknown => true,
        }
    }
}
