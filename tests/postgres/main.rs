//! Tests that apply only to a server: its types and keys, its transactions, its round trips, and its failures.

#[path = "../support/mod.rs"]
#[macro_use]
mod shared;

mod cuts;
mod encryption;
mod every_message;
mod failures;
mod faulty;
mod keys;
mod kills;
mod messages;
mod next_page;
mod odd_servers;
mod passwords;
mod production;
mod raw_sql;
mod recorded_statistics;
mod round_trips;
mod runtimes;
#[cfg(unix)]
mod servers_that_fail;
mod sql;
mod statements;
mod transactions;
mod types;
mod watchdog;

use eagerly::{Error, Failure};
use shared::databases;

/// Returns the kind of an error that comes from the database.
fn kind(error: &Error) -> Option<Failure> {
    error.database().map(|error| error.kind)
}
