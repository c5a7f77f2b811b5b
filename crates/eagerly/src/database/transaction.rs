//! The transaction that a connection is in.

/// Whether a transaction is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transaction {
    /// None: each statement is a transaction of its own.
    None,
    /// One that goes on.
    Open,
    /// One in which a statement failed. PostgreSQL refuses everything except to undo it.
    Failed,
}
