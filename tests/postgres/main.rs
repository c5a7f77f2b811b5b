//! Tests that apply only to a server: its types and keys, its transactions, its round trips, and its failures.

#[path = "../support/mod.rs"]
#[macro_use]
mod shared;

mod failures;
mod keys;
mod round_trips;
mod sql;
mod transactions;
mod types;

use shared::databases;
