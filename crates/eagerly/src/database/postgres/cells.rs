//! Reads the cells of a row.
//!
//! The server sends each cell in the binary form of its type. Numbers, texts and bytes are read in place. Other
//! types have a text form, which is made when a program reads the cell: dates and times in ISO 8601, as SQLite stores
//! them, and numerics digit by digit, so that no digit is lost.

use std::cell::OnceCell;
use std::error::Error;
use std::rc::Rc;

use tokio_postgres::Column;
use tokio_postgres::types::{FromSql, Kind as TypeKind, Type};

use crate::database::cell::Content;
use crate::database::postgres::numeric::numeric;

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    /// An unsigned 32-bit integer: the number of an object of the server.
    Oid,
    Float4,
    Float8,
    Text,
    Bytes,
    /// A function without a result.
    Void,
    /// A value with a text form.
    Converted(Conversion),
    /// A type that this crate cannot read.
    Unknown,
}

/// How the text form of a value is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conversion {
    Numeric,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Uuid,
    Jsonb,
}

impl Form {
    pub(super) fn of(declared: &Type) -> Self {
        match *declared {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::TEXT
            | Type::VARCHAR
            | Type::BPCHAR
            | Type::NAME
            | Type::UNKNOWN
            | Type::JSON
            | Type::XML => Self::Text,
            Type::BYTEA => Self::Bytes,
            Type::VOID => Self::Void,
            Type::NUMERIC => Self::Converted(Conversion::Numeric),
            Type::DATE => Self::Converted(Conversion::Date),
            Type::TIME => Self::Converted(Conversion::Time),
            Type::TIMESTAMP => Self::Converted(Conversion::Timestamp),
            Type::TIMESTAMPTZ => Self::Converted(Conversion::TimestampTz),
            Type::UUID => Self::Converted(Conversion::Uuid),
            Type::JSONB => Self::Converted(Conversion::Jsonb),
            // For a domain, the server describes the column by its base type.
            ref other => match other.kind() {
                TypeKind::Enum(_) => Self::Text,
                _ if other.name() == "citext" => Self::Text,
                _ => Self::Unknown,
            },
        }
    }
}

/// A text that the server has prepared.
pub(super) struct Prepared {
    pub(super) statement: tokio_postgres::Statement,
    /// How each column is read.
    pub(super) forms: Rc<Forms>,
}

impl Prepared {
    pub(super) fn new(statement: tokio_postgres::Statement) -> Self {
        let forms = Forms::of(statement.columns());
        Self { statement, forms }
    }
}

/// How the columns of a result are read.
#[derive(Default)]
pub(super) struct Forms {
    columns: Vec<Form>,
    /// Whether a column has values with a text form.
    converts: bool,
}

impl Forms {
    pub(super) fn of(columns: &[Column]) -> Rc<Self> {
        let columns: Vec<_> = columns.iter().map(|column| Form::of(column.type_())).collect();
        Rc::new(Self { converts: columns.iter().any(|form| matches!(form, Form::Converted(_))), columns })
    }

    /// Returns whether the only column holds integers, which Rust compares as the server does.
    pub(super) fn is_one_integer(&self) -> bool {
        matches!(*self.columns, [Form::Int2 | Form::Int4 | Form::Int8])
    }
}

/// One row of an answer.
pub(crate) struct PostgresRow {
    row: tokio_postgres::Row,
    forms: Rc<Forms>,
    /// The text forms that were made, one for each column. Empty if no column needs one.
    texts: Box<[OnceCell<Option<String>>]>,
}

impl PostgresRow {
    pub(super) fn new(row: tokio_postgres::Row, forms: Rc<Forms>) -> Self {
        let texts = match forms.converts {
            true => forms.columns.iter().map(|_| OnceCell::new()).collect(),
            false => Box::default(),
        };
        Self { row, forms, texts }
    }

