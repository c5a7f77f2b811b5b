//! A prepared statement: its values, and its rows one at a time.

use rusqlite::types::{ToSqlOutput, ValueRef};

use super::row::Row;
use crate::failure::DatabaseError;
use crate::value::Value;

/// A prepared statement with its values bound.
pub(crate) struct Statement<'c> {
    prepared: rusqlite::CachedStatement<'c>,
    connection: &'c rusqlite::Connection,
    /// The connection's running total of changed rows before this statement; `None` if it only reads.
    changes_before: Option<u64>,
}

impl<'c> Statement<'c> {
    pub(super) fn prepare(
        connection: &'c rusqlite::Connection,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Self, DatabaseError> {
        let mut prepared = connection.prepare_cached(sql)?;
        bind(&mut prepared, values)?;
        let changes_before = (!prepared.readonly()).then(|| connection.total_changes());
        Ok(Self {
            prepared,
            connection,
            changes_before,
        })
    }

    /// Runs the statement and hands over each row that it returns.
    pub(crate) fn rows(&mut self, weighs: bool) -> Rows<'_> {
        Rows {
            rows: self.prepared.raw_query(),
            weighs,
        }
    }

    /// Runs the statement to its end, whatever rows it returns.
    pub(crate) fn run(&mut self) -> Result<(), DatabaseError> {
        let mut rows = self.prepared.raw_query();
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// How many rows the statement inserted, updated or deleted.
    pub(crate) fn changed(&self) -> u64 {
        match self.changes_before {
            Some(before) => match self.connection.total_changes() - before {
                // It was a `CREATE TABLE`, say, after which `changes` still tells of the statement before.
                0 => 0,
                // A trigger on a view did all of it.
                total if self.connection.changes() == 0 => total,
                _ => self.connection.changes(),
            },
            None => 0,
        }
    }

    /// Binds other values, to run the same statement again.
    pub(crate) fn rebind(&mut self, values: &[Value<'_>]) -> Result<(), DatabaseError> {
        self.changes_before = self.changes_before.map(|_| self.connection.total_changes());
        Ok(bind(&mut self.prepared, values)?)
    }
}

/// The rows of a running statement, one at a time.
pub(crate) struct Rows<'s> {
    rows: rusqlite::Rows<'s>,
    weighs: bool,
}

impl Rows<'_> {
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, DatabaseError> {
        let weighs = self.weighs;
        Ok(self.rows.next()?.map(|row| Row::new(row, weighs)))
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value<'_>]) -> Result<(), rusqlite::Error> {
    let expected = statement.parameter_count();
    if expected != values.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), expected));
    }
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Bound(value))?;
    }
    Ok(())
}

/// A value on its way into a statement.
struct Bound<'v>(&'v Value<'v>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Integer(integer) => ToSqlOutput::Borrowed(ValueRef::Integer(*integer)),
            Value::Real(real) => ToSqlOutput::Borrowed(ValueRef::Real(*real)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Value::Array(array) => return array.0.to_sql(),
        })
    }
}
