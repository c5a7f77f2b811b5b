//! The messages that pass through a proxy, with their times.
//!
//! The recorder counts what passes, but keeps no times of single messages. So this is a second observer of the proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use eagerly_wire::proxy::{ObserveBytes, Observer, Passage};

use crate::on_server::{Message, Messages};

/// Writes down the messages. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Mutex<Passed>>);

/// What has passed since the last restart.
#[derive(Debug, Default)]
struct Passed {
    first: Vec<(Passage, bool, u64)>,
    left_out: u64,
    up: u64,
    down: u64,
}

impl Traffic {
    /// Forgets what has passed.
    pub fn restart(&self) {
        *self.lock() = Passed::default();
    }

    /// Returns the messages, with times since `start`.
    pub fn messages(&self, start: Instant) -> Messages {
        let passed = self.lock();
        let message = |(passage, is_down, bytes): &(Passage, bool, u64)| Message {
            sent: passage.arrived.saturating_duration_since(start),
            received: passage.left.saturating_duration_since(start),
            is_down: *is_down,
            bytes: *bytes,
        };
        Messages { first: passed.first.iter().map(message).collect(), left_out: passed.left_out }
    }

    /// Returns the number of bytes to the server, and of those to the page.
    pub fn bytes(&self) -> (u64, u64) {
        let passed = self.lock();
        (passed.up, passed.down)
    }

    fn lock(&self) -> MutexGuard<'_, Passed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, bytes: &[u8], passage: Passage, is_down: bool) {
        let mut passed = self.lock();
        let bytes = bytes.len() as u64;
        *if is_down { &mut passed.down } else { &mut passed.up } += bytes;
        if passed.first.len() < Messages::MOST {
            passed.first.push((passage, is_down, bytes));
        } else {
            passed.left_out += 1;
        }
    }
}

impl Observer for Traffic {
    fn connected(&self, _: SocketAddr) -> Box<dyn ObserveBytes> {
        Box::new(self.clone())
    }
}

impl ObserveBytes for Traffic {
    fn client(&self, bytes: &[u8], passage: Passage) {
        self.add(bytes, passage, false);
    }

    fn server(&self, bytes: &[u8], passage: Passage) {
        self.add(bytes, passage, true);
    }
}
