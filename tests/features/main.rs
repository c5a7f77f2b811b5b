//! Tests of aggregates, plans, chunks, snapshots, `reload`, `raise`, the detector, and the rights of observers.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod accesses;
mod aggregates;
mod chunks;
mod detector;
mod observers;
mod plans;
mod sessions;

use support::databases;
