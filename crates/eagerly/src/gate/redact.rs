//! Skip at first. Hides values, so that no log contains the data of users.
//!
//! A session that redacts passes no bound value to its observers: an [`Event`](crate::Event) has the statement's text, and
//! `redacted` instead of `values`. So no tool can print a value, whether it belongs to this workspace or not. Errors name
//! tables, columns and lines, but quote no value of a row. The database's own message is replaced as well, because it can
//! quote a value anywhere: PostgreSQL answers `Key (email)=(ada@example.org) already exists`. PostgreSQL's code remains, with
//! the names of the constraint, the column and the table. SQLite's messages that contain only names remain whole.
//!
//! Everything is hidden here and not where it is printed, because there are many places that print. Without redaction, the
//! cost is reading a flag for each observed statement.

use crate::error::{DatabaseError, Error, Mismatch};
use crate::gate::statements::Gate;

/// What an error has in the place of a value.
const HIDDEN: &str = "…";

impl Gate {
    /// Returns an error of this session, without values if the session hides them.
    #[cold]
    pub(crate) fn redacted(&self, error: Error) -> Error {
        if self.redacts.get() { without_values(error) } else { error }
    }
}

/// Removes the values from an error. Each variant is listed, so that a new one cannot be forgotten.
fn without_values(mut error: Error) -> Error {
    match &mut error {
        Error::Open { error, .. } | Error::Connect { error, .. } | Error::Statement { error, .. } => {
            let DatabaseError { message, without_values, .. } = error;
            if let Some(shorter) = without_values.take() {
                *message = shorter;
            }
        }
        // A type of the program can write anything into it.
        Error::Decode { mismatch: Mismatch { found, .. }, .. } => "another value".clone_into(found),
        Error::NotFound { sought, .. } => {
            if let Some((before_key, _)) = sought.split_once("the key ") {
                *sought = format!("{before_key}the key {HIDDEN}");
            }
        }
        Error::Ignored { key, .. } | Error::Dangling { key, .. } | Error::UnmatchedKey { key, .. } => {
            HIDDEN.clone_into(key);
        }
        Error::NoSuchColumn { .. }
        | Error::ColumnCount { .. }
        | Error::NoSqlType { .. }
        | Error::NotJson { .. }
        | Error::KeyNotReported { .. }
        | Error::ReadOnlyColumn { .. }
        | Error::NotUnique { .. }
        | Error::Detached { .. }
        | Error::Raised { .. }
        | Error::Unattached { .. }
        | Error::OtherSession { .. }
        | Error::NotUpFront { .. }
        | Error::TwoParts { .. }
        | Error::Closed { .. }
        | Error::TransactionOver { .. }
        | Error::CannotClose { .. }
        | Error::JoinNeedsKey { .. }
        | Error::ThroughNeedsKey { .. }
        | Error::WriteNeedsKey { .. }
        | Error::TooManyRows { .. }
        // A sum over many rows is not the value of one.
        | Error::SumTooLarge { .. }
        | Error::LimitedAggregate { .. }
        | Error::NoDecimals { .. }
        | Error::TooDeep { .. }
        // The program's own.
        | Error::Other(_) => {}
    }
    error
}
