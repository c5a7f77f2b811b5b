//! Skip at first. Sends an insert, and undoes it if the key that it returns cannot be read.
//!
//! The key comes back only after the row was written. For a usual insert, this costs nothing:
//!
//! - In SQLite, the insert still runs while its key is read. A `BEGIN` at that time puts it into a transaction, which
//!   `ROLLBACK` undoes.
//! - PostgreSQL commits an insert together with running it. So a text that is sent for the first time runs in a
//!   transaction, which begins in the same round trip as the server prepares the text. If the key was readable once, the
//!   next inserts run alone. If one of their keys is still unreadable, for example because a sequence has left the
//!   range of an `i32`, that row stays. To prevent this, every insert would have to take two round trips.
//!
//! If the program has a transaction open, `ROLLBACK` undoes all of it, as SQLite itself does when the disk is full.

use crate::call_site::CallSite;
use crate::database::{Connection, Row, Transaction, Value};
use crate::error::Result;
use crate::gate::statements::Gate;
use crate::trace::Cause;

impl Gate {
    /// Sends an insert, and passes the row that it returns to `read`. If `read` fails, nothing stays inserted.
    pub(crate) fn insert(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let at = cause.at();
        let is_trusted = self.with_connection(|open| open.is_prepared(sql)).unwrap_or(true);
        let bracket = self.transaction_if(!is_trusted, at)?;
        let mut is_unreadable = false;
        let sent = self.query(sql, values, cause, &mut |row| {
            let result = read(row);
            if result.is_err() {
                is_unreadable = true;
                self.begin_around_running(at);
            }
            result
        });
        if is_unreadable {
            self.undo(sql, at);
        }
        sent?;
        bracket.complete()
    }

    /// Puts the running insert into a transaction, unless it is in one.
    fn begin_around_running(&self, at: CallSite) {
        if self.with_connection(Connection::transaction) == Some(Transaction::None) {
            drop(self.execute("BEGIN", &[], Cause::Control { at }));
        }
    }

    /// Undoes an insert whose key cannot be read. The program receives the error of reading it, so others are dropped.
    fn undo(&self, sql: &str, at: CallSite) {
        if self.is_in_transaction() {
            drop(self.execute("ROLLBACK", &[], Cause::Control { at }));
        }
        self.with_connection(|open| open.forget(sql));
    }
}
