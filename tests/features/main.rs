//! Tests of conditions, aggregates, plans, chunks, snapshots, `reload`, `raise`, and the rights of observers.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod accesses;
mod aggregates;
mod chunks;
mod conditions;
mod figures;
mod numbers;
mod observers;
mod plans;
mod sessions;

use support::databases;
