//! The laws that every loading strategy keeps. Each module is one law, and each test a sentence of it.

mod constant;
mod exact_counts;
mod full_is_not_filtered;
mod index_not_scan;
mod limit_means_parents;
mod no_orphan_state;
mod one_snapshot;
mod same_graph;
mod support;
mod unloaded_is_not_empty;
