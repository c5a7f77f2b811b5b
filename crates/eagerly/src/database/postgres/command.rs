//! What a statement does, read from its first words, and the transaction that a connection is in.
//!
//! The server reports with each answer whether a transaction is open and whether it has failed. The client library does
//! not pass that on. So it is derived from the statements that were sent: `BEGIN` opens a transaction, `COMMIT` and
//! `ROLLBACK` end it, and any error in between makes it fail.

use crate::database::postgres::words::Words;
use crate::database::transaction::Transaction;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Reads.
    Select,
    /// Declares a cursor, from which rows are fetched.
    Declare,
    /// Inserts, updates or deletes rows.
    Change,
    Begin,
    /// Ends a transaction, and keeps its work if it has not failed.
    Commit,
    /// Does the same, and begins another transaction at once.
    CommitAndChain,
    /// Ends a transaction, and undoes its work.
    Rollback,
    /// Undoes the work since a savepoint.
    RollbackTo,
    /// `SAVEPOINT` and `RELEASE`.
    Savepoint,
    /// Drops prepared statements on the server.
    Deallocate,
    /// A session cannot send it, for this reason.
    Refused(&'static str),
    Other,
}

const CHANGES: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "MERGE"];

impl Command {
    /// Reads what a statement does.
    pub(super) fn of(sql: &str) -> Self {
        let mut words = Words::of(sql);
        match words.next().to_ascii_uppercase().as_str() {
            "SELECT" | "VALUES" | "TABLE" => Self::Select,
            "DECLARE" => Self::Declare,
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" => Self::Change,
            "WITH" if words.any_outside_parentheses_before_a_query(&CHANGES) => Self::Change,
            // The server reports the number of rows that the SELECT returns, not how many were changed.
            "WITH" if words.any(&CHANGES) => Self::Other,
            "WITH" => Self::Select,
            "BEGIN" | "START" => Self::Begin,
            "COMMIT" | "END" if words.chains() => Self::CommitAndChain,
            "COMMIT" | "END" => Self::Commit,
            "PREPARE" if words.next().eq_ignore_ascii_case("TRANSACTION") => Self::Commit,
            "ROLLBACK" | "ABORT" if words.any(&["TO"]) => Self::RollbackTo,
            "ROLLBACK" | "ABORT" if words.chains() => Self::Begin,
            "ROLLBACK" | "ABORT" => Self::Rollback,
            "SAVEPOINT" | "RELEASE" => Self::Savepoint,
            "DISCARD" | "DEALLOCATE" => Self::Deallocate,
            "COPY" if words.any(&["STDIN", "STDOUT"]) => Self::Refused(
                "a session cannot send or receive the data of COPY; use `insert_all` and `chunks`, or a file on the server",
            ),
            "SET" if words.any(&["CLIENT_ENCODING", "NAMES"]) => Self::Refused(
                "a session sends and reads texts in UTF-8, and another client_encoding would change them in silence",
            ),
            _ => Self::Other,
        }
    }

    /// Returns whether the statement only controls a transaction. It has no parameters then, and no rows.
    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Begin | Self::Rollback | Self::RollbackTo | Self::Savepoint) || self.is_commit()
    }

    /// Returns whether the statement keeps the work of a transaction.
    pub(super) fn is_commit(self) -> bool {
        matches!(self, Self::Commit | Self::CommitAndChain)
    }

    /// Returns whether the statement ends a transaction.
    pub(super) fn ends_transaction(self) -> bool {
        self.is_commit() || self == Self::Rollback
    }

    /// Returns the transaction after the statement succeeded.
    pub(super) fn leads_to(self, before: Transaction) -> Transaction {
        match self {
            Self::Begin | Self::RollbackTo | Self::CommitAndChain => Transaction::Open,
            Self::Commit | Self::Rollback => Transaction::None,
            _ => before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_tell_what_a_statement_does() {
        for (sql, command) in [
            ("select 1", Command::Select),
            ("  -- a note\n /* and */ SELECT 1", Command::Select),
            ("(SELECT 1) UNION (SELECT 2)", Command::Select),
            ("WITH a AS (SELECT 1) SELECT * FROM a", Command::Select),
            ("WITH a AS (SELECT 'delete', \"update\" FROM t) SELECT * FROM a", Command::Select),
            ("WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a", Command::Other),
            ("WITH a AS (SELECT 1) DELETE FROM t USING a", Command::Change),
            ("WITH a (n) AS (INSERT INTO t VALUES (1)) INSERT INTO u SELECT 1", Command::Change),
            ("/* a /* nested */ insert */ SELECT 1", Command::Select),
            ("/**/ /*/ delete */ SELECT 1", Command::Select),
            ("/* without an end", Command::Other),
            ("ROLLBACK /* not to */", Command::Rollback),
            ("WITH a AS (SELECT E'it\\'s', 'delete') SELECT 1", Command::Select),
            ("WITH a AS (SELECT $$delete$$, $x$ $$ insert $x$, $1) SELECT 1", Command::Select),
            ("WITH a AS (SELECT $1), b AS (DELETE FROM t WHERE a = $2) SELECT 1", Command::Other),
            ("DISCARD ALL", Command::Deallocate),
            ("COPY t FROM '/stdin'", Command::Other),
            ("SET search_path = 'names'", Command::Other),
            ("UPDATE t SET a = 1", Command::Change),
            ("BEGIN ISOLATION LEVEL REPEATABLE READ", Command::Begin),
            ("start transaction", Command::Begin),
            ("commit", Command::Commit),
            ("END", Command::Commit),
            ("COMMIT AND CHAIN", Command::CommitAndChain),
            ("COMMIT AND NO CHAIN", Command::Commit),
            ("PREPARE TRANSACTION 'a'", Command::Commit),
            ("PREPARE a AS SELECT 1", Command::Other),
            ("ROLLBACK AND CHAIN", Command::Begin),
            ("ROLLBACK TO level_1", Command::RollbackTo),
            ("ROLLBACK TRANSACTION TO SAVEPOINT a", Command::RollbackTo),
            ("ROLLBACK", Command::Rollback),
            ("SAVEPOINT a", Command::Savepoint),
            ("DECLARE a CURSOR FOR SELECT 1", Command::Declare),
            ("", Command::Other),
            ("- /", Command::Other),
        ] {
            assert_eq!(Command::of(sql), command, "{sql}");
        }
        for sql in ["COPY t FROM STDIN", "copy t to stdout (format csv)", "SET client_encoding = 'LATIN1'"] {
            assert!(matches!(Command::of(sql), Command::Refused(_)), "{sql}");
        }
    }
}
