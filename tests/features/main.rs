//! Tests of conditions, aggregates, plans, chunks, snapshots, `reload`, `raise`, and the rights of observers.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod accesses;
mod aggregates;
mod chunks;
mod conditions;
mod decode_errors;
mod figures;
mod load_paths;
mod numbers;
mod observers;
mod plans;
mod read_only_columns;
mod sessions;

use support::databases;
