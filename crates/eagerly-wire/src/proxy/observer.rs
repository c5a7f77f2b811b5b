//! What a program can learn about the bytes that pass.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Instant;

/// When bytes arrived at the proxy, and when they leave it.
#[derive(Debug, Clone, Copy)]
pub struct Passage {
    /// When the bytes arrived.
    pub arrived: Instant,
    /// When the bytes are sent on. The time between is the delay.
    pub left: Instant,
}

/// Learns about the connections of a [`Proxy`](crate::Proxy).
pub trait Observer: Debug + Send + Sync {
    /// A client has connected. The result learns about this connection.
    fn connected(&self, client: SocketAddr) -> Box<dyn ObserveBytes>;
}

/// Learns about the bytes of one connection.
///
/// Each direction has a thread, but only one of the two calls at a time. So all observers of a connection learn about the
/// bytes in the same order, and a slow method delays both directions. If a method panics, the bytes go on.
pub trait ObserveBytes: Send + Sync {
    /// The client has sent bytes. They reach the server when this method has returned.
    fn client(&self, bytes: &[u8], passage: Passage);

    /// The server has sent bytes. They reach the client when this method has returned.
    fn server(&self, bytes: &[u8], passage: Passage);

    /// The client has asked for encryption, and the proxy has answered no: encrypted bytes cannot be read.
    fn refused_encryption(&self) {}

    /// The connection to the server has failed, for example `cannot connect to 127.0.0.1:5432: Connection refused`. The
    /// client gets the reason as an error of PostgreSQL.
    fn unreachable(&self, reason: &str) {
        let _ = reason;
    }

    /// The connection is closed. No call follows.
    fn closed(&self) {}
}
