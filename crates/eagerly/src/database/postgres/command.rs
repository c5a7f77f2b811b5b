//! What a statement does, as its first words tell, and the transaction that a connection is in.
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
    /// Returns what a statement does.
    pub(super) fn of(sql: &str) -> Self {
        let mut words = Words { rest: sql, depth: 0 };
        match words.next().to_ascii_uppercase().as_str() {
            "SELECT" | "VALUES" | "TABLE" => Self::Select,
            "DECLARE" => Self::Declare,
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" => Self::Change,
            "WITH" if words.is_change_outside_parentheses() => Self::Change,
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

    /// Returns the transaction after the statement succeeded.
    pub(super) fn leads_to(self, before: Transaction) -> Transaction {
        match self {
            Self::Begin | Self::RollbackTo | Self::CommitAndChain => Transaction::Open,
            Self::Commit | Self::Rollback => Transaction::None,
            _ => before,
        }
    }
}

/// The words of a statement, without its comments, its texts and its quoted names.
#[derive(Clone)]
struct Words<'s> {
    rest: &'s str,
    /// How many parentheses are open.
    depth: usize,
}

impl<'s> Words<'s> {
    /// Returns the next word, or an empty one at the end.
    fn next(&mut self) -> &'s str {
        while let Some(first) = self.rest.chars().next() {
            let rest = self.rest;
            let others = &rest[first.len_utf8()..];
            self.rest = match first {
                '-' if rest.starts_with("--") => after(rest, "\n"),
                '/' if rest.starts_with("/*") => after_comment(rest),
                '\'' => after(others, "'"),
                '"' => after(others, "\""),
                '$' => after_dollars(others),
                _ if first.is_alphabetic() || first == '_' => {
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
                    let (word, others) = rest.split_at(end.unwrap_or(rest.len()));
                    match others.strip_prefix('\'') {
                        Some(text) if word.eq_ignore_ascii_case("E") => after_escapes(text),
                        _ => {
                            self.rest = others;
                            return word;
                        }
                    }
                }
                _ => {
                    self.depth = match first {
                        '(' => self.depth + 1,
                        ')' => self.depth.saturating_sub(1),
                        _ => self.depth,
                    };
                    others
                }
            };
        }
        ""
    }

    fn any(&self, sought: &[&str]) -> bool {
        let mut words = self.clone();
        loop {
            match words.next() {
                "" => return false,
                word if is_one_of(word, sought) => return true,
                _ => {}
            }
        }
    }

    /// Returns whether the statement after the parentheses of a `WITH` changes rows.
    fn is_change_outside_parentheses(&self) -> bool {
        let mut words = self.clone();
        loop {
            match words.next() {
                "" => return false,
                _ if words.depth > 0 => {}
                word if is_one_of(word, &["SELECT", "VALUES", "TABLE"]) => return false,
                word if is_one_of(word, &CHANGES) => return true,
                _ => {}
            }
        }
    }

    /// Returns whether another transaction begins at once: `COMMIT AND CHAIN`.
    fn chains(&self) -> bool {
        self.any(&["CHAIN"]) && !self.any(&["NO"])
    }
}

fn is_one_of(word: &str, sought: &[&str]) -> bool {
    sought.iter().any(|sought| word.eq_ignore_ascii_case(sought))
}

/// Returns what follows the first `end`.
fn after<'s>(text: &'s str, end: &str) -> &'s str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// Returns what follows a comment, which can contain others.
fn after_comment(comment: &str) -> &str {
    let mut depth = 0_usize;
    let mut rest = comment;
    while let Some(at) = rest.find(['*', '/']) {
        let mark = rest.get(at..at + 2).unwrap_or_default();
        depth = match mark {
            "/*" => depth + 1,
            "*/" => depth.saturating_sub(1),
            _ => depth,
        };
        let is_mark = matches!(mark, "/*" | "*/");
        rest = &rest[at + if is_mark { 2 } else { 1 }..];
        if is_mark && depth == 0 {
            return rest;
        }
    }
    ""
}

/// Returns what follows a text in which a backslash stands before a special character: `E'it\'s'`.
fn after_escapes(text: &str) -> &str {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '\'' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Returns what follows a text between `$tag$` and `$tag$`, or the dollar of a parameter. `text` begins after a dollar.
fn after_dollars(text: &str) -> &str {
    let is_tag = |tag: &str| {
        !tag.starts_with(|c: char| c.is_ascii_digit()) && tag.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match text.split_once('$') {
        Some((tag, quoted)) if is_tag(tag) => after(quoted, &format!("${tag}$")),
        _ => text,
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
