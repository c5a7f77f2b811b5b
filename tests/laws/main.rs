//! The laws that hold for every loading strategy.
//!
//! 1. Every strategy returns the same graph as lazy loading (`same_graph`, `any_schema`, `preload`, `advice`).
//! 2. A formula determines the number of statements, and every counter has the same number (`exact_counts`, `round_trips`).
//! 3. By every strategy that loads for all parents at once, the statements do not depend on their number (`constant`).
//! 4. Children are searched by an index (`index_not_scan`, on SQLite only).
//! 5. A limit counts parents (`limit_means_parents`).
//! 6. An unloaded relation is not an empty one (`unloaded_is_not_empty`).
//! 7. A part of a collection is not the whole collection (`full_is_not_filtered`).
//! 8. An eager load sees one state of the database (`one_snapshot`).
//! 9. A failed load leaves no partially loaded relation (`no_orphan_state`).
//! 10. An access answers for the parent as it is now (`key_of_now`).
//! 11. SQLite and PostgreSQL have the same graphs and counts: `on_both!` runs a test on both.
//!
//! `through` tests several laws for relations through others.

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
