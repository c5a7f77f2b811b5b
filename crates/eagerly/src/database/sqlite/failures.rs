//! Translates the failures of SQLite.

use rusqlite::ffi::{
    ErrorCode, SQLITE_CONSTRAINT_CHECK, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_NOTNULL,
    SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE, SQLITE_LOCKED_SHAREDCACHE, code_to_str,
};

use crate::error::{DatabaseError, Failure};

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::InvalidParameterCount(given, expected) = error {
            return Self::parameters(given, expected);
        }
        let kind = match &error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                match failure.extended_code {
                    // A lock of another connection to the same cache.
                    SQLITE_LOCKED_SHAREDCACHE => Failure::Busy,
                    _ => kind_of(failure.code, message.as_deref().unwrap_or_default()),
                }
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => kind_of(error.code, msg),
            _ => Failure::Other,
        };
        let without_values = without_values(&error);
        let message = match error {
            // The text of the whole error repeats the statement, which the session's error has already.
            rusqlite::Error::SqlInputError { msg, .. } => msg,
            other => other.to_string(),
        };
        Self { kind, message, without_values }
    }
}

/// Returns the meaning of the code, if the message can contain a value. The messages about a place in the statement, about a
/// missing table or column, and about a constraint of a table contain only names.
fn without_values(error: &rusqlite::Error) -> Option<String> {
    let code = match error {
        rusqlite::Error::SqlInputError { .. } => return None,
        // SQLite reports no place in the statement for these two.
        rusqlite::Error::SqliteFailure(_, Some(message))
            if message.starts_with("no such table: ") || message.contains(" has no column named ") =>
        {
            return None;
        }
        rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
        _ => return Some("SQLite did not run the statement".to_owned()),
    };
    let has_names_only = matches!(
        code,
        SQLITE_CONSTRAINT_UNIQUE
            | SQLITE_CONSTRAINT_PRIMARYKEY
            | SQLITE_CONSTRAINT_NOTNULL
            | SQLITE_CONSTRAINT_CHECK
            | SQLITE_CONSTRAINT_FOREIGNKEY
    );
    (!has_names_only).then(|| format!("{} (SQLite's code {code})", code_to_str(code)))
}

/// The message of SQLite for a statement that exceeds one of its limits (<https://sqlite.org/limits.html>).
const TOO_LARGE: [&str; 5] = [
    "variable number must be between",
    "too many SQL variables",
    "too many columns",
    "tables in a join",
    "Expression tree is too large",
];

fn kind_of(code: ErrorCode, message: &str) -> Failure {
    match code {
        // For example, COMMIT while a statement of this connection changes rows.
        ErrorCode::DatabaseBusy if message.contains("SQL statements in progress") => Failure::InUse,
        ErrorCode::DatabaseBusy => Failure::Busy,
        ErrorCode::DatabaseLocked => Failure::InUse,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Failure::ReadOnly,
        ErrorCode::NotADatabase => Failure::NotADatabase,
        ErrorCode::DatabaseCorrupt => Failure::Corrupt,
        ErrorCode::CannotOpen => Failure::CannotOpen,
        ErrorCode::DiskFull => Failure::DiskFull,
        ErrorCode::SystemIoFailure => Failure::InputOutput,
        ErrorCode::ConstraintViolation => Failure::Constraint,
        ErrorCode::OperationInterrupted => Failure::Interrupted,
        _ if message.contains("integer overflow") => Failure::Overflow,
        _ if message.contains("no such table") || message.contains("no such column") => Failure::NoSuchName,
        _ if message.contains("has no column named") => Failure::NoSuchName,
        _ if TOO_LARGE.iter().any(|limit| message.contains(limit)) => Failure::TooLarge,
        _ if message.contains("'rarray' is not a function") => Failure::NameTaken,
        _ => Failure::Other,
    }
}
