//! The seam: one connection, statement and row for the floors above, for both databases.
//!
//! There are two databases, and a session has one of them. Enums distinguish them, so that a session needs no type
//! parameter. Without the feature `postgres` it has one variant, and costs nothing.

use std::path::Path;

use crate::database::cell::Cell;
use crate::database::dialect::{Dialect, KeyTypes};
#[cfg(feature = "postgres")]
use crate::database::postgres;
use crate::database::row::{Row, Source};
use crate::database::sqlite;
use crate::database::transaction::Transaction;
use crate::database::value::Value;
use crate::error::DatabaseError;

/// An open connection.
pub(crate) enum Connection {
    Sqlite(sqlite::Connection),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Connection>),
}

impl Connection {
    /// Opens a SQLite database file.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        sqlite::Connection::open(path).map(Self::Sqlite)
    }

    /// Opens an empty SQLite database in memory.
    pub(crate) fn in_memory() -> Result<Self, DatabaseError> {
        sqlite::Connection::in_memory().map(Self::Sqlite)
    }

    /// Connects to a PostgreSQL server. Returns also how a message calls the server, without the password.
    #[cfg(feature = "postgres")]
    pub(crate) fn connect(url: &str) -> (String, Result<Self, DatabaseError>) {
        let (server, connection) = postgres::connect(url);
        (server, connection.map(|open| Self::Postgres(Box::new(open))))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Prepares a statement, or takes it from the cache, and binds its values.
    #[inline]
    pub(crate) fn prepare<'c>(
        &'c self,
        sql: &'c str,
        values: &'c [Value<'c>],
    ) -> Result<Statement<'c>, DatabaseError> {
        match self {
            Self::Sqlite(open) => open.prepare(sql, values).map(Statement::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => postgres::Statement::prepare(open, sql, values)
                .map(|statement| Statement::Postgres(Box::new(statement))),
        }
    }

    /// Returns the connection if it is one to SQLite, where no statement travels.
    pub(crate) fn as_sqlite(&self) -> Option<&sqlite::Connection> {
        match self {
            Self::Sqlite(open) => Some(open),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    #[inline]
    pub(crate) fn transaction(&self) -> Transaction {
        match self {
            Self::Sqlite(open) if open.is_autocommit() => Transaction::None,
            Self::Sqlite(_) => Transaction::Open,
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.transaction(),
        }
    }

    /// Returns how many round trips the connection has made. SQLite makes none.
    pub(crate) fn round_trips(&self) -> u64 {
        match self {
            Self::Sqlite(_) => 0,
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.round_trips(),
        }
    }

    /// Returns how the keys in some columns of a table are compared.
    pub(crate) fn key_types(
        &self,
        schema: Option<&str>,
        table: &str,
        columns: &[&str],
        has_integer_keys: bool,
    ) -> Result<KeyTypes, DatabaseError> {
        match self {
            Self::Sqlite(open) => Ok(open.key_types(schema, table, columns, has_integer_keys)),
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.key_types(schema, table, columns, has_integer_keys),
        }
    }

    /// Returns whether the database chooses a key for a row that is inserted with `NULL`, or without a value, in this
    /// column. In PostgreSQL, the insert does not name the column, so that its default or a trigger can choose.
    pub(crate) fn chooses_key(&self, schema: Option<&str>, table: &str, column: &str) -> bool {
        match self {
            Self::Sqlite(open) => open.chooses_key(schema, table, column),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
        }
    }

    /// Returns whether an insert into a table may return another key than that of the inserted row. For a view, SQLite
    /// returns the values of the `INSERT`. PostgreSQL returns the row that the view's trigger returns.
    pub(crate) fn misreports_keys(&self, schema: Option<&str>, table: &str, column: &str) -> bool {
        match self {
            Self::Sqlite(open) => open.is_view(schema, table, column),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => false,
        }
    }

    /// Returns whether `key` is the one that the database chose for the row that was just inserted. For a row of a
    /// virtual table, SQLite reports -1 or nothing.
    pub(crate) fn confirms_chosen(&self, key: Cell<'_>) -> bool {
        match self {
            Self::Sqlite(open) => key.integer() == Ok(open.last_row_number()),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => !key.is_null(),
        }
    }

    /// Returns whether the server has prepared a text and still has it. SQLite needs no such check.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only a server remembers texts"))]
    pub(crate) fn is_prepared(&self, sql: &str) -> bool {
        match self {
            Self::Sqlite(_) => true,
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.is_prepared(sql),
        }
    }

    /// Forgets that the server has prepared a text.
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only a server remembers texts"))]
    pub(crate) fn forget(&self, sql: &str) {
        match self {
            Self::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.forget_prepared(sql),
        }
    }

    /// Makes the database call `witness` with the text of every statement that it starts.
    pub(crate) fn audit(&mut self, witness: impl FnMut(&str) + Send + 'static) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(open) => open.audit(witness),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => {
                drop(witness);
                let message = "a PostgreSQL server reports to its own views; read pg_stat_statements";
                Err(DatabaseError::new(crate::error::Failure::Other, message))
            }
        }
    }

    /// Returns the steps of the database's own plan for a statement, one line each, indented by depth.
    pub(crate) fn explain(&self, sql: &str) -> Result<Vec<String>, DatabaseError> {
        match self {
            Self::Sqlite(open) => open.explain(sql),
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => open.explain(sql),
        }
    }

    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter(match self {
            Self::Sqlite(open) => Interrupt::Sqlite(open.interrupt_handle()),
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => Interrupt::Postgres(Box::new(open.canceller())),
        })
    }

    pub(crate) fn close(self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(open) => open.close(),
            #[cfg(feature = "postgres")]
            Self::Postgres(open) => {
                open.close();
                Ok(())
            }
        }
    }
}

