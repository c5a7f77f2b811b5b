//! Transactions: all of the work, or none of it; and snapshots: several reads of one state.
//!
//! ```text
//! BEGIN IMMEDIATE … COMMIT              a transaction; ROLLBACK if the work fails
//! SAVEPOINT level_1 … RELEASE level_1   a transaction inside another
//! BEGIN … COMMIT                        a snapshot: it is for reading, and lets others read too
//! ```
//!
//! These are statements too, but they move no data: they are counted apart, as *control*.

use crate::core::Core;
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause};

/// The statements that begin, complete and undo a piece of work.
struct Bracket {
    begin: String,
    complete: String,
    undo: Vec<String>,
}

impl Bracket {
    /// Takes the right to write at once: a transaction that read first and wrote later could be refused
    /// half-way.
    fn transaction() -> Self {
        Self::of("BEGIN IMMEDIATE")
    }

    /// Reading fails without a trace to undo. If something was written all the same, within a transaction of
    /// its own, that was completed, and stays.
    fn snapshot() -> Self {
        Self {
            undo: vec!["COMMIT".to_owned(), "ROLLBACK".to_owned()],
            ..Self::of("BEGIN")
        }
    }

    fn of(begin: &str) -> Self {
        Self {
            begin: begin.to_owned(),
            complete: "COMMIT".to_owned(),
            undo: vec!["ROLLBACK".to_owned()],
        }
    }

    /// A transaction within another. The depth is in the name, so that each undoes itself alone.
    fn savepoint(depth: u32) -> Self {
        Self {
            begin: format!("SAVEPOINT level_{depth}"),
            complete: format!("RELEASE level_{depth}"),
            undo: vec![
                format!("ROLLBACK TO level_{depth}"),
                format!("RELEASE level_{depth}"),
            ],
        }
    }
}

impl Core {
    pub(crate) fn in_transaction<T>(&self, at: CallSite, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let bracket = match self.has_transaction() {
            true => Bracket::savepoint(self.depth.get()),
            false => Bracket::transaction(),
        };
        self.bracketed(&bracket, at, work)
    }

    /// Runs `read` so that all its statements see one state of the database.
    pub(crate) fn in_snapshot<T>(&self, at: CallSite, read: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.has_transaction() {
            return read();
        }
        self.bracketed(&Bracket::snapshot(), at, read)
    }

    /// The same, if `needed`.
    pub(crate) fn in_snapshot_if<T>(
        &self,
        needed: bool,
        at: CallSite,
        read: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if needed {
            self.in_snapshot(at, read)
        } else {
            read()
        }
    }

    fn has_transaction(&self) -> bool {
        self.with_connection(|open| !open.is_autocommit())
            .unwrap_or(false)
    }

    fn bracketed<T>(&self, bracket: &Bracket, at: CallSite, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let control = Cause::Control { at };
        // First of all, since an observer may panic when it is told of the beginning.
        let undo = Undo {
            core: self,
            bracket,
            at,
        };
        self.depth.set(self.depth.get() + 1);
        self.execute(&bracket.begin, &[], control)?;
        let done = work()?;
        self.execute(&bracket.complete, &[], control)?;
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
        for statement in &self.bracket.undo {
            // Some failures (a full disk, for one) make SQLite undo the whole transaction by itself.
            if self.core.with_connection(|open| open.is_autocommit()) != Some(false) {
                return;
            }
            let control = Cause::Control { at: self.at };
            let undone: Result<_, Error> = self.core.execute(statement, &[], control);
            // The error that led here is on its way to the caller, and matters more than this one.
            drop(undone);
        }
    }
}
