//! What happens on a connection.

use std::time::{Duration, Instant};

use crate::sql::Sql;
use crate::value::Value;

/// What happens on a connection.
pub(crate) enum Event<'e> {
    /// The application has this name now.
    Application(&'e str),
    /// The client sends something, and awaits no other reply.
    RoundTripBegan { at: Instant },
    /// All replies have come. `wire` is the time that the proxy delayed the bytes, and `server` the time between.
    RoundTripEnded { wire: Duration, server: Duration },
    /// The server has begun a statement, or goes on with it.
    Began(Began<'e>),
    /// The statement has returned a row. The hashes are those of its values, and 0 for what is no value.
    Row { columns: &'e [String], hashes: &'e [u64], at: Instant },
    /// The statement has ended, or its portion of rows.
    Ended(Ended),
    /// The server waits for the next statement. `is_awaited` is false if the client has sent nothing more.
    Ready { is_in_transaction: bool, is_awaited: bool, at: Instant },
    /// A message passed that has no meaning here.
    NotUnderstood,
}

/// The beginning of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Began<'e> {
    pub(crate) sql: &'e Sql,
    /// The values in the places of the shape.
    pub(crate) values: &'e [Option<Value>],
    /// A hash of all values. Two statements of one shape with the same hash are the same statement.
    pub(crate) identity: u64,
    /// When the request reached the proxy.
    pub(crate) sent: Instant,
    /// False if the client reads the next rows of a result.
    pub(crate) is_first: bool,
}

/// The end of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) is_failed: bool,
    pub(crate) rows: u64,
    /// When the request reached the proxy.
    pub(crate) sent: Instant,
    /// How long the request was delayed. Of statements that share a round trip, only the first has delays.
    pub(crate) to_server: Duration,
    /// How long the end of the reply was delayed.
    pub(crate) from_server: Duration,
    /// How long the server took.
    pub(crate) server: Duration,
}
