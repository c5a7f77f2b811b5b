//! Rows and their cells: what a statement returns, before it becomes the fields of a struct.

use rusqlite::types::ValueRef;

#[cfg(feature = "postgres")]
use crate::database::postgres::PostgresRow;
use crate::database::value::Value;
use crate::error::Mismatch;

/// One row of a result. It is valid until the next row is read.
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// struct Orders(i64);
///
/// impl FromRow for Orders {
///     const NAME: &'static str = "Orders";
///     const COLUMNS: &'static [&'static str] = &["n"];
///     fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self> {
///         let orders = row.cell(places[0]).integer();
///         let decode = |mismatch| Error::Decode { record: Self::NAME, column: Self::COLUMNS[0], mismatch };
///         Ok(Self(orders.map_err(decode)?))
///     }
/// }
/// let counted: Vec<Orders> = session.query("SELECT count(*) AS n FROM orders", [])?;
/// assert_eq!(counted[0].0, 50);
/// # Ok::<(), Error>(())
/// ```
pub struct Row<'s> {
    source: Source<'s>,
    /// Whether to add up the bytes of the cells that are read.
    weighs: bool,
    weight: std::cell::Cell<u64>,
    /// The cell of a key, kept because it is read twice: to find the parent and to build the object. Reading
    /// a cell from SQLite is expensive.
    key_cache: std::cell::Cell<Option<(usize, Cell<'s>)>>,
}

/// The row of a database's client.
#[derive(Clone, Copy)]
pub(crate) enum Source<'s> {
    Sqlite(&'s rusqlite::Row<'s>),
    #[cfg(feature = "postgres")]
    Postgres(&'s PostgresRow),
}

impl<'s> Row<'s> {
    #[inline]
    pub(super) fn new(source: Source<'s>, weighs: bool) -> Self {
        Self { source, weighs, weight: std::cell::Cell::new(0), key_cache: std::cell::Cell::new(None) }
    }

    /// Returns the cell in the column at `index`, counted from 0. It is `NULL` if the row has no such column.
    #[inline]
    pub fn cell(&self, index: usize) -> Cell<'s> {
        let cell = self.value(index);
        if self.weighs {
            self.weight.set(self.weight.get() + cell.bytes());
        }
        cell
    }

    /// Returns a cell of a key, and keeps it for the object that is built from the row later.
    #[inline]
    pub(crate) fn key_cell(&self, index: usize) -> Cell<'s> {
        let cell = self.value(index);
        self.key_cache.set(Some((index, cell)));
        cell
    }

    /// Always inlined, so that reading a cell of SQLite costs a comparison more with two databases than with one.
    #[inline(always)]
    fn value(&self, index: usize) -> Cell<'s> {
        match self.key_cache.get() {
            Some((cached, cell)) if cached == index => cell,
            _ => match self.source {
                Source::Sqlite(row) => Cell::plain(row.get_ref(index).unwrap_or(ValueRef::Null)),
                #[cfg(feature = "postgres")]
                Source::Postgres(row) => postgres_cell(row, index),
            },
        }
    }

    /// Sets the byte count to 0.
    #[inline]
    pub(crate) fn begin_weighing(&self) {
        self.weight.set(0);
    }

    /// Returns the bytes of the cells read since `begin_weighing`: 8 for a number, the length of a text or
    /// blob.
    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        self.weight.get()
    }

    pub(crate) fn column_names(&self) -> Vec<String> {
        match self.source {
            Source::Sqlite(row) => {
                let statement: &rusqlite::Statement<'_> = row.as_ref();
                statement.column_names().map(str::to_owned).collect()
            }
            #[cfg(feature = "postgres")]
            Source::Postgres(row) => row.column_names(),
        }
    }

    /// Returns the name of a column's type, if each column of the database has one.
    pub(crate) fn declared_type(&self, index: usize) -> Option<&'s str> {
        let _ = index;
        match self.source {
            Source::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Source::Postgres(row) => row.declared_type(index),
        }
    }
}

/// Never inlined, so that the code that reads a cell of SQLite stays as short as without PostgreSQL.
#[cfg(feature = "postgres")]
#[inline(never)]
fn postgres_cell(row: &PostgresRow, index: usize) -> Cell<'_> {
    let (value, is_numeric) = row.cell(index);
    Cell { value, is_numeric }
}

