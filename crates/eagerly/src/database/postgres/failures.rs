//! Translates the failures of PostgreSQL. The codes are in its documentation, appendix A.

use std::error::Error as _;

use tokio_postgres::error::{DbError, Error as ClientError, SqlState};

use crate::error::{DatabaseError, Failure};

impl From<ClientError> for DatabaseError {
    fn from(error: ClientError) -> Self {
        match error.as_db_error() {
            Some(refusal) => refused(refusal),
            None if error.is_closed() => gone("the server closed the connection"),
            None => {
                let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                let is_lost = error.source().is_some_and(|cause| cause.is::<std::io::Error>());
                let kind = if is_lost { Failure::Disconnected } else { Failure::Other };
                // The message can contain what the library refused to send.
                let without_values =
                    (!is_lost).then(|| "the client library did not send the statement".to_owned());
                Self { kind, message: cause, without_values }
            }
        }
    }
}

/// The error of a statement, until it leaves this folder.
pub(super) struct Failed {
    pub(super) error: DatabaseError,
    /// Whether to prepare the statement again, because the schema has changed.
    pub(super) is_stale: bool,
}

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        Self { error, is_stale: false }
    }
}

impl From<Failed> for DatabaseError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// Returns whether a statement failed because it was prepared for an older schema.
pub(super) fn is_stale(refusal: &DbError) -> bool {
    match refusal.code().code() {
        // The result has other columns now. The code means any unsupported feature, and the message is in
        // the server's language. So the routine in the server decides.
        "0A000" => refusal.routine() == Some("RevalidateCachedQuery"),
        // The server has dropped the statement.
        "26000" => true,
        // The parameters have other types now, so that an operator does not fit.
        "42883" => true,
        _ => false,
    }
}

/// Returns the error of a session whose connection is lost.
pub(super) fn gone(why: &str) -> DatabaseError {
    DatabaseError::new(Failure::Disconnected, why)
}

/// Translates the reason why a connection has ended. A reason without a kind of its own is `Disconnected`, so that its
/// advice is to connect again.
pub(super) fn ended(reason: ClientError) -> DatabaseError {
    let is_refusal = reason.as_db_error().is_some();
    let mut reason = DatabaseError::from(reason);
    if reason.kind == Failure::Other {
        reason.kind = Failure::Disconnected;
        // A refusal of the server has its own shorter message, with the code.
        if !is_refusal {
            reason.without_values = Some("the server sent something unexpected".to_owned());
        }
    }
    reason
}

/// Translates what the server answered.
fn refused(refusal: &DbError) -> DatabaseError {
    let code = refusal.code();
    let mut message = refusal.message().to_owned();
    for more in [refusal.detail(), refusal.hint()].into_iter().flatten() {
        message.push_str(". ");
        message.push_str(more.trim_end_matches('.'));
    }
    DatabaseError {
        kind: kind_of(code, refusal.message()),
        message: format!("{message} (SQLSTATE {})", code.code()),
        without_values: Some(without_values(refusal)),
    }
}

/// Returns the code, and the names of what the failure is about. The texts of the server can contain values, its message
/// too: `invalid input syntax for type integer: "…"`.
fn without_values(refusal: &DbError) -> String {
    let names = [
        ("the constraint", refusal.constraint()),
        ("the column", refusal.column()),
        ("the table", refusal.table()),
    ];
    let names = names.iter().filter_map(|(kind, name)| name.map(|name| format!(", {kind} {name:?}")));
    let names: String = names.collect();
    format!("the server's message is hidden (SQLSTATE {}{names})", refusal.code().code())
}

fn kind_of(code: &SqlState, message: &str) -> Failure {
    if *code == SqlState::QUERY_CANCELED {
        // The server has one code for both.
        return if message.contains("timeout") { Failure::TimedOut } else { Failure::Interrupted };
    }
    match code.code() {
        // A serialization failure, a deadlock, a lock that is not available.
        "40001" | "40P01" | "55P03" => Failure::Busy,
        // An object that a cursor of this session uses, for example.
        "55006" => Failure::InUse,
        "22003" => Failure::Overflow,
        "25P02" => Failure::TransactionOver,
        "25006" => Failure::ReadOnly,
        "28000" if message.contains("no encryption") || message.contains("SSL off") => Failure::Unencrypted,
        "28000" | "28P01" | "42501" | "3D000" => Failure::AccessDenied,
        "53300" => Failure::TooManyConnections,
        "53100" => Failure::DiskFull,
        "42P01" | "42703" | "42704" | "3F000" => Failure::NoSuchName,
        "08P01" => Failure::Other,
        code if code.starts_with("54") => Failure::TooLarge,
        code if code.starts_with("23") => Failure::Constraint,
        code if code.starts_with("08") || code.starts_with("57P") || code == "25P03" => Failure::Disconnected,
        code if code.starts_with("58") => Failure::InputOutput,
        code if code.starts_with("XX") => Failure::Corrupt,
        _ => Failure::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_the_server_has_its_kind() {
        for (code, message, kind) in [
            ("57014", "canceling statement due to statement timeout", Failure::TimedOut),
            ("57014", "canceling statement due to user request", Failure::Interrupted),
            ("40001", "", Failure::Busy),
            ("55006", "", Failure::InUse),
            ("22003", "", Failure::Overflow),
            ("25P02", "", Failure::TransactionOver),
            ("25006", "", Failure::ReadOnly),
            ("28000", "no pg_hba.conf entry for host, no encryption", Failure::Unencrypted),
            ("28000", "no pg_hba.conf entry for host, SSL off", Failure::Unencrypted),
            ("28000", "role \"a\" does not exist", Failure::AccessDenied),
            ("28P01", "", Failure::AccessDenied),
            ("53300", "", Failure::TooManyConnections),
            ("53100", "", Failure::DiskFull),
            ("42P01", "", Failure::NoSuchName),
            ("54000", "", Failure::TooLarge),
            ("23505", "", Failure::Constraint),
            // A statement that the protocol does not allow does not end the connection.
            ("08P01", "", Failure::Other),
            ("08006", "", Failure::Disconnected),
            ("57P01", "", Failure::Disconnected),
            ("25P03", "", Failure::Disconnected),
            ("58030", "", Failure::InputOutput),
            ("XX001", "", Failure::Corrupt),
            ("42601", "", Failure::Other),
        ] {
            assert_eq!(kind_of(&SqlState::from_code(code), message), kind, "{code} {message}");
        }
    }
}
