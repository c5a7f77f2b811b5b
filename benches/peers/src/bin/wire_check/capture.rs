//! Keeps the bytes that pass, for tests of the recorder that need no ORM and no server.
//!
//! A capture is a series of entries. Each has a kind (one byte), the number of the connection (one byte, from 1), a length
//! (four bytes, the highest first), and as many bytes:
//!
//! - `>`: the client has sent these bytes.
//! - `<`: the server has sent these bytes.
//! - `|`: the page begins. Connection and length are 0.
//!
//! The bytes of the client begin with its sign-on. The proxy answers requests for encryption itself, so they are missing.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use eagerly_wire::proxy::{ObserveBytes, Observer, Passage};

/// The bytes of all connections of a proxy. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Capture(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    connections: u8,
}

struct Connection {
    capture: Capture,
    number: u8,
}

impl Capture {
    /// Marks the beginning of the page.
    pub fn start_page(&self) {
        self.add(b'|', 0, &[]);
    }

    /// Returns the capture so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }

    fn add(&self, kind: u8, connection: u8, bytes: &[u8]) {
        // The proxy passes at most some kilobytes at once.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.bytes.extend([kind, connection]);
        state.bytes.extend(length.to_be_bytes());
        state.bytes.extend(bytes);
    }
}

impl Observer for Capture {
    fn connected(&self, _: SocketAddr) -> Box<dyn ObserveBytes> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.connections = state.connections.saturating_add(1);
        Box::new(Connection { capture: self.clone(), number: state.connections })
    }
}

impl ObserveBytes for Connection {
    fn client(&self, bytes: &[u8], _: Passage) {
        self.capture.add(b'>', self.number, bytes);
    }

    fn server(&self, bytes: &[u8], _: Passage) {
        self.capture.add(b'<', self.number, bytes);
    }
}