/// One cell of a row.
///
/// ```
/// # use eagerly::{Mismatch, value::Cell};
/// fn initial(cell: Cell<'_>) -> Result<Option<char>, Mismatch> {
///     if cell.is_null() { Ok(None) } else { cell.text().map(|text| text.chars().next()) }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Cell<'s> {
    value: ValueRef<'s>,
    /// Whether the text is that of a PostgreSQL `numeric`, which can be read as a number, too.
    #[cfg(feature = "postgres")]
    is_numeric: bool,
}

impl<'s> Cell<'s> {
    #[inline]
    fn plain(value: ValueRef<'s>) -> Self {
        Self {
            value,
            #[cfg(feature = "postgres")]
            is_numeric: false,
        }
    }

    /// Returns the number in the text of a `numeric`.
    #[cold]
    fn numeric<T: std::str::FromStr>(self) -> Option<T> {
        #[cfg(feature = "postgres")]
        if self.is_numeric
            && let ValueRef::Text(digits) = self.value
        {
            let digits = std::str::from_utf8(digits).ok()?;
            // An average of integers has decimal places, all of them 0.
            let whole =
                digits.split_once('.').filter(|(_, places)| places.bytes().all(|digit| digit == b'0'));
            return whole.map_or(digits, |(whole, _)| whole).parse().ok();
        }
        None
    }

    /// Returns whether the cell is `NULL`.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self.value, ValueRef::Null)
    }

    /// Returns the integer in the cell.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not an integer.
    #[inline]
    pub fn integer(self) -> Result<i64, Mismatch> {
        match self.value {
            ValueRef::Integer(integer) => Ok(integer),
            _ => self.numeric().ok_or_else(|| self.mismatch("an integer")),
        }
    }

    /// Returns the integer in a cell of an INTEGER column; `None` for any other value. SQLite may store −2^63
    /// as a real there.
    #[inline]
    pub(crate) fn integer_key(self) -> Option<i64> {
        match self.value {
            ValueRef::Integer(integer) => Some(integer),
            ValueRef::Real(real) if real == i64::MIN as f64 => Some(i64::MIN),
            _ => None,
        }
    }

    /// Returns the number in the cell. An integer counts too, because SQLite stores `2.0` as `2` where it can.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not a number.
    #[inline]
    pub fn real(self) -> Result<f64, Mismatch> {
        match self.value {
            ValueRef::Real(real) => Ok(real),
            ValueRef::Integer(integer) => Ok(integer as f64),
            _ => self.numeric().ok_or_else(|| self.mismatch("a real number")),
        }
    }

    /// Returns the text in the cell.
    ///
    /// # Errors
    /// [`Mismatch`] if the cell is not text, or not UTF-8.
    #[inline]
    pub fn text(self) -> Result<&'s str, Mismatch> {
        match self.value {
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| self.mismatch("text in UTF-8")),
            _ => Err(self.mismatch("text")),
        }
    }

    /// Returns a copy of the text. Copying first and checking the copy is faster than the reverse.
    #[inline(always)]
    pub(crate) fn owned_text(self) -> Result<String, Mismatch> {
        match self.value {
            ValueRef::Text(bytes) => {
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
        match self.value {
            ValueRef::Blob(bytes) => Ok(bytes),
            _ => Err(self.mismatch("a blob")),
        }
    }

    /// Returns the cell as a [`Value`]. Text that is not UTF-8 becomes a blob.
    #[inline]
    pub fn value(self) -> Value<'s> {
        match self.value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => Value::Integer(integer),
            ValueRef::Real(real) => Value::Real(real),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::Text(text.into()),
                Err(_) => Value::Blob(bytes.into()),
            },
            ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
        }
    }

    fn bytes(self) -> u64 {
        match self.value {
            ValueRef::Null => 0,
            ValueRef::Integer(_) | ValueRef::Real(_) => 8,
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64,
        }
    }

    #[cold]
    fn mismatch(self, expected: &'static str) -> Mismatch {
        let found = match (self.value, self.value()) {
            (ValueRef::Text(bytes), Value::Blob(_)) => format!("{} bytes that are not UTF-8", bytes.len()),
            (_, Value::Integer(_)) => format!("the integer {}", self.value()),
            (_, Value::Real(_)) => format!("the real number {}", self.value()),
            (_, Value::Text(_)) => format!("the text {}", self.value()),
            (_, Value::Blob(bytes)) => format!("a blob of {} bytes", bytes.len()),
            (_, Value::Null | Value::Array(_)) => "NULL".to_owned(),
        };
        Mismatch { expected, found }
    }
}
