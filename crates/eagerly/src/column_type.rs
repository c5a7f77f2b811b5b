//! Rust types that can stand in a column: how each is read from a [`Cell`] of a row, and bound to a statement.

use std::borrow::Cow;
use std::fmt;

pub use crate::driver::Cell;
use crate::value::Value;

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

/// A cell that is not what the Rust type says: `expected an integer, found NULL`.
///
/// ```
/// # use eagerly::{Error, FromRow};
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # #[derive(Debug, FromRow)] struct Named { #[allow(dead_code)] name: i64 }
/// let error = session.query::<Named>("SELECT first_name AS name FROM customers WHERE id = 1", []).unwrap_err();
/// assert!(matches!(&error, Error::Decode { mismatch, .. } if mismatch.expected == "an integer"));
/// assert!(error.to_string().contains(r#"expected an integer, found the text "Ada""#));
/// # Ok::<(), eagerly::Error>(())
/// ```
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
    #[inline(always)]
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.owned_text()
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
