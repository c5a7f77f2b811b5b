//! Values on their way to and from the database.
//!
//! SQLite stores five kinds of value, and [`Value`] is one of them. A Rust type that can stand in a column
//! implements [`ColumnType`]: how to read it from a [`Cell`] of a row, and how to bind it to a statement.
//! Values are always bound, never written into the SQL, so that a statement's text is its shape and no input
//! can change its meaning.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

pub use crate::driver::{Array, Cell};

/// One value of SQLite's: what a statement binds, and what keys are compared as.
///
/// It borrows where it can: binding a `String` field of an entity copies nothing.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// A 64-bit floating point number.
    Real(f64),
    /// UTF-8 text.
    Text(Cow<'a, str>),
    /// Bytes.
    Blob(Cow<'a, [u8]>),
    /// A list of values under a single parameter, read in SQL as `rarray(?1)`.
    ///
    /// This is what keeps the text of an `IN` the same for any number of keys.
    Array(Array),
}

impl Value<'_> {
    /// The same value, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(integer) => Value::Integer(integer),
            Self::Real(real) => Value::Real(real),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Blob(bytes) => Value::Blob(Cow::Owned(bytes.into_owned())),
            Self::Array(array) => Value::Array(array),
        }
    }

    /// The same value, borrowed from this one.
    pub(crate) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(integer) => Value::Integer(*integer),
            Self::Real(real) => Value::Real(*real),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Blob(bytes) => Value::Blob(Cow::Borrowed(bytes)),
            Self::Array(array) => Value::Array(array.clone()),
        }
    }

    /// Whether this is SQL's `NULL`, which equals nothing: a key that is null has no partner.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// SQLite sorts values of different kinds by kind: nulls, then numbers, then text, then blobs.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Blob(_) => 3,
            Self::Array(_) => 4,
        }
    }
}

/// The order that `ORDER BY` gives (under the `BINARY` collation), so that keys sorted here and rows sorted by
/// the database can be walked side by side.
impl Ord for Value<'_> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            (Self::Integer(a), Self::Real(b)) => (*a as f64).total_cmp(b),
            (Self::Real(a), Self::Integer(b)) => a.total_cmp(&(*b as f64)),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.iter().cmp(b.iter()),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value<'_> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value<'_> {}

/// As a person reads it in a log: long text and long lists are shortened.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "NULL"),
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Real(real) => write!(f, "{real:?}"),
            Self::Text(text) => match text.char_indices().nth(40) {
                Some((end, _)) => write!(f, "{:?}…", &text[..end]),
                None => write!(f, "{text:?}"),
            },
            Self::Blob(bytes) => write!(f, "<{} bytes>", bytes.len()),
            Self::Array(array) => write!(f, "{array}"),
        }
    }
}

/// A Rust type that can stand in a column.
///
/// Implemented for `i8` to `i64`, `u8` to `u32`, `f32`, `f64`, `bool`, `String`, `Vec<u8>`, and `Option` of
/// these. A newtype over one of them gets it by a derive:
///
/// ```
/// use eagerly::ColumnType;
///
/// #[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
/// struct Cents(i64);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a column",
    label = "not a column type",
    note = "columns hold i8 to i64, u8 to u32, f32, f64, bool, String, Vec<u8>, and Option of these",
    note = "SQLite's integers are signed 64 bit: for u64 and usize use i64, or a newtype that says what to do with the rest",
    note = "a newtype over a column type needs #[derive(ColumnType)]"
)]
pub trait ColumnType: Sized {
    /// Reads one cell of a row.
    ///
    /// # Errors
    /// A [`Mismatch`] if the cell holds something that this type cannot be.
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch>;

    /// The value to bind to a statement.
    fn bind(&self) -> Value<'_>;
}

/// A cell that is not what the Rust type says: `expected i64, found NULL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What the Rust type can hold.
    pub expected: &'static str,
    /// What the cell holds.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for Mismatch {}

