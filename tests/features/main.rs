//! Tests of aggregates, plans, chunks, snapshots, `reload`, `raise`, and the rights of observers.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod accesses;
mod aggregates;
mod chunks;
mod decode_errors;
mod load_paths;
mod observers;
mod plans;
mod read_only_columns;
mod sessions;

use support::databases;
