//! The laws that hold for every loading strategy. Each module tests one law.

#[path = "../support/mod.rs"]
#[macro_use]
mod shared;

mod advice;
mod any_schema;
mod constant;
mod exact_counts;
mod full_is_not_filtered;
mod index_not_scan;
mod key_of_now;
mod limit_means_parents;
mod no_orphan_state;
mod one_snapshot;
mod preload;
mod round_trips;
mod same_graph;
mod support;
mod through;
mod unloaded_is_not_empty;

use shared::databases;
