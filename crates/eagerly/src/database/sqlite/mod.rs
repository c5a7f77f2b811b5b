//! The connection to a SQLite database.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::InterruptHandle;
use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::database::dialect::KeyTypes;
use crate::database::value::Value;
use crate::error::DatabaseError;

pub(crate) use statement::{Rows, Statement};

mod failures;
mod keys;
mod statement;

/// How long a statement waits for another connection's lock before it fails with `Failure::Busy`.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps. A page sends few different texts, many times.
const PREPARED_STATEMENTS: usize = 128;

/// The most memory that SQLite takes to keep pages of the file, in KiB. It takes memory only for pages that it has read. A
/// sort can take as much again, before it continues in a temporary file.
///
/// SQLite's own default is 2 MB. `selectin` looks up keys all over a table. If the table is much larger than the cache,
/// SQLite reads nearly every page from the operating system. With 100,000 customers, this cache saves 16 % of the time of
/// `selectin`, and 18 % of that of `joined`. Four times as much saves 6 % more (`benches/measured/scale.md`).
const PAGE_CACHE: i64 = 64 * 1024;

/// An open connection, with foreign keys enforced and a cache of prepared statements.
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
        // Otherwise SQLite reads the quoted name of a missing column as a string.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // Keep one plan for each text. Otherwise, where ANALYZE has left samples, SQLite prepares the
        // statement again for each bound value. That took three quarters of the time of a lazy page.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
        // For SQLite, a negative number is a size in KiB, and a positive one a number of pages.
        connection.pragma_update(None, "cache_size", -PAGE_CACHE)?;
        rusqlite::vtab::array::load_module(&connection)?;
        // SQLite opens a file that is not a database without an error; the first read fails.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self(connection))
    }

    /// Prepares a statement, or takes it from the cache, and binds its values.
    pub(crate) fn prepare(&self, sql: &str, values: &[Value<'_>]) -> Result<Statement<'_>, DatabaseError> {
        Statement::prepare(&self.0, sql, values)
    }

    /// Returns whether no transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.0.is_autocommit()
    }

    /// Makes SQLite call `witness` with the text of every statement that it starts.
    pub(crate) fn audit(
        &mut self,
        mut witness: impl FnMut(&str) + Send + 'static,
    ) -> Result<(), DatabaseError> {
        self.0.trace_v2(
            TraceEventCodes::SQLITE_TRACE_STMT,
            Some(move |event: TraceEvent<'_>| {
                // SQLite reports the inner steps of a trigger as comments. They are not statements of the program.
                if let TraceEvent::Stmt(statement, sql) = event
                    && statement.sql() == sql
                {
                    witness(sql);
                }
            }),
        )?;
        Ok(())
    }

    /// Returns the steps of SQLite's plan for a statement, one line each, indented by depth.
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

    /// Returns how the keys in some columns of a table are compared.
    pub(crate) fn key_types(
        &self,
        schema: Option<&str>,
        table: &str,
        columns: &[&str],
        has_integer_keys: bool,
    ) -> KeyTypes {
        match columns {
            [column] if has_integer_keys && self.holds_integers(schema, table, column) => KeyTypes::Integers,
            _ => KeyTypes::unknown(),
        }
    }

    /// Returns whether a column is declared to hold integers. Returns `false` for a view, whose columns have
    /// no declared type.
    ///
    /// A column has the affinity INTEGER if its declared type contains `INT`
    /// (<https://sqlite.org/datatype3.html>, section 3.1). Such a column stores a whole number as an integer,
    /// however it was written. So Rust can compare these integers.
    fn holds_integers(&self, schema: Option<&str>, table: &str, column: &str) -> bool {
        // For a view or a missing table this fails. Ignoring that is safe, because then the database compares
        // the keys.
        let declared = self.0.column_metadata(schema, table, column).ok();
        let declared = declared.and_then(|(declared, ..)| declared);
        declared
            .is_some_and(|declared| declared.to_bytes().to_ascii_uppercase().windows(3).any(|w| w == b"INT"))
    }

    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.0.get_interrupt_handle()
    }

    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        self.0.close().map_err(|(_, error)| error.into())
    }
}
