//! The database floor: the one place that uses database clients.
//!
//! The floors above use it to open a connection, run statements, read cells, write a database's own SQL, and report
//! failures. They do not depend on which database it is.
//!
//! Read in this order:
//! 1. `value.rs`: what a statement binds;
//! 2. `row.rs` and `cell.rs`: what a statement returns, one cell at a time;
//! 3. `dialect.rs`: the SQL that the databases write differently;
//! 4. `transaction.rs` and `connection.rs`: the connection, whichever database it leads to;
//! 5. `sqlite/`: SQLite, over `rusqlite`;
//! 6. `postgres/`: PostgreSQL, over `tokio-postgres` (feature `postgres`).

pub(crate) mod cell;
pub(crate) mod connection;
pub(crate) mod dialect;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod row;
pub(crate) mod sqlite;
pub(crate) mod transaction;
pub(crate) mod value;

pub(crate) use self::cell::Cell;
pub(crate) use self::connection::{Connection, Interrupter, Statement};
pub(crate) use self::dialect::{Dialect, KeyTypes};
pub(crate) use self::row::Row;
pub(crate) use self::transaction::Transaction;
pub(crate) use self::value::{Array, Value};
