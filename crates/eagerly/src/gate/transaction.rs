//! Transactions and snapshots.
//!
//! ```text
//! BEGIN IMMEDIATE … COMMIT              a transaction; ROLLBACK if the work fails
//! SAVEPOINT level_1 … RELEASE level_1   a transaction inside another
//! BEGIN … COMMIT                        a snapshot: several reads of one state
//! ```
//!
//! On PostgreSQL, a transaction and a snapshot both begin with `BEGIN ISOLATION LEVEL REPEATABLE READ`. If a statement
//! fails there, the transaction can only be undone. Every further statement in it is the error `TransactionOver`.
//!
//! These statements move no data, so they are counted apart, as *control*.

use crate::call_site::CallSite;
use crate::database::{Connection, Dialect, Transaction, Value};
use crate::error::{DatabaseError, Error, Failure, Result};
use crate::gate::statements::Gate;
use crate::trace::Cause;

/// A transaction, savepoint or snapshot that has begun. [`complete`](Self::complete) keeps its work. If it is
/// dropped before that, by an early return or a panic, it undoes the work.
#[must_use = "what is not completed is undone"]
pub(crate) struct Bracket<'g> {
    gate: &'g Gate,
    at: CallSite,
    complete: String,
    undo: Vec<String>,
    is_done: bool,
}

impl Gate {
    /// Begins a transaction, or a savepoint if a transaction is open.
    pub(crate) fn transaction(&self, at: CallSite) -> Result<Bracket<'_>> {
        if self.is_in_transaction() {
            // The depth is in the name, so that each savepoint undoes only its own work.
            let name = format!("level_{}", self.depth.get());
            let undo = vec![format!("ROLLBACK TO {name}"), format!("RELEASE {name}")];
            return self.begin(at, &format!("SAVEPOINT {name}"), format!("RELEASE {name}"), undo);
        }
        self.begin(at, self.dialect.begin(), "COMMIT".to_owned(), vec!["ROLLBACK".to_owned()])
    }

    /// Begins a snapshot: the reads that follow see one state of the database. It sends nothing if `needed`
    /// is false, or inside a transaction, which has one state anyway.
    pub(crate) fn snapshot_if(&self, needed: bool, at: CallSite) -> Result<Bracket<'_>> {
        // On a closed session, the statement that follows fails with a better error than BEGIN would.
        if !needed || self.is_in_transaction() || self.with_connection(|_| ()).is_none() {
            return Ok(self.nothing(at));
        }
        // A failed read leaves nothing to undo. If the program also wrote, in a transaction of its own, that
        // transaction was completed and its work stays.
        let undo = vec!["COMMIT".to_owned(), "ROLLBACK".to_owned()];
        self.begin(at, self.dialect.begin_snapshot(), "COMMIT".to_owned(), undo)
    }

    /// Begins a transaction for one change, with the isolation that the change would have alone. It sends nothing if
    /// `needed` is false, or inside a transaction.
    pub(super) fn transaction_if(&self, needed: bool, at: CallSite) -> Result<Bracket<'_>> {
        if !needed || self.is_in_transaction() {
            return Ok(self.nothing(at));
        }
        self.begin(at, "BEGIN", "COMMIT".to_owned(), vec!["ROLLBACK".to_owned()])
    }

    /// Returns a bracket around statements that need none.
    fn nothing(&self, at: CallSite) -> Bracket<'_> {
        Bracket { gate: self, at, complete: String::new(), undo: Vec::new(), is_done: true }
    }

    fn begin(&self, at: CallSite, begin: &str, complete: String, undo: Vec<String>) -> Result<Bracket<'_>> {
        if self.depth.get() > 0 && self.with_connection(Connection::transaction) != Some(Transaction::Open) {
            return Err(Error::TransactionOver { doing: Cause::Control { at }.to_string() });
        }
        // The bracket exists before its first statement, because an observer of that statement may panic.
        let bracket = Bracket { gate: self, at, complete, undo, is_done: false };
        self.depth.set(self.depth.get() + 1);
        self.execute(begin, &[], Cause::Control { at })?;
        Ok(bracket)
    }

    /// Adds a row to the error of a `COMMIT` that a deferred foreign key refuses. PostgreSQL names the constraint, but
    /// SQLite names nothing. The search reads all tables with foreign keys, and is counted as control.
    fn name_foreign_key(&self, mut error: Error, control: Cause<'_>) -> Error {
        let Error::Statement { error: DatabaseError { kind: Failure::Constraint, message, .. }, .. } =
            &mut error
        else {
            return error;
        };
        if self.dialect == Dialect::Sqlite {
            let sql = "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT 1";
            // If the search fails, too, the program still receives the first error.
            drop(self.query(sql, &[], control, &mut |row| {
                let [table, number, parent] = [0, 1, 2].map(|place| row.cell(place).value());
                let is_hidden = number == Value::Null || self.redacts.get();
                let row = if is_hidden { String::new() } else { format!(" whose rowid is {number}") };
                message.push_str(&format!(": a row of {table}{row} points to no row of {parent}"));
                Ok(())
            }));
        }
        error
    }

    /// Returns whether a transaction is open, even if it can only be undone.
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.with_connection(|open| open.transaction() != Transaction::None).unwrap_or(false)
    }
}

impl Bracket<'_> {
    /// Keeps the work.
    pub(crate) fn complete(mut self) -> Result<()> {
        if !self.is_done {
            let control = Cause::Control { at: self.at };
            if self.gate.with_connection(Connection::transaction) == Some(Transaction::Failed) {
                // PostgreSQL would answer COMMIT as if all were well, and undo everything.
                return Err(Error::TransactionOver { doing: control.to_string() });
            }
            let completed = self.gate.execute(&self.complete, &[], control);
            completed.map_err(|error| self.gate.name_foreign_key(error, control))?;
            self.end();
        }
        Ok(())
    }

    fn end(&mut self) {
        self.is_done = true;
        self.gate.depth.set(self.gate.depth.get().saturating_sub(1));
    }
}

impl Drop for Bracket<'_> {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        self.end();
        for statement in &self.undo {
            // Some failures, a full disk for example, make SQLite undo the whole transaction by itself.
            match self.gate.with_connection(Connection::transaction) {
                None | Some(Transaction::None) => return,
                // Nothing of it can be kept.
                Some(Transaction::Failed) if statement == "COMMIT" => continue,
                _ => {}
            }
            let control = Cause::Control { at: self.at };
            let undone: Result<_, Error> = self.gate.execute(statement, &[], control);
            // The program receives the error that led here, so this one is dropped.
            drop(undone);
        }
    }
}
