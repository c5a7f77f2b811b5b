//! Stopping a page that is being built, from outside.
//!
//! A session belongs to one thread, and that thread is busy. What reaches it is a flag that is looked at before each
//! statement, and SQLite's own handle for the statement that is running.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use eagerly::Interrupter;

/// A request to stop, and the way to the statement that is running.
#[derive(Default)]
pub struct Stop {
    is_requested: AtomicBool,
    running: Mutex<Option<Interrupter>>,
}

impl Stop {
    /// Asks for it: no further statement is sent, and the one that is running ends.
    pub fn request(&self) {
        self.is_requested.store(true, Ordering::Relaxed);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interrupter) = &*running {
            interrupter.interrupt();
        }
    }

    /// Whether somebody asked for it.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Relaxed)
    }

    /// Takes the way to the session's statements.
    pub fn reaches(&self, interrupter: Interrupter) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupter);
    }
}

/// Asks to stop when it is dropped: a client that goes away lets go of it.
#[derive(Default)]
pub struct StopWhenDropped(pub Arc<Stop>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.request();
    }
}
