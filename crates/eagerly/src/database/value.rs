//! Values: what a statement binds.
//!
//! SQLite stores five kinds of value. A [`Value`] is one of them, or an [`Array`]. PostgreSQL has more types, and reads
//! them from the text of these (`postgres/parameters.rs`). A value is always bound
//! and never written into the SQL. So a statement's text is its shape, and no input can change its meaning.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A value to bind. It borrows where it can: a bound `String` field is not cloned by this crate.
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
    /// A list of values under a single parameter, which SQL reads as `rarray(?1)`, and PostgreSQL as `ANY($1)`.
    Array(Array),
}

impl Value<'_> {
    /// Returns the value with its data owned, so that it can outlive the entity.
    ///
    /// ```
    /// # use eagerly::{ColumnType, Value};
    /// let name = String::from("Ada");
    /// let owned: Value<'static> = name.bind().into_owned();
    /// drop(name);
    /// assert_eq!(owned, Value::from("Ada"));
    /// ```
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

    /// Returns whether this is SQL's `NULL`, which equals nothing. A key that is null matches no row.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Integer(_) => 1,
            Self::Real(_) => 2,
            Self::Text(_) => 3,
            Self::Blob(_) => 4,
            Self::Array(_) => 5,
        }
    }
}

/// Orders values so that only identical ones are equal. `2` and `2.0` differ, because a text column stores
/// them differently. Only the database decides which values are equal in a column.
impl Ord for Value<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Blob(a), Self::Blob(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => a.iter().cmp(b.iter()),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl PartialOrd for Value<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value<'_> {}

impl Hash for Value<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind().hash(state);
        match self {
            Self::Null => {}
            Self::Integer(integer) => integer.hash(state),
            Self::Real(real) => real.to_bits().hash(state),
            Self::Text(text) => text.hash(state),
            Self::Blob(bytes) => bytes.hash(state),
            Self::Array(array) => array.iter().for_each(|value| value.hash(state)),
        }
    }
}

/// Writes the value for a log. Long text and long lists are shortened.
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

/// A list of values that is bound as one parameter, so that the text of a statement does not depend on their number.
///
/// ```
/// # use {eagerly::{*, value::Array}, shop::*}; let session = shop::small()?;
/// let ids: Array = [1, 2, 200].map(Value::from).into_iter().collect();
/// assert_eq!((ids.len(), ids.to_string().as_str()), (3, "[1, 2, 200]"));
/// let sql = "DELETE FROM order_items WHERE id IN (SELECT value FROM rarray(?1))";
/// assert_eq!(session.execute(sql, [Value::Array(ids)])?, 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Array(List);

/// Keys are mostly integers, which take 8 bytes each here and 32 as values.
#[derive(Debug, Clone)]
enum List {
    Integers(Rc<[i64]>),
    Values(Rc<[Value<'static>]>),
}

/// Returns the empty list.
impl Default for Array {
    fn default() -> Self {
        Self::of_integers(Vec::new())
    }
}

impl Array {
    pub(crate) fn of_integers(integers: Vec<i64>) -> Self {
        Self(List::Integers(integers.into()))
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        match &self.0 {
            List::Integers(integers) => integers.len(),
            List::Values(values) => values.len(),
        }
    }

    /// Returns whether the list has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the values, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'_>> {
        let (integers, values): (&[i64], &[Value<'static>]) = match &self.0 {
            List::Integers(integers) => (integers, &[]),
            List::Values(values) => (&[], values),
        };
        let integers = integers.iter().map(|integer| Value::Integer(*integer));
        integers.chain(values.iter().cloned())
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Array {}

impl<'a> FromIterator<Value<'a>> for Array {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(values: I) -> Self {
        Self(List::Values(values.into_iter().map(Value::into_owned).collect()))
    }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        let shown: Vec<_> = self.iter().take(SHOWN).map(|value| value.to_string()).collect();
        write!(f, "[{}", shown.join(", "))?;
        match self.len() {
            length if length > SHOWN => write!(f, ", … {length} values]"),
            _ => write!(f, "]"),
        }
    }
}
