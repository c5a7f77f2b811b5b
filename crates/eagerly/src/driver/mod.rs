//! The seam to SQLite: the one module that names `rusqlite`'s types.
//!
//! Everything above asks for four things: open a connection, run a statement with bound values, look at the
//! cells of a row, and be told what went wrong in words. Another database could stand behind the same four.

use std::collections::HashMap;
use std::ffi::CStr;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::failure::DatabaseError;
use crate::strategy::comparison::ColumnRules;
use crate::value::Value;

pub(crate) use statement::Statement;

pub use array::Array;
pub use row::{Cell, Row};

mod array;
mod errors;
mod row;
mod statement;

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
        Statement::prepare(&self.0, sql, values)
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

/// Stops a session's running statement, from any thread. Made by
/// [`Session::interrupter`](crate::Session::interrupter).
///
/// ```
/// # use eagerly::Interrupter;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let interrupter: Interrupter = session.interrupter()?;
/// interrupter.interrupt(); // nothing is running
/// assert_eq!(session.count(Customer::select())?, 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    /// Stops the statement that is running; it fails with [`Failure::Interrupted`](crate::Failure::Interrupted). Where
    /// none is running, nothing happens.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}
