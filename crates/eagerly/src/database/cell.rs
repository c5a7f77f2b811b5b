//! The cells of a row.
//!
//! A cell has one form for both databases. It is as small as SQLite's own form, because a page copies thousands of them.

use rusqlite::types::ValueRef;

use crate::database::value::Value;
use crate::error::Mismatch;

/// One cell of a row.
///
/// ```
/// # use eagerly::{Mismatch, value::Cell};
/// fn initial(cell: Cell<'_>) -> Result<Option<char>, Mismatch> {
///     if cell.is_null() { Ok(None) } else { cell.text().map(|text| text.chars().next()) }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Cell<'s>(Content<'s>);

/// What is in a cell.
#[derive(Clone, Copy)]
pub(crate) enum Content<'s> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'s [u8]),
    /// The digits of a PostgreSQL `numeric`. They are a text that can be read as a number, too.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code))]
    Numeric(&'s [u8]),
    Blob(&'s [u8]),
}

impl<'s> From<ValueRef<'s>> for Content<'s> {
    #[inline(always)]
    fn from(value: ValueRef<'s>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(integer) => Self::Integer(integer),
            ValueRef::Real(real) => Self::Real(real),
            ValueRef::Text(bytes) => Self::Text(bytes),
            ValueRef::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl<'s> Cell<'s> {
    #[inline(always)]
    pub(super) fn new(content: Content<'s>) -> Self {
        Self(content)
    }

    /// Returns the number in the text of a `numeric`.
    #[cold]
    fn numeric<T: std::str::FromStr>(self) -> Option<T> {
        let Content::Numeric(digits) = self.0 else {
            return None;
        };
        let digits = std::str::from_utf8(digits).ok()?;
        // An average of integers has decimal places, all of them 0.
        let whole = digits.split_once('.').filter(|(_, places)| places.bytes().all(|digit| digit == b'0'));
        whole.map_or(digits, |(whole, _)| whole).parse().ok()
    }

    /// Returns whether the cell is `NULL`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.0, Content::Null)
    }

    /// Returns the integer in the cell.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not an integer.
    #[inline]
    pub fn integer(self) -> Result<i64, Mismatch> {
        match self.0 {
            Content::Integer(integer) => Ok(integer),
            _ => self.numeric().ok_or_else(|| self.mismatch("an integer")),
        }
    }

    /// Returns the integer in a cell of an INTEGER column; `None` for any other value. SQLite may store −2^63
    /// as a real there.
    #[inline]
    pub(crate) fn integer_key(self) -> Option<i64> {
        match self.0 {
            Content::Integer(integer) => Some(integer),
            Content::Real(real) if real == i64::MIN as f64 => Some(i64::MIN),
            _ => None,
        }
    }

    /// Returns the number in the cell. An integer counts too, because SQLite stores `2.0` as `2` where it can.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not a number.
    #[inline]
    pub fn real(self) -> Result<f64, Mismatch> {
        match self.0 {
            Content::Real(real) => Ok(real),
            Content::Integer(integer) => Ok(integer as f64),
            _ => self.numeric().ok_or_else(|| self.mismatch("a real number")),
        }
    }

    /// Returns the text in the cell.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not text, or not UTF-8.
    #[inline]
    pub fn text(self) -> Result<&'s str, Mismatch> {
        match self.0 {
            Content::Text(bytes) | Content::Numeric(bytes) => {
                std::str::from_utf8(bytes).map_err(|_| self.mismatch("text in UTF-8"))
            }
            _ => Err(self.mismatch("text")),
        }
    }

    /// Returns a copy of the text. Copying first and checking the copy is faster than the reverse.
    #[inline(always)]
    pub(crate) fn owned_text(self) -> Result<String, Mismatch> {
        match self.0 {
            Content::Text(bytes) | Content::Numeric(bytes) => {
                String::from_utf8(bytes.to_vec()).map_err(|_| self.mismatch("text in UTF-8"))
            }
            _ => Err(self.mismatch("text")),
        }
    }

    /// Returns the bytes of a blob.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not a blob.
    #[inline]
    pub fn blob(self) -> Result<&'s [u8], Mismatch> {
        match self.0 {
            Content::Blob(bytes) => Ok(bytes),
            _ => Err(self.mismatch("a blob")),
        }
    }

    /// Returns the cell as a [`Value`]. Text that is not UTF-8 becomes a blob.
    #[inline]
    pub fn value(self) -> Value<'s> {
        match self.0 {
            Content::Null => Value::Null,
            Content::Integer(integer) => Value::Integer(integer),
            Content::Real(real) => Value::Real(real),
            Content::Text(bytes) | Content::Numeric(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(text.into()),
                Err(_) => Value::Blob(bytes.into()),
            },
            Content::Blob(bytes) => Value::Blob(bytes.into()),
        }
    }

    /// Returns 8 for a number, and the length of a text or blob.
    pub(super) fn bytes(self) -> u64 {
        match self.0 {
            Content::Null => 0,
            Content::Integer(_) | Content::Real(_) => 8,
            Content::Text(bytes) | Content::Numeric(bytes) | Content::Blob(bytes) => bytes.len() as u64,
        }
    }

    #[cold]
    pub(crate) fn mismatch(self, expected: &'static str) -> Mismatch {
        let found = match (self.0, self.value()) {
            (Content::Text(bytes), Value::Blob(_)) => format!("{} bytes that are not UTF-8", bytes.len()),
            (_, Value::Integer(_)) => format!("the integer {}", self.value()),
            (_, Value::Real(_)) => format!("the real number {}", self.value()),
            (_, Value::Text(_)) => format!("the text {}", self.value()),
            (_, Value::Blob(bytes)) => format!("a blob of {} bytes", bytes.len()),
            (_, Value::Null | Value::Array(_)) => "NULL".to_owned(),
        };
        Mismatch { expected, found }
    }
}

/// Returns the error of a cell that holds no variant of an enum. The derive calls it.
#[doc(hidden)]
#[cold]
pub fn mismatch(cell: Cell<'_>, expected: &'static str) -> Mismatch {
    cell.mismatch(expected)
}
