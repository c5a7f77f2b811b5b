//! The proxy between a peer and the server, and what it records. No other file uses the recorder.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use eagerly_wire::Proxy;

/// A proxy for one process.
pub struct Witness {
    proxy: Proxy,
}

/// What the recorder saw of one page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The number of statements, without those that control transactions.
    pub statements: u64,
    /// The number of statements that control transactions.
    pub control: u64,
    /// How often the client waited for the server.
    pub round_trips: u64,
    pub findings: Vec<Finding>,
}

/// Statements that each use a value from the result of an earlier statement.
#[derive(Debug, Clone)]
pub struct Finding {
    pub statements: u64,
    /// The column that the values come from.
    pub from: String,
    /// The column that they are compared with.
    pub to: String,
    /// Whether the recorder only suspects an N+1.
    pub is_hint: bool,
}

impl Witness {
    /// Starts a proxy that is `round_trip` away from the server.
    pub fn start(server: SocketAddr, round_trip: Duration) -> io::Result<Self> {
        Ok(Self { proxy: Proxy::start(server, round_trip)? })
    }

    /// Returns the address that the peer connects to.
    pub fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Starts a page: drops what the recorder saw before.
    pub fn start_page(&self) {}

    /// Ends the page, and returns what the recorder saw. `None` if nothing was recorded.
    pub fn finish_page(&self) -> Option<Page> {
        None
    }
}
