//! What a PostgreSQL server, and the wire to it, report about a page. All of it is plain data, and all times are
//! measured.

use std::time::Duration;

/// What the wire and the server counted while a page ran.
#[derive(Debug, Clone)]
pub struct OnServer {
    /// The round trip through the page's proxy, as it was measured before the page: the median of several messages.
    pub round_trip: Duration,
    /// What the recorder on the wire counted.
    pub wire: OnTheWire,
    /// What passed on the wire, and when.
    pub messages: Messages,
    /// The statements of this page in the server's slow-query log, or the reason why it cannot be read.
    pub slow: Result<Vec<Logged>, String>,
    /// The rows of this page in `pg_stat_statements`, the most calls first, or the reason why they cannot be read.
    pub statistics: Result<Vec<Calls>, String>,
}

/// What the recorder counted and found between the page and the server, independently of the session.
#[derive(Debug, Clone, Default)]
pub struct OnTheWire {
    /// The number of statements, without transaction control.
    pub statements: u64,
    /// The number of statements that begin or end a transaction.
    pub control: u64,
    /// How often the page sent something and waited for the reply. Preparing a statement takes one more.
    pub round_trips: u64,
    /// How long the proxy delayed requests and replies.
    pub delayed: Duration,
    /// How long the server took to reply.
    pub server: Duration,
    /// The number of bytes that the page sent to the server.
    pub bytes_up: u64,
    /// The number of bytes that the server sent to the page.
    pub bytes_down: u64,
    /// What the recorder found by the flow of data, such as N+1. Each has several lines of at most 76 characters.
    pub findings: Vec<String>,
}

/// The messages of a page. Only the first [`Messages::MOST`] are kept.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    /// The first messages, in the order in which they were received.
    pub first: Vec<Message>,
    /// The number of later messages.
    pub left_out: u64,
}

impl Messages {
    /// The most messages that are kept.
    pub const MOST: usize = 2_000;
}

/// Bytes that travelled together in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// When the bytes left the sender, since the start of the page.
    pub sent: Duration,
    /// When they reached the receiver, half a round trip later.
    pub received: Duration,
    /// Whether they travelled from the server to the page.
    pub is_down: bool,
    /// Their number, with the headers of the protocol.
    pub bytes: u64,
}

/// A statement in the server's slow-query log.
#[derive(Debug, Clone)]
pub struct Logged {
    /// How long the server ran it.
    pub took: Duration,
    /// Its text.
    pub sql: String,
    /// The length of its lines in the log.
    pub bytes: u64,
}

/// The row of a statement text in `pg_stat_statements`.
#[derive(Debug, Clone)]
pub struct Calls {
    /// How often the page sent it.
    pub calls: u64,
    /// How long the server ran it, all calls together, without planning.
    pub time: Duration,
    /// The text, without values.
    pub sql: String,
}
