//! Values on their way to and from the database.
//!
//! SQLite stores five kinds of value, and [`Value`] is one of them. Values are always bound, never written into the SQL,
//! so that a statement's text is its shape and no input can change its meaning.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::column_type::ColumnType;
pub use crate::driver::{Array, Cell};

/// One value of SQLite's: what a statement binds, and what keys are compared as.
///
/// It borrows where it can: binding a `String` field of an entity copies nothing.
///
/// ```
/// # use eagerly::Value;
/// assert_eq!(Value::from(true), Value::Integer(1));
/// assert_eq!(Value::from("Ada"), Value::Text("Ada".into()));
/// assert!(Value::from(None::<i64>).is_null());
/// ```
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
    ///
    /// ```
    /// # use eagerly::{ColumnType, Value};
    /// let name = String::from("Ada");
    /// let owned: Value<'static> = name.bind().into_owned();
    /// drop(name);
    /// assert_eq!(owned, Value::from("Ada"));
    /// ```
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
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a == b,
            _ => self.cmp(other) == Ordering::Equal,
        }
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

/// What may stand on the other side of a comparison with a column of type `T`: a `T`, text as `&str`, bytes as
/// `&[u8]`, and for an optional column the plain value too.
///
/// ```
/// # use eagerly::{Condition, value::Operand};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// fn named(name: impl Operand<String>) -> Condition<Customer> {
///     Customer::FIRST_NAME.eq(name)
/// }
/// assert_eq!(session.count(Customer::select().filter(named("Ada")))?, 1);
/// assert_eq!(session.count(Customer::select().filter(named("Ada".to_owned())))?, 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
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
///
/// ```
/// # use eagerly::{Column, Condition, value::AcceptsText};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// fn begins<T: AcceptsText>(column: Column<Customer, T>, text: &str) -> Condition<Customer> {
///     column.like(&format!("{text}%"))
/// }
/// assert_eq!(session.count(Customer::select().filter(begins(Customer::LAST_NAME, "Love")))?, 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
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
///
/// ```
/// # use eagerly::params;
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let values = params![2, "returned"];
/// assert_eq!(session.execute("UPDATE orders SET status = ?2 WHERE id = ?1", values)?, 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        [$($crate::Value::<'static>::from($value)),*]
    };
}
