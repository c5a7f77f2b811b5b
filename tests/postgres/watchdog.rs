//! Ends a test that waits forever.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::databases;

/// A limit for everything that happens at some time. Without a failure, no test needs it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `work` in a thread of its own. Panics if it takes longer than `limit`.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    named("the test", limit, work)
}

/// Does the same, and the message says what takes longer.
pub fn named<T: Send + 'static>(name: &str, limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    // The database of a test is that of its thread.
    let database = databases::current();
    let thread = std::thread::spawn(move || {
        databases::set_current(database);
        drop(sender.send(work()));
    });
    match receiver.recv_timeout(limit) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => panic!("{name} is still running after {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => std::panic::resume_unwind(thread.join().unwrap_err()),
    }
}
