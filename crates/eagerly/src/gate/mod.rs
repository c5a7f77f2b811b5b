//! The gate floor: the one place through which every statement of a program passes.
//!
//! A session and everything loaded through it share one [`Gate`](statements::Gate). Each relation field
//! leads to it, so an accessor can send a statement without a session.
//!
//! Read in this order:
//! 1. `statements.rs`: sends a statement, counts it, and notifies the observers;
//! 2. `transaction.rs`: groups statements, so that all of them are kept or none;
//! 3. `many.rs`: skip at first; sends many statements together;
//! 4. `insert.rs`: skip at first; undoes an insert whose key cannot be read;
//! 5. `redact.rs`: skip at first; hides values in errors;
//! 6. `connection.rs`: skip at first; columns, cached texts, closing.

mod connection;
mod insert;
mod many;
mod redact;
pub(crate) mod statements;
pub(crate) mod transaction;

pub(crate) use self::statements::Gate;
pub(crate) use self::transaction::Bracket;