/// A prepared statement with its values bound.
pub(crate) enum Statement<'c> {
    Sqlite(sqlite::Statement<'c>),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Statement<'c>>),
}

impl Statement<'_> {
    /// Sends the statement, if statements can travel together. [`run`](Self::run) waits for its answer.
    pub(crate) fn send(&mut self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(statement) => statement.send(),
        }
    }

    /// Runs the statement to its end and ignores its rows.
    pub(crate) fn run(&mut self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(statement) => statement.run(),
            #[cfg(feature = "postgres")]
            Self::Postgres(statement) => statement.run(),
        }
    }

    /// Runs the statement and returns its rows. If `weighs`, each row adds up the bytes of the cells that are read.
    #[inline]
    pub(crate) fn rows(&mut self, weighs: bool) -> Result<Rows<'_>, DatabaseError> {
        let rows = match self {
            Self::Sqlite(statement) => RowsOf::Sqlite(statement.rows()),
            #[cfg(feature = "postgres")]
            Self::Postgres(statement) => RowsOf::Postgres(Box::new(statement.rows()?)),
        };
        Ok(Rows { rows, weighs })
    }

    /// Returns the number of rows that the statement inserted, updated or deleted.
    pub(crate) fn changed(&self) -> u64 {
        match self {
            Self::Sqlite(statement) => statement.changed(),
            #[cfg(feature = "postgres")]
            Self::Postgres(statement) => statement.changed(),
        }
    }
}

/// The rows of a running statement.
pub(crate) struct Rows<'s> {
    rows: RowsOf<'s>,
    weighs: bool,
}

enum RowsOf<'s> {
    Sqlite(sqlite::Rows<'s>),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Rows<'s>>),
}

impl Rows<'_> {
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Row<'_>>, DatabaseError> {
        let source = match &mut self.rows {
            RowsOf::Sqlite(rows) => rows.next()?.map(Source::Sqlite),
            #[cfg(feature = "postgres")]
            RowsOf::Postgres(rows) => rows.next()?.map(Source::Postgres),
        };
        let weighs = self.weighs;
        Ok(source.map(|source| Row::new(source, weighs)))
    }
}

/// Stops a session's running statement, from any thread. [`Session::interrupter`](crate::Session::interrupter)
/// returns one.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let interrupter: Interrupter = session.interrupter()?;
/// interrupter.interrupt(); // no statement is running
/// assert_eq!(session.count(Customer::select())?, 5);
/// # Ok::<(), Error>(())
/// ```
pub struct Interrupter(Interrupt);

enum Interrupt {
    Sqlite(rusqlite::InterruptHandle),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Canceller>),
}

impl Interrupter {
    /// Stops the running statement, which fails with [`Failure::Interrupted`](crate::Failure::Interrupted). It does
    /// nothing if no statement is running.
    pub fn interrupt(&self) {
        match &self.0 {
            Interrupt::Sqlite(handle) => handle.interrupt(),
            #[cfg(feature = "postgres")]
            Interrupt::Postgres(canceller) => canceller.cancel(),
        }
    }
}