    /// Returns the cell at `index`. It is `NULL` if the row has no such column.
    pub(crate) fn cell(&self, index: usize) -> Content<'_> {
        let (Some(form), Some(bytes)) = (self.forms.columns.get(index), self.bytes(index)) else {
            return Content::Null;
        };
        match form {
            Form::Converted(conversion) => {
                let text = self.texts[index].get_or_init(|| converted(*conversion, bytes));
                match text {
                    Some(text) if *conversion == Conversion::Numeric => Content::Numeric(text.as_bytes()),
                    Some(text) => Content::Text(text.as_bytes()),
                    None => Content::Blob(bytes),
                }
            }
            form => plain(*form, bytes).unwrap_or(Content::Blob(bytes)),
        }
    }

    fn bytes(&self, index: usize) -> Option<&[u8]> {
        self.row.try_get::<_, Raw<'_>>(index).ok()?.0
    }

    /// Returns the name of a column's type.
    pub(crate) fn declared_type(&self, index: usize) -> Option<&str> {
        self.row.columns().get(index).map(|column| column.type_().name())
    }

    pub(crate) fn column_names(&self) -> Vec<String> {
        self.row.columns().iter().map(|column| column.name().to_owned()).collect()
    }
}

/// Reads a cell in place. Returns `None` if it has the wrong length, or is of an unknown type.
#[inline]
fn plain(form: Form, bytes: &[u8]) -> Option<Content<'_>> {
    Some(match form {
        Form::Int8 => Content::Integer(i64::from_be_bytes(bytes.try_into().ok()?)),
        Form::Text => Content::Text(bytes),
        Form::Int4 => Content::Integer(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        Form::Int2 => Content::Integer(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        Form::Oid => Content::Integer(u32::from_be_bytes(bytes.try_into().ok()?).into()),
        Form::Bool => Content::Integer(u8::from_be_bytes(bytes.try_into().ok()?).into()),
        Form::Float8 => Content::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
        Form::Float4 => Content::Real(f32::from_be_bytes(bytes.try_into().ok()?).into()),
        Form::Bytes => Content::Blob(bytes),
        Form::Void => Content::Null,
        Form::Converted(_) | Form::Unknown => return None,
    })
}

/// Returns the text form of a value; `None` if there is none, as for the date `infinity`.
#[cold]
fn converted(conversion: Conversion, bytes: &[u8]) -> Option<String> {
    fn text<'b, T: FromSql<'b> + ToString>(declared: &Type, bytes: &'b [u8]) -> Option<String> {
        T::from_sql(declared, bytes).ok().map(|value| value.to_string())
    }
    match conversion {
        Conversion::Numeric => numeric(bytes),
        Conversion::Date => text::<jiff::civil::Date>(&Type::DATE, bytes),
        Conversion::Time => text::<jiff::civil::Time>(&Type::TIME, bytes),
        Conversion::Timestamp => text::<jiff::civil::DateTime>(&Type::TIMESTAMP, bytes),
        Conversion::TimestampTz => text::<jiff::Timestamp>(&Type::TIMESTAMPTZ, bytes),
        Conversion::Uuid => {
            let uuid = u128::from_be_bytes(bytes.try_into().ok()?);
            let hex = format!("{uuid:032x}");
            Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
        }
        // The first byte is the version of the form.
        Conversion::Jsonb => String::from_utf8(bytes.strip_prefix(&[1])?.to_vec()).ok(),
    }
}

/// The bytes of a cell, of any type.
struct Raw<'s>(Option<&'s [u8]>);

impl<'s> FromSql<'s> for Raw<'s> {
    #[inline]
    fn from_sql(_: &Type, bytes: &'s [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(bytes)))
    }

    #[inline]
    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_the_wrong_length_are_not_a_bool() {
        assert!(matches!(plain(Form::Bool, &[1]), Some(Content::Integer(1))));
        assert!(plain(Form::Bool, &[]).is_none());
        assert!(plain(Form::Bool, &[1, 0]).is_none());
    }

    #[test]
    fn json_of_an_unknown_version_has_no_text() {
        assert_eq!(converted(Conversion::Jsonb, b"\x01{}").as_deref(), Some("{}"));
        assert_eq!(converted(Conversion::Jsonb, b"\x02{}"), None);
        assert_eq!(converted(Conversion::Jsonb, b""), None);
    }
}
