//! Keys: the values by which rows find each other.
//!
//! A key is mostly one integer, sometimes a text, now and then several columns together. [`Key`] is any of
//! them, as values to bind and to compare; [`KeyType`] is the Rust type that the key has in an entity.

use std::fmt;

use crate::column_type::ColumnType;
use crate::driver::Row;
use crate::value::Value;

/// The value of a key: of one column, or of several together.
///
/// ```
/// # use eagerly::{Key, Value};
/// let key = Key::Many(vec![Value::from(7), Value::from("north")]);
/// assert_eq!(key.to_string(), r#"(7, "north")"#);
/// assert_eq!(key.values().len(), 2);
/// assert!(Key::One(Value::Null).is_null());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key<'a> {
    /// A key of one column.
    One(Value<'a>),
    /// A key of several columns, in their order.
    Many(Vec<Value<'a>>),
}

impl<'a> Key<'a> {
    /// Reads a key from the cells at `columns` of a row.
    #[inline]
    pub(crate) fn read(row: &Row<'a>, columns: &[usize]) -> Self {
        match columns {
            [column] => Self::One(row.key_cell(*column).value()),
            several => Self::Many(several.iter().map(|c| row.cell(*c).value()).collect()),
        }
    }

    /// Whether this is the key that stands in the cells at `columns` of a row. Keys are mostly integers: those are
    /// compared without making a [`Key`] of the cells first.
    #[inline]
    pub(crate) fn stands_in(&self, row: &Row<'_>, columns: &[usize]) -> bool {
        match (self, columns) {
            (Self::One(Value::Integer(known)), [column]) => {
                row.key_cell(*column).as_integer() == Some(*known)
            }
            _ => *self == Key::read(row, columns),
        }
    }

    /// The values, one for each column.
    #[must_use]
    pub fn values(&self) -> &[Value<'a>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// Whether any part is null: such a key has no partner, as `NULL` equals nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.values().iter().any(Value::is_null)
    }

    /// The same key, borrowed from this one.
    pub(crate) fn borrowed(&self) -> Key<'_> {
        match self {
            Self::One(value) => Key::One(value.borrowed()),
            Self::Many(values) => Key::Many(values.iter().map(Value::borrowed).collect()),
        }
    }

    /// The same key, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Key<'static> {
        match self {
            Self::One(value) => Key::One(value.into_owned()),
            Self::Many(values) => Key::Many(values.into_iter().map(Value::into_owned).collect()),
        }
    }
}

/// `42`, or `(7, "north")` for a key of several columns.
impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(value) => value.fmt(f),
            Self::Many(values) => {
                let shown: Vec<_> = values.iter().map(Value::to_string).collect();
                write!(f, "({})", shown.join(", "))
            }
        }
    }
}

/// The Rust type of an entity's key: a column type, or a tuple of two to four of them.
///
/// ```
/// # use eagerly::KeyType;
/// assert_eq!(KeyType::bind(&42).to_string(), "42");
/// assert_eq!((7, "north".to_owned()).bind().to_string(), r#"(7, "north")"#);
/// ```
pub trait KeyType {
    /// The values to bind.
    fn bind(&self) -> Key<'_>;
}

impl<T: ColumnType> KeyType for T {
    #[inline]
    fn bind(&self) -> Key<'_> {
        Key::One(ColumnType::bind(self))
    }
}

macro_rules! tuple_keys {
    ($(($($type:ident $place:tt),*)),*) => {$(
        impl<$($type: ColumnType),*> KeyType for ($($type,)*) {
            fn bind(&self) -> Key<'_> {
                Key::Many(vec![$(self.$place.bind()),*])
            }
        }
    )*};
}

tuple_keys!((A 0, B 1), (A 0, B 1, C 2), (A 0, B 1, C 2, D 3));
