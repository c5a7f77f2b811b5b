//! The seam to SQLite: the one module that names `rusqlite`'s types.
//!
//! Everything above asks for four things: open a connection, run a statement with bound values, look at the
//! cells of a row, and be told what went wrong in words. Another database could stand behind the same four.

use std::collections::HashMap;
use std::ffi::CStr;
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::ffi::ErrorCode;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};

use crate::column_type::Mismatch;
use crate::failure::{DatabaseError, Failure};
use crate::strategy::comparison::ColumnRules;
use crate::value::Value;

/// How long a statement waits for another connection's lock before it fails as busy.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps. A page sends a handful of shapes, again and again.
const PREPARED_STATEMENTS: usize = 128;

/// An open connection to a SQLite database.
pub(crate) struct Connection(rusqlite::Connection);

impl Connection {
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::configured(rusqlite::Connection::open(path)?)
    }

    pub(crate) fn in_memory() -> Result<Self, DatabaseError> {
        Self::configured(rusqlite::Connection::open_in_memory()?)
    }

    fn configured(connection: rusqlite::Connection) -> Result<Self, DatabaseError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true)?;
        // Without this, SQLite reads the quoted name of a column that is not there as a string.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // One text, one plan. Otherwise, where ANALYZE has left samples, SQLite looks at the bound value and prepares
        // the statement anew for each: three quarters of the time of a lazy page.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        rusqlite::vtab::array::load_module(&connection)?;
        // A file that is not a database is opened without complaint; only reading it tells.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self(connection))
    }

    /// Prepares a statement, or takes it from the cache, and binds its values.
    pub(crate) fn prepare(&self, sql: &str, values: &[Value<'_>]) -> Result<Statement<'_>, DatabaseError> {
        let mut prepared = self.0.prepare_cached(sql)?;
        bind(&mut prepared, values)?;
        let changes_before = (!prepared.readonly()).then(|| self.0.total_changes());
        Ok(Statement {
            prepared,
            connection: &self.0,
            changes_before,
        })
    }

    /// Whether no transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.0.is_autocommit()
    }

    /// Calls `witness` with the text of every statement that SQLite itself starts.
    pub(crate) fn audit(
        &mut self,
        mut witness: impl FnMut(&str) + Send + 'static,
    ) -> Result<(), DatabaseError> {
        self.0.trace_v2(
            TraceEventCodes::SQLITE_TRACE_STMT,
            Some(move |event: TraceEvent<'_>| {
                // SQLite reports the inner steps of triggers as comments: they are nobody's statements.
                if let TraceEvent::Stmt(statement, sql) = event
                    && statement.sql() == sql
                {
                    witness(sql);
                }
            }),
        )?;
        Ok(())
    }

    /// How SQLite would go about a statement, a line for each step, indented as they nest.
    pub(crate) fn explain(&self, sql: &str) -> Result<Vec<String>, DatabaseError> {
        let mut statement = self.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = statement.raw_query();
        let mut depths = HashMap::new();
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, parent): (i64, i64) = (row.get(0)?, row.get(1)?);
            let depth = depths.get(&parent).map_or(0, |depth| depth + 1);
            depths.insert(id, depth);
            lines.push(format!("{}{}", "  ".repeat(depth), row.get::<_, String>(3)?));
        }
        Ok(lines)
    }

    /// How a column of a table compares; `None` for a view, or where there is no such column.
    pub(crate) fn column_rules(&self, table: &str, column: &str) -> Option<ColumnRules> {
        let (declared, collation, ..) = self.0.column_metadata(None, table, column).ok()?;
        let text = |name: Option<&CStr>| name.map(CStr::to_string_lossy).unwrap_or_default().into_owned();
        Some(ColumnRules::declared(&text(declared), &text(collation)))
    }

    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter(self.0.get_interrupt_handle())
    }

    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        self.0.close().map_err(|(_, error)| error.into())
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

/// Stops a session's running statement, from any thread. Made by
/// [`Session::interrupter`](crate::Session::interrupter).
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    /// Stops the statement that is running; it fails with [`Failure::Interrupted`]. Where none is running,
    /// nothing happens.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// A prepared statement with its values bound.
pub(crate) struct Statement<'c> {
    prepared: rusqlite::CachedStatement<'c>,
    connection: &'c rusqlite::Connection,
    /// The connection's running total of changed rows before this statement; `None` if it only reads.
    changes_before: Option<u64>,
}

impl Statement<'_> {
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
        Ok(self.rows.next()?.map(|row| Row {
            row,
            weighs,
            weight: std::cell::Cell::new(0),
            kept: std::cell::Cell::new(None),
        }))
    }
}

/// One row of a result, valid until the next one is asked for.
pub struct Row<'s> {
    row: &'s rusqlite::Row<'s>,
    weighs: bool,
    weight: std::cell::Cell<u64>,
    /// A cell that was looked at and will be again.
    kept: std::cell::Cell<Option<(usize, ValueRef<'s>)>>,
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
#[derive(Clone, Copy)]
pub struct Cell<'s>(ValueRef<'s>);

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

/// A list of values that is bound as one parameter.
#[derive(Debug, Clone, Default)]
pub struct Array(Rc<Vec<SqliteValue>>);

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

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match &error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                kind_of(failure.code, message.as_deref().unwrap_or_default())
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => kind_of(error.code, msg),
            rusqlite::Error::InvalidParameterCount(..) => Failure::Parameters,
            _ => Failure::Other,
        };
        let message = match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) => message,
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            rusqlite::Error::InvalidParameterCount(given, expected) => {
                format!("the statement has {expected} parameters, but {given} values were given")
            }
            other => other.to_string(),
        };
        Self { kind, message }
    }
}

fn kind_of(code: ErrorCode, message: &str) -> Failure {
    match code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Failure::Busy,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Failure::ReadOnly,
        ErrorCode::NotADatabase => Failure::NotADatabase,
        ErrorCode::DatabaseCorrupt => Failure::Corrupt,
        ErrorCode::CannotOpen => Failure::CannotOpen,
        ErrorCode::DiskFull => Failure::DiskFull,
        ErrorCode::SystemIoFailure => Failure::InputOutput,
        ErrorCode::ConstraintViolation => Failure::Constraint,
        ErrorCode::OperationInterrupted => Failure::Interrupted,
        _ if message.contains("no such table") || message.contains("no such column") => Failure::NoSuchName,
        _ if message.contains("has no column named") => Failure::NoSuchName,
        _ => Failure::Other,
    }
}
