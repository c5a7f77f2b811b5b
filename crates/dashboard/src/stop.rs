//! Stopping a page from another thread.
//!
//! A session belongs to one thread, and that thread is busy building the page. Two things work across
//! threads: a flag that is checked before each statement, and SQLite's interrupt handle for the statement
//! that is running.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use eagerly::Interrupter;

/// A stop flag, and the interrupt handle of the session.
#[derive(Default)]
pub struct Stop {
    is_requested: AtomicBool,
    running: Mutex<Option<Interrupter>>,
}

impl Stop {
    /// Requests the stop: the running statement is interrupted, and no further statement is sent.
    pub fn request(&self) {
        self.is_requested.store(true, Ordering::Relaxed);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interrupter) = &*running {
            interrupter.interrupt();
        }
    }

    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Relaxed)
    }

    /// Sets the interrupt handle of the session that builds the page.
    pub fn reaches(&self, interrupter: Interrupter) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupter);
    }
}

/// A stop that is requested on drop. The request's future or stream owns it, so a client that disconnects
/// stops its page.
#[derive(Default)]
pub struct StopWhenDropped(pub Arc<Stop>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.request();
    }
}
