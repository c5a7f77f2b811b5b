//! A prepared statement: its bound values, and its rows one at a time.

use std::rc::Rc;

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};

use crate::database::value::{Array, Value};
use crate::error::DatabaseError;

/// A prepared statement with its values bound.
pub(crate) struct Statement<'c> {
    prepared: rusqlite::CachedStatement<'c>,
    connection: &'c rusqlite::Connection,
    /// The connection's total of changed rows before this statement; `None` if the statement only reads.
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
        Ok(Self { prepared, connection, changes_before })
    }

    /// Binds other values, to run the same statement again.
    pub(crate) fn rebind(&mut self, values: &[Value<'_>]) -> Result<(), DatabaseError> {
        self.changes_before = self.changes_before.map(|_| self.connection.total_changes());
        Ok(bind(&mut self.prepared, values)?)
    }

    /// Runs the statement and returns its rows.
    #[inline]
    pub(crate) fn rows(&mut self) -> Rows<'_> {
        self.prepared.raw_query()
    }

    /// Runs the statement to its end and ignores its rows.
    pub(crate) fn run(&mut self) -> Result<(), DatabaseError> {
        let mut rows = self.prepared.raw_query();
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Returns the number of rows that the statement inserted, updated or deleted.
    pub(crate) fn changed(&self) -> u64 {
        match self.changes_before {
            Some(before) => match self.connection.total_changes() - before {
                // After a `CREATE TABLE`, for example, `changes()` still returns the previous statement's
                // count.
                0 => 0,
                // An INSTEAD OF trigger made all changes.
                total if self.connection.changes() == 0 => total,
                _ => self.connection.changes(),
            },
            None => 0,
        }
    }
}

/// The rows of a running statement.
pub(crate) type Rows<'s> = rusqlite::Rows<'s>;

fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value<'_>]) -> Result<(), rusqlite::Error> {
    let expected = statement.parameter_count();
    if expected != values.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), expected));
    }
    for (index, value) in values.iter().enumerate() {
        match value {
            Value::Array(array) => statement.raw_bind_parameter(index + 1, list(array)?)?,
            value => statement.raw_bind_parameter(index + 1, Bound(value))?,
        }
    }
    Ok(())
}

/// Copies a list into the form that `rarray` reads.
fn list(array: &Array) -> Result<Rc<Vec<Owned>>, rusqlite::Error> {
    let owned = array.iter().map(|value| match value {
        Value::Null => Ok(Owned::Null),
        Value::Integer(integer) => Ok(Owned::Integer(integer)),
        Value::Real(real) => Ok(Owned::Real(real)),
        Value::Text(text) => Ok(Owned::Text(text.into_owned())),
        Value::Blob(bytes) => Ok(Owned::Blob(bytes.into_owned())),
        Value::Array(_) => {
            let reason = "a list of values cannot hold another list";
            Err(rusqlite::Error::ToSqlConversionFailure(reason.into()))
        }
    });
    Ok(Rc::new(owned.collect::<Result<_, _>>()?))
}

struct Bound<'v>(&'v Value<'v>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null | Value::Array(_) => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
