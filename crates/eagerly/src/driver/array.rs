//! A list of values under a single parameter: what keeps the text of an `IN` the same for any number of them.

use std::fmt;
use std::rc::Rc;

use rusqlite::types::Value as SqliteValue;

use super::row::Cell;
use crate::value::Value;

/// A list of values that is bound as one parameter.
///
/// ```
/// # use eagerly::{Value, value::Array};
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let ids: Array = [1, 2, 200].map(Value::from).into_iter().collect();
/// assert_eq!((ids.len(), ids.to_string().as_str()), (3, "[1, 2, 200]"));
/// let sql = "DELETE FROM order_items WHERE id IN (SELECT value FROM rarray(?1))";
/// assert_eq!(session.execute(sql, [Value::Array(ids)])?, 2);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Array(pub(super) Rc<Vec<SqliteValue>>);

impl Array {
    /// How many values the list holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the list holds no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, in order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'_>> {
        self.0.iter().map(|value| Cell(value.into()).value())
    }
}

impl<'a> FromIterator<Value<'a>> for Array {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(values: I) -> Self {
        let owned = values.into_iter().map(|value| match value {
            Value::Null | Value::Array(_) => SqliteValue::Null,
            Value::Integer(integer) => SqliteValue::Integer(integer),
            Value::Real(real) => SqliteValue::Real(real),
            Value::Text(text) => SqliteValue::Text(text.into_owned()),
            Value::Blob(bytes) => SqliteValue::Blob(bytes.into_owned()),
        });
        Self(Rc::new(owned.collect()))
    }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        write!(f, "[")?;
        for (index, value) in self.iter().take(SHOWN).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{value}")?;
        }
        match self.len() {
            length if length > SHOWN => write!(f, ", … {length} values]"),
            _ => write!(f, "]"),
        }
    }
}