macro_rules! integer_columns {
    ($($integer:ty),*) => {$(
        impl ColumnType for $integer {
            #[inline]
            fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
                let integer = cell.integer()?;
                <$integer>::try_from(integer).map_err(|_| Mismatch {
                    expected: concat!("an integer that fits in ", stringify!($integer)),
                    found: integer.to_string(),
                })
            }

            #[inline]
            fn bind(&self) -> Value<'_> {
                Value::Integer(i64::from(*self))
            }
        }
    )*};
}

integer_columns!(i8, i16, i32, i64, u8, u16, u32);

impl ColumnType for f64 {
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.real()
    }

    /// SQLite has no NaN: it stores one as `NULL`.
    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Real(*self)
    }
}

impl ColumnType for f32 {
    /// SQLite's reals have 64 bits: reading one as `f32` rounds it.
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.real().map(|real| real as Self)
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Real(f64::from(*self))
    }
}

impl ColumnType for bool {
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        match cell.integer()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Mismatch {
                expected: "a bool (0 or 1)",
                found: other.to_string(),
            }),
        }
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl ColumnType for String {
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.text().map(str::to_owned)
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl ColumnType for Vec<u8> {
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.blob().map(<[u8]>::to_vec)
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        Value::Blob(Cow::Borrowed(self))
    }
}

impl<T: ColumnType> ColumnType for Option<T> {
    #[inline]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        if cell.is_null() {
            Ok(None)
        } else {
            T::read(cell).map(Some)
        }
    }

    #[inline]
    fn bind(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::bind)
    }
}

/// Dates and times as text in ISO 8601.
#[cfg(feature = "jiff")]
mod dates {
    use super::{Cell, ColumnType, Cow, Mismatch, Value};

    macro_rules! text_columns {
        ($($date:ty => $expected:literal),*) => {$(
            impl ColumnType for $date {
                fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
                    let text = cell.text()?;
                    text.parse().map_err(|_| Mismatch { expected: $expected, found: format!("{text:?}") })
                }

                fn bind(&self) -> Value<'_> {
                    Value::Text(Cow::Owned(self.to_string()))
                }
            }
        )*};
    }

    text_columns!(
        jiff::civil::Date => "a date such as 2026-11-22",
        jiff::civil::Time => "a time such as 13:45:00",
        jiff::civil::DateTime => "a date and time such as 2026-11-22T13:45:00",
        jiff::Timestamp => "an instant such as 2026-11-22T13:45:00Z"
    );
}

/// What may stand on the other side of a comparison with a column of type `T`: a `T`, text as `&str`, bytes as
/// `&[u8]`, and for an optional column the plain value too.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "not comparable with this column"
)]
pub trait Operand<T> {
    /// The value to bind.
    fn into_value(self) -> Value<'static>;
}

impl<T: ColumnType> Operand<T> for T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: ColumnType> Operand<Option<T>> for T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: ColumnType + Clone> Operand<T> for &T {
    fn into_value(self) -> Value<'static> {
        self.bind().into_owned()
    }
}

impl<T: AcceptsText> Operand<T> for &str {
    fn into_value(self) -> Value<'static> {
        Value::Text(Cow::Owned(self.to_owned()))
    }
}

/// A column type that text is compared with: `String` and `Option<String>`.
pub trait AcceptsText: ColumnType {}

impl AcceptsText for String {}
impl AcceptsText for Option<String> {}

impl<T: ColumnType> From<T> for Value<'static> {
    fn from(value: T) -> Self {
        value.bind().into_owned()
    }
}

impl From<&str> for Value<'static> {
    fn from(text: &str) -> Self {
        Self::Text(Cow::Owned(text.to_owned()))
    }
}

/// The values bound to raw SQL, in the order of `?1`, `?2`, …: `params![18, "open"]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::Value::<'static>::from($value)),*]
    };
}
