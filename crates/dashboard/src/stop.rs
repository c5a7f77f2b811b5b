//! Stopping a page from another thread.
//!
//! A session belongs to one thread, and that thread is busy building the page. Two things work across
//! threads: a flag that is checked before each statement, and the session's interrupter for the statement that
//! is running. PostgreSQL is asked through a connection of its own, which takes time, so a thread does it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use eagerly::{Cause, Error, Event, Interrupter, Observer, Result};

/// A stop flag, and the interrupter of the session.
#[derive(Default)]
pub struct Stop {
    is_requested: AtomicBool,
    running: Mutex<Option<Arc<Interrupter>>>,
}

impl Stop {
    /// Requests the stop: the running statement is interrupted, and no further statement is sent.
    pub fn request(&self) {
        self.is_requested.store(true, Ordering::Relaxed);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(interrupter) = running {
            // If the system has no thread left, the flag stops the page before its next statement.
            let _ = thread::Builder::new().spawn(move || interrupter.interrupt());
        }
    }

    /// Returns an error after the stop was requested.
    ///
    /// # Errors
    /// The error for a statement that is refused.
    pub fn check(&self) -> Result<()> {
        if self.is_requested() { Err(Error::other(Stopped)) } else { Ok(()) }
    }

    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Relaxed)
    }

    /// Sets the interrupter of the session that builds the page, until the returned value is dropped.
    pub fn reach(self: &Arc<Self>, interrupter: Interrupter) -> Reach {
        self.set(Some(Arc::new(interrupter)));
        Reach(Arc::clone(self))
    }

    fn set(&self, interrupter: Option<Arc<Interrupter>>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = interrupter;
    }
}

/// The error of a statement that is refused because of the stop.
#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the page was stopped")
    }
}

impl std::error::Error for Stopped {}

/// An observer that refuses every statement after the stop was requested.
pub struct Refuser(pub Arc<Stop>);

impl Observer for Refuser {
    fn before(&self, _: &Cause<'_>) -> Result<()> {
        self.0.check()
    }

    fn statement(&self, _: &Event<'_>) {}
}

/// A session that a stop can interrupt. It is dropped before the session closes.
pub struct Reach(Arc<Stop>);

impl Drop for Reach {
    fn drop(&mut self) {
        self.0.set(None);
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
