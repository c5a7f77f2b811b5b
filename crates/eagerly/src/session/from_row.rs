//! Runs raw SQL, and reads rows into structs.
//!
//! Rows that are only counted or added up should not be loaded as objects. `#[derive(FromRow)]` reads each
//! column of a result into the field of the same name. The columns are found once for the whole result. Single values and
//! tuples are read by position (`positions.rs`).

use crate::call_site::CallSite;
use crate::database::{Row, Value};
use crate::error::{Error, Result};
use crate::model::{ColumnType, Parameters, short_type_name};
use crate::session::open::Session;
use crate::trace::Cause;

/// A type that is read from a row of raw SQL. `#[derive(FromRow)]` implements it for a struct.
///
/// A struct finds its columns by name. A column type and a tuple of up to eight column types are read by position, and must
/// have as many columns as the result:
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// let days = session.query::<Option<String>>("SELECT min(placed_on) FROM orders", [])?;
/// assert_eq!(days[0].as_deref(), Some("2024-01-02"));
/// let sql = "SELECT status, count(*) FROM orders GROUP BY status ORDER BY status";
/// let orders = session.query::<(String, i64)>(sql, [])?;
/// assert_eq!(orders[0], ("cancelled".to_owned(), 3));
/// # Ok::<(), Error>(())
/// ```
///
/// The derive:
///
/// ```
/// # use eagerly::*; let session = shop::small()?;
/// #[derive(FromRow)]
/// struct Day {
///     #[row(column = "placed_on")]
///     date: String,
/// }
/// let days: Vec<Day> = session.query("SELECT DISTINCT placed_on FROM orders ORDER BY placed_on", [])?;
/// assert_eq!(days[0].date, "2024-01-02");
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a row of raw SQL",
    note = "write a struct with #[derive(FromRow)], a field for each column",
    note = "or read a column type such as `i64`, or a tuple of up to eight of them, such as `(String, i64)`"
)]
pub trait FromRow: Sized {
    /// The struct's name, for messages.
    const NAME: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];
    /// Whether the columns are read by position, and not found by name.
    const BY_POSITION: bool = false;

    /// Reads a row. Field `n` is at `places[n]`.
    ///
    /// # Errors
    /// [`Error::Decode`] if a cell does not fit its field.
    fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self>;
}

/// Reads one field. The derive calls this for each.
#[doc(hidden)]
#[inline]
pub fn read_field<R: FromRow, T: ColumnType>(row: &Row<'_>, places: &[usize], field: usize) -> Result<T> {
    T::read(row.cell(places[field])).map_err(|mismatch| Error::Decode {
        record: R::NAME,
        column: R::COLUMNS[field],
        mismatch,
    })
}

impl Session {
    /// Runs raw SQL and reads each row into a struct, a tuple, or a single value.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// #[derive(FromRow)]
    /// struct Total {
    ///     status: String,
    ///     orders: i64,
    /// }
    /// let sql = "SELECT status, count(*) AS orders FROM orders WHERE id > ?1 GROUP BY status ORDER BY status";
    /// let totals: Vec<Total> = session.query(sql, params![0])?;
    /// assert_eq!((totals[0].status.as_str(), totals[0].orders), ("cancelled", 3));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::NoSuchColumn`] if a row is returned and the
    /// result lacks a column of the struct, [`Error::ColumnCount`] if it has another number of columns than the tuple,
    /// [`Error::Decode`] if a row does not fit it, [`Error::Other`] if the text has no statement.
    #[track_caller]
    pub fn query<T: FromRow>(&self, sql: &str, values: impl Parameters) -> Result<Vec<T>> {
        let cause = Cause::explicit("query", CallSite::caller());
        refuse_empty(sql, cause)?;
        self.rows(sql, values.as_ref(), cause)
    }

    /// Sends a query for `cause`, and reads its rows.
    pub(super) fn rows<T: FromRow>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
    ) -> Result<Vec<T>> {
        let mut places = Vec::new();
        let mut rows = Vec::new();
        self.gate.query(sql, values, cause, &mut |row| {
            if rows.is_empty() {
                // Columns are read at the first row, because SQLite re-prepares a statement after a schema
                // change only then.
                places = find_places::<T>(&row.column_names(), sql)?;
            }
            rows.push(T::from_row(row, &places)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs one raw SQL statement that returns no rows. Returns the number of rows that it changed.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// let changed = session.execute("UPDATE orders SET status = ?1 WHERE customer_id = ?2", params!["shipped", 1])?;
    /// assert_eq!(changed, 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::Other`] if the text has no statement.
    #[track_caller]
    pub fn execute(&self, sql: &str, values: impl Parameters) -> Result<u64> {
        let cause = Cause::explicit("execute", CallSite::caller());
        refuse_empty(sql, cause)?;
        self.gate.execute(sql, values.as_ref(), cause)
    }
}

/// Refuses a text without a statement. SQLite only reports an API misuse, and PostgreSQL accepts it.
fn refuse_empty(sql: &str, cause: Cause<'_>) -> Result<()> {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == ';');
        let (end, after) = match rest {
            "" => break,
            _ if rest.starts_with("--") => ("\n", &rest[2..]),
            _ if rest.starts_with("/*") => ("*/", &rest[2..]),
            _ => return Ok(()),
        };
        rest = after.split_once(end).map_or("", |(_, rest)| rest);
    }
    Err(Error::other(format!(
        "{cause}: the text has no SQL statement\n  help: pass one statement, such as `SELECT 1`"
    )))
}

/// Returns where each column of `T` is in the result.
fn find_places<T: FromRow>(names: &[String], sql: &str) -> Result<Vec<usize>> {
    if T::BY_POSITION {
        return match names.len() == T::COLUMNS.len() {
            true => Ok((0..names.len()).collect()),
            false => Err(Error::ColumnCount {
                record: short_type_name::<T>(),
                columns: T::COLUMNS.len(),
                present: names.join(", "),
                sql: sql.to_owned(),
            }),
        };
    }
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
