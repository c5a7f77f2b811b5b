//! What a statement does, read from its first words, and the transaction that a connection is in.
//!
//! The server reports with each answer whether a transaction is open and whether it has failed. The client library does
//! not pass that on. So it is derived from the statements that were sent: `BEGIN` opens a transaction, `COMMIT` and
//! `ROLLBACK` end it, and any error in between makes it fail.

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
    /// Ends a transaction, and undoes its work.
    Rollback,
    /// Undoes the work since a savepoint.
    RollbackTo,
    /// `SAVEPOINT` and `RELEASE`.
    Savepoint,
    Other,
}

impl Command {
    /// Reads what a statement does.
    pub(super) fn of(sql: &str) -> Self {
        let mut words = Words(sql);
        match words.next().to_ascii_uppercase().as_str() {
            "SELECT" | "VALUES" | "TABLE" => Self::Select,
            "DECLARE" => Self::Declare,
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" => Self::Change,
            "WITH" if words.any(&["INSERT", "UPDATE", "DELETE", "MERGE"]) => Self::Change,
            "WITH" => Self::Select,
            "BEGIN" | "START" => Self::Begin,
            "COMMIT" | "END" if words.chains() => Self::Begin,
            "COMMIT" | "END" => Self::Commit,
            "PREPARE" if words.next().eq_ignore_ascii_case("TRANSACTION") => Self::Commit,
            "ROLLBACK" | "ABORT" if words.any(&["TO"]) => Self::RollbackTo,
            "ROLLBACK" | "ABORT" if words.chains() => Self::Begin,
            "ROLLBACK" | "ABORT" => Self::Rollback,
            "SAVEPOINT" | "RELEASE" => Self::Savepoint,
            _ => Self::Other,
        }
    }

    /// Returns whether the statement only controls a transaction. It has no parameters then, and no rows.
    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Begin | Self::Commit | Self::Rollback | Self::RollbackTo | Self::Savepoint)
    }

    /// Returns the transaction after the statement succeeded.
    pub(super) fn leads_to(self, before: Transaction) -> Transaction {
        match self {
            Self::Begin | Self::RollbackTo => Transaction::Open,
            Self::Commit | Self::Rollback => Transaction::None,
            _ => before,
        }
    }
}

/// The words of a statement, without its comments.
#[derive(Clone)]
struct Words<'s>(&'s str);

impl<'s> Words<'s> {
    fn next(&mut self) -> &'s str {
        loop {
            self.0 = self.0.trim_start_matches(|c: char| !c.is_alphabetic() && c != '-' && c != '/');
            let rest = if self.0.starts_with("--") {
                self.0.split_once('\n')
            } else if self.0.starts_with("/*") {
                self.0.split_once("*/")
            } else if self.0.starts_with(['-', '/']) {
                Some(("", &self.0[1..]))
            } else {
                break;
            };
            self.0 = rest.map_or("", |(_, rest)| rest);
        }
        let end = self.0.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn any(&self, sought: &[&str]) -> bool {
        let mut words = self.clone();
        loop {
            match words.next() {
                "" => return false,
                word if sought.iter().any(|sought| word.eq_ignore_ascii_case(sought)) => return true,
                _ => {}
            }
        }
    }

    /// Returns whether another transaction begins at once: `COMMIT AND CHAIN`.
    fn chains(&self) -> bool {
        self.any(&["CHAIN"]) && !self.any(&["NO"])
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
            ("WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a", Command::Change),
            ("UPDATE t SET a = 1", Command::Change),
            ("BEGIN ISOLATION LEVEL REPEATABLE READ", Command::Begin),
            ("start transaction", Command::Begin),
            ("commit", Command::Commit),
            ("END", Command::Commit),
            ("COMMIT AND CHAIN", Command::Begin),
            ("COMMIT AND NO CHAIN", Command::Commit),
            ("PREPARE TRANSACTION 'a'", Command::Commit),
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
    }
}
