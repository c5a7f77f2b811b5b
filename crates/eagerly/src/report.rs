//! Reports: raw SQL into plain structs.
//!
//! What is only counted or summed should not be loaded as objects. `#[derive(FromRow)]` reads each column of a
//! result into the field of the same name, found once for the whole result.

use crate::column_type::ColumnType;
use crate::core::Core;
use crate::driver::Row;
use crate::error::{Error, Result};
use crate::event::Cause;
use crate::value::Value;

/// A plain struct that is read from the row of a report. Implemented by `#[derive(FromRow)]`.
///
/// ```
/// # use eagerly::FromRow;
/// # use shop::{Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// #[derive(FromRow)]
/// struct Day {
///     #[row(column = "placed_on")] date: String,
/// }
/// let days: Vec<Day> = session.query("SELECT DISTINCT placed_on FROM orders ORDER BY placed_on", [])?;
/// assert_eq!(days[0].date, "2024-01-02");
/// # Ok::<(), eagerly::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row of raw SQL",
    note = "write a struct with #[derive(FromRow)], a field for each column"
)]
pub trait FromRow: Sized {
    /// The struct's name, for messages.
    const NAME: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// Reads a row; the cell of the field number `n` is at `places[n]`.
    ///
    /// # Errors
    /// [`Error::Decode`] if a cell does not fit its field.
    fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self>;
}

/// Reads one field of a report; the derive calls this for each.
#[doc(hidden)]
#[inline]
pub fn read_field<R: FromRow, T: ColumnType>(row: &Row<'_>, places: &[usize], field: usize) -> Result<T> {
    T::read(row.cell(places[field])).map_err(|mismatch| Error::Decode {
        record: R::NAME,
        column: R::COLUMNS[field],
        mismatch,
    })
}

pub(crate) fn query<T: FromRow>(
    core: &Core,
    sql: &str,
    values: &[Value<'_>],
    cause: Cause<'_>,
) -> Result<Vec<T>> {
    let mut places = Vec::new();
    let mut rows = Vec::new();
    core.query(sql, values, cause, |row| {
        if rows.is_empty() {
            // Not before the first row: a prepared statement follows a change of the schema only then.
            places = find_places::<T>(&row.column_names(), sql)?;
        }
        rows.push(T::from_row(row, &places)?);
        Ok(())
    })?;
    Ok(rows)
}

fn find_places<T: FromRow>(names: &[String], sql: &str) -> Result<Vec<usize>> {
    let find = |column: &&'static str| {
        let place = names.iter().position(|name| name == column);
        place.ok_or_else(|| Error::NoSuchColumn {
            record: T::NAME,
            column,
            present: names.join(", "),
            sql: sql.to_owned(),
        })
    };
    T::COLUMNS.iter().map(find).collect()
}
