//! Keys: the values by which rows are matched.
//!
//! Most keys are one integer. Others are a text, or several columns. [`Key`] is any of them, as
//! values to bind. [`KeyType`] is the Rust type of a key.

use std::fmt;

use crate::database::{Row, Value};
use crate::model::column_type::ColumnType;

/// The value of a key: of one column, or of several together.
///
/// ```
/// # use eagerly::{Key, Value};
/// let key = Key::Many(vec![Value::from(7), Value::from("north")]);
/// assert_eq!(key.to_string(), r#"(7, "north")"#);
/// assert_eq!(key.values().len(), 2);
/// assert!(Key::One(Value::Null).is_null());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key<'a> {
    /// A key of one column.
    One(Value<'a>),
    /// A key of several columns, in their order.
    Many(Vec<Value<'a>>),
}

impl<'a> Key<'a> {
    /// Reads a key from the cells at `places` of a row.
    #[inline]
    pub(crate) fn read(row: &Row<'a>, places: &[usize]) -> Self {
        match places {
            [place] => Self::One(row.key_cell(*place).value()),
            several => Self::Many(several.iter().map(|place| row.cell(*place).value()).collect()),
        }
    }

    /// Returns whether this key equals the cells at `places` of a row exactly. A key that is null equals nothing,
    /// not even itself. Most keys are integers, which are compared without building a [`Key`].
    #[inline]
    pub(crate) fn is_in(&self, row: &Row<'_>, places: &[usize]) -> bool {
        match (self, places) {
            (Self::One(Value::Integer(known)), [place]) => row.key_cell(*place).integer_key() == Some(*known),
            _ => !self.is_null() && *self == Key::read(row, places),
        }
    }

    /// Returns the values, one for each column.
    pub fn values(&self) -> &[Value<'a>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// Returns whether any value is null. Such a key matches no row, because `NULL` equals nothing.
    pub fn is_null(&self) -> bool {
        self.values().iter().any(Value::is_null)
    }

    /// Returns the key with its data owned, so that it can outlive the entity.
    pub fn into_owned(self) -> Key<'static> {
        match self {
            Self::One(value) => Key::One(value.into_owned()),
            Self::Many(values) => Key::Many(values.into_iter().map(Value::into_owned).collect()),
        }
    }
}

/// Writes `42`, or `(7, "north")` for a key of several columns.
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

/// Reads from a row the key by which a relation finds its related rows.
pub(crate) type KeyOf<E> = for<'e> fn(&'e E) -> Key<'e>;

/// The keys of several rows, in their order.
#[derive(Debug, Clone)]
pub(crate) enum Keys {
    /// Integers, the usual case.
    Integers(Vec<i64>),
    /// Integers and nulls.
    Nullable(Vec<Option<i64>>),
    Others(Vec<Key<'static>>),
}

impl Keys {
    /// Returns whether the row at `position` has exactly this key.
    #[inline]
    pub(crate) fn has(&self, position: u32, key: &Key<'_>) -> bool {
        let position = position as usize;
        match (self, key) {
            (Self::Integers(keys), Key::One(Value::Integer(key))) => keys.get(position) == Some(key),
            (Self::Nullable(keys), Key::One(Value::Integer(key))) => keys.get(position) == Some(&Some(*key)),
            (Self::Nullable(keys), Key::One(Value::Null)) => keys.get(position) == Some(&None),
            (Self::Others(keys), key) => keys.get(position).is_some_and(|known| known == key),
            _ => false,
        }
    }

    /// Replaces the key of the row at `position`.
    pub(crate) fn set(&mut self, position: u32, key: &Key<'_>) {
        let place = position as usize;
        match (self, key) {
            (Self::Integers(keys), Key::One(Value::Integer(key))) if place < keys.len() => keys[place] = *key,
            (Self::Nullable(keys), Key::One(Value::Integer(key))) if place < keys.len() => {
                keys[place] = Some(*key)
            }
            (Self::Others(keys), key) if place < keys.len() => keys[place] = key.clone().into_owned(),
            // The key does not fit, so what is loaded for the old one is not shown for it.
            _ => {}
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Integers(keys) => keys.len(),
            Self::Nullable(keys) => keys.len(),
            Self::Others(keys) => keys.len(),
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
    /// Returns the values to bind.
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
