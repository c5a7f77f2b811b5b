//! The database floor: the one place that uses database clients.
//!
//! The floors above use it to open a connection, run statements, read cells, write the SQL of a database, and report
//! failures. They work in the same way with every database.
//!
//! Read in this order:
//! 1. `value.rs`: the values that a statement binds;
//! 2. `row.rs` and `cell.rs`: the rows that a statement returns, one cell at a time;
//! 3. `dialect.rs`, `sql_type.rs` and `catalog.rs`: the SQL that differs between the databases, the types of columns, and
//!    the queries that describe a table;
//! 4. `transaction.rs` and `connection.rs`: the connection to either database;
//! 5. `sqlite/`: SQLite, through `rusqlite`;
//! 6. `postgres/`: PostgreSQL, through `tokio-postgres` (feature `postgres`).

pub(crate) mod catalog;
pub(crate) mod cell;
pub(crate) mod connection;
pub(crate) mod dialect;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod row;
pub(crate) mod sql_type;
pub(crate) mod sqlite;
pub(crate) mod transaction;
pub(crate) mod value;

pub(crate) use self::catalog::{ColumnFacts, TableFacts};
pub(crate) use self::cell::Cell;
pub(crate) use self::connection::{Connection, Interrupter, Statement};
pub(crate) use self::dialect::{Dialect, KeyTypes, TextPlace, quote, quote_all, table_name};
pub(crate) use self::row::Row;
pub(crate) use self::sql_type::SqlType;
pub(crate) use self::transaction::Transaction;
pub(crate) use self::value::{Array, Value};
