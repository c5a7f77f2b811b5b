//! The gate floor: the one place through which every statement passes.
//!
//! A session and everything loaded through it share one [`Gate`](statements::Gate). A relation field holds it, which is
//! how `customer.orders()` can send a statement although it is given no session.
//!
//! Read in this order:
//! 1. `statements.rs`: sends a statement, counts it, and tells the observers;
//! 2. `transaction.rs`: groups statements, so that all of them are kept or none;
//! 3. `connection.rs`: skip at first; it asks the database about columns, and closes it.

mod connection;
pub(crate) mod statements;
pub(crate) mod transaction;

pub(crate) use self::statements::Gate;
