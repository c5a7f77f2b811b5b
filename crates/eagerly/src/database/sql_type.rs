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
    /// A type that is not known here. No table can be created with it, and none is checked for it.
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
