//! Transactions: all of the work, or none of it; and snapshots: several reads of one state.
//!
//! ```text
//! BEGIN IMMEDIATE … COMMIT            a transaction; ROLLBACK if the work fails
//! SAVEPOINT nested … RELEASE nested   a transaction inside another
//! BEGIN … COMMIT                      a snapshot: it only reads, and locks nobody out
//! ```
//!
//! These are statements too, but they move no data: they are counted apart, as *control*.

use crate::core::Core;
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause};

/// The statements that begin, complete and undo a piece of work.
struct Bracket {
    begin: &'static str,
    complete: &'static str,
    undo: &'static [&'static str],
}

/// Takes the right to write at once: a transaction that read first and wrote later could be refused half-way.
const TRANSACTION: Bracket = Bracket {
    begin: "BEGIN IMMEDIATE",
    complete: "COMMIT",
    undo: &["ROLLBACK"],
};

const SAVEPOINT: Bracket = Bracket {
    begin: "SAVEPOINT nested",
    complete: "RELEASE nested",
    undo: &["ROLLBACK TO nested", "RELEASE nested"],
};

const SNAPSHOT: Bracket = Bracket {
    begin: "BEGIN",
    complete: "COMMIT",
    undo: &["ROLLBACK"],
};

impl Core {
    pub(crate) fn in_transaction<T>(&self, at: CallSite, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let nested = self.has_transaction();
        self.bracketed(if nested { &SAVEPOINT } else { &TRANSACTION }, at, work)
    }

    /// Runs `read` so that all its statements see one state of the database.
    pub(crate) fn in_snapshot<T>(&self, at: CallSite, read: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.has_transaction() {
            return read();
        }
        self.bracketed(&SNAPSHOT, at, read)
    }

    fn has_transaction(&self) -> bool {
        self.with_connection(|open| !open.is_autocommit())
            .unwrap_or(false)
    }

    fn bracketed<T>(&self, bracket: &Bracket, at: CallSite, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let control = Cause::Control { at };
        self.execute(bracket.begin, &[], control)?;
        let undo = Undo {
            core: self,
            bracket,
            at,
        };
        self.depth.set(self.depth.get() + 1);
        let done = work()?;
        self.execute(bracket.complete, &[], control)?;
        undo.defuse();
        Ok(done)
    }
}

/// Undoes the work when it is dropped: by an early return, or by a panic.
struct Undo<'c> {
    core: &'c Core,
    bracket: &'c Bracket,
    at: CallSite,
}

impl Undo<'_> {
    fn defuse(self) {
        self.core.depth.set(self.core.depth.get() - 1);
        std::mem::forget(self);
    }
}

impl Drop for Undo<'_> {
    fn drop(&mut self) {
        self.core.depth.set(self.core.depth.get().saturating_sub(1));
        // Some failures (a full disk, for one) make SQLite undo the whole transaction by itself.
        if self.core.with_connection(|open| open.is_autocommit()) != Some(false) {
            return;
        }
        for statement in self.bracket.undo {
            let control = Cause::Control { at: self.at };
            let undone: Result<_, Error> = self.core.execute(statement, &[], control);
            // The error that led here is on its way to the caller, and matters more than this one.
            drop(undone);
        }
    }
}
