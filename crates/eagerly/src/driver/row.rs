//! A row of a result, and its cells: what SQLite holds, before it becomes a field.

use std::cell::Cell as Slot;

use rusqlite::types::ValueRef;

use crate::column_type::Mismatch;
use crate::value::Value;

/// One row of a result, valid until the next one is asked for.
///
/// ```
/// # use eagerly::{FromRow, Result, Row};
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # struct Numbers(i64);
/// impl FromRow for Numbers {
/// #   const NAME: &'static str = "Numbers";
/// #   const COLUMNS: &'static [&'static str] = &["n"];
///     fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self> {
///         Ok(Self(row.cell(places[0]).integer().unwrap_or_default()))
///     }
/// }
/// # let numbers: Vec<Numbers> = session.query("SELECT count(*) AS n FROM orders", [])?;
/// assert_eq!(numbers[0].0, 50);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Row<'s> {
    row: &'s rusqlite::Row<'s>,
    weighs: bool,
    weight: Slot<u64>,
    /// A cell that was looked at and will be again.
    kept: Slot<Option<(usize, ValueRef<'s>)>>,
}

/// What a cell weighs.
fn bytes(cell: ValueRef<'_>) -> u64 {
    match cell {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64,
    }
}

impl<'s> Row<'s> {
    #[inline]
    pub(super) fn new(row: &'s rusqlite::Row<'s>, weighs: bool) -> Self {
        Self {
            row,
            weighs,
            weight: Slot::new(0),
            kept: Slot::new(None),
        }
    }

    /// The cell in the column at `index`, counted from 0; a null where the row has no such column.
    #[inline]
    #[must_use]
    pub fn cell(&self, index: usize) -> Cell<'s> {
        let cell = self.value(index);
        if self.weighs {
            self.weight.set(self.weight.get() + bytes(cell));
        }
        Cell(cell)
    }

    /// The same, for a cell of a key: it will be looked at again, at the latest by the object that is built of the
    /// row, and asking SQLite for a cell takes longer than most of what is done with it.
    #[inline]
    pub(crate) fn key_cell(&self, index: usize) -> Cell<'s> {
        let cell = self.value(index);
        self.kept.set(Some((index, cell)));
        Cell(cell)
    }

    #[inline]
    fn value(&self, index: usize) -> ValueRef<'s> {
        match self.kept.get() {
            Some((kept, cell)) if kept == index => cell,
            _ => self.row.get_ref(index).unwrap_or(ValueRef::Null),
        }
    }

    /// Weighs the cells that are looked at from now on, if anybody wants to know.
    #[inline]
    pub(crate) fn begin_weighing(&self) {
        self.weight.set(0);
    }

    /// What the cells weigh that were looked at since then, in bytes: 8 for a number, the length of a text or blob.
    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        self.weight.get()
    }

    pub(crate) fn column_names(&self) -> Vec<String> {
        let statement: &rusqlite::Statement<'_> = self.row.as_ref();
        statement.column_names().map(str::to_owned).collect()
    }
}

/// One cell of a row, not yet turned into a Rust type.
///
/// ```
/// # use eagerly::{FromRow, Result, Row, Session, value::Cell};
/// fn shown(cell: Cell<'_>) -> String {
///     if cell.is_null() { "-".to_owned() } else { cell.value().to_string() }
/// }
/// # struct Line(String);
/// # impl FromRow for Line {
/// #   const NAME: &'static str = "Line";
/// #   const COLUMNS: &'static [&'static str] = &["age"];
/// #   fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self> { Ok(Self(shown(row.cell(places[0])))) }
/// # }
/// # let lines: Vec<Line> = Session::in_memory()?.query("SELECT 36 AS age UNION ALL SELECT NULL", [])?;
/// assert_eq!([lines[0].0.as_str(), lines[1].0.as_str()], ["36", "-"]);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Cell<'s>(pub(super) ValueRef<'s>);

impl<'s> Cell<'s> {
    /// Whether the cell holds `NULL`.
    #[inline]
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self.0, ValueRef::Null)
    }

    /// The cell as an integer.
    ///
    /// # Errors
    /// If it holds anything else.
    #[inline]
    pub fn integer(self) -> Result<i64, Mismatch> {
        match self.0 {
            ValueRef::Integer(integer) => Ok(integer),
            _ => Err(self.mismatch("an integer")),
        }
    }

    /// The cell as an integer, if it is one.
    #[inline]
    pub(crate) fn as_integer(self) -> Option<i64> {
        match self.0 {
            ValueRef::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// The cell as a floating point number. An integer is one too: SQLite stores `2.0` as `2` where it can.
    ///
    /// # Errors
    /// If it holds anything else.
    #[inline]
    pub fn real(self) -> Result<f64, Mismatch> {
        match self.0 {
            ValueRef::Real(real) => Ok(real),
            ValueRef::Integer(integer) => Ok(integer as f64),
            _ => Err(self.mismatch("a real number")),
        }
    }

    /// The cell as text.
    ///
    /// # Errors
    /// If it holds anything else, or bytes that are not UTF-8.
    #[inline]
    pub fn text(self) -> Result<&'s str, Mismatch> {
        match self.0 {
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_err(|_| self.mismatch("text in UTF-8")),
            _ => Err(self.mismatch("text")),
        }
    }

    /// The same, as a text of its own: quicker than checking the bytes where they lie and copying them then.
    #[inline(always)]
    pub(crate) fn owned_text(self) -> Result<String, Mismatch> {
        match self.0 {
            ValueRef::Text(bytes) => match String::from_utf8(bytes.to_vec()) {
                Ok(text) => Ok(text),
                Err(_) => Err(self.mismatch("text in UTF-8")),
            },
            _ => Err(self.mismatch("text")),
        }
    }

    /// The cell as bytes.
    ///
    /// # Errors
    /// If it holds anything else.
    #[inline]
    pub fn blob(self) -> Result<&'s [u8], Mismatch> {
        match self.0 {
            ValueRef::Blob(bytes) => Ok(bytes),
            _ => Err(self.mismatch("a blob")),
        }
    }

    /// The cell as whatever it holds. Text that is not UTF-8 is taken as bytes.
    #[inline]
    #[must_use]
    pub fn value(self) -> Value<'s> {
        match self.0 {
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

    #[cold]
    fn mismatch(self, expected: &'static str) -> Mismatch {
        let found = match self.0 {
            ValueRef::Null => "NULL".to_owned(),
            ValueRef::Integer(_) => format!("the integer {}", self.value()),
            ValueRef::Real(_) => format!("the real number {}", self.value()),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(_) => format!("the text {}", self.value()),
                Err(_) => format!("{} bytes that are not UTF-8", bytes.len()),
            },
            ValueRef::Blob(bytes) => format!("a blob of {} bytes", bytes.len()),
        };
        Mismatch { expected, found }
    }
}
