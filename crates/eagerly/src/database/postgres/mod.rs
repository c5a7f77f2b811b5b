//! The connection to a PostgreSQL server, through `tokio-postgres`.
//!
//! The connection prepares each statement text once, and keeps it for later. From then on, the statement takes one
//! round trip. `BEGIN` travels with the query that follows it. So an eager load of three statements in a snapshot takes
//! four round trips:
//!
//! ```text
//! BEGIN, SELECT customers   →
//!                           ←   rows
//! SELECT orders             →
//!                           ←   rows
//! SELECT order_items        →
//!                           ←   rows
//! COMMIT                    →
//!                           ←   done
//! ```
//!
//! Read in this order:
//! 1. `command.rs` and `words.rs`: what a statement does, and the state of the connection's transaction;
//! 2. `parameters.rs`, `cells.rs` and `numeric.rs`: the values that travel to the server and back;
//! 3. `connection.rs` and `statement.rs`: the connection, its statements and their rows;
//! 4. `connect.rs` and `address.rs`: from a URL to a connection;
//! 5. `failures.rs`: the failures of PostgreSQL;
//! 6. `driver.rs` and `wire.rs`: how the client library runs without an async runtime, and the count of round trips.

pub(crate) use self::address::Canceller;
pub(crate) use self::cells::PostgresRow;
pub(crate) use self::connect::connect;
pub(crate) use self::connection::Connection;
pub(crate) use self::statement::{Rows, Statement};

mod address;
mod cells;
mod command;
mod connect;
mod connection;
mod driver;
mod failures;
mod numeric;
mod parameters;
mod statement;
#[cfg(feature = "tls")]
mod tls;
mod wire;
mod words;
