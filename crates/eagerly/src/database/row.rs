//! Rows: what a statement returns, before it becomes the fields of a struct.

use rusqlite::types::ValueRef;

use crate::database::cell::Cell;
#[cfg(feature = "postgres")]
use crate::database::postgres::PostgresRow;

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
                Source::Sqlite(row) => Cell::new(row.get_ref(index).unwrap_or(ValueRef::Null).into()),
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
    Cell::new(row.cell(index))
}
