//! The database floor: the one place that uses a database client.
//!
//! The floors above use it to open a connection, run statements, read cells, write SQLite's SQL, and report
//! failures.
//!
//! Read in this order:
//! 1. `value.rs`: what a statement binds;
//! 2. `row.rs`: what a statement returns, one cell at a time;
//! 3. `dialect.rs`: the SQL that other databases may write differently;
//! 4. `sqlite/`: the connection and its statements, over `rusqlite`.

pub(crate) mod dialect;
pub(crate) mod row;
pub(crate) mod sqlite;
pub(crate) mod value;

pub(crate) use self::row::{Cell, Row};
pub(crate) use self::sqlite::{Connection, Interrupter, Statement};
pub(crate) use self::value::{Array, Value};
