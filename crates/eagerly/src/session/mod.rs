//! The session floor: what a program calls.
//!
//! Read in this order:
//! 1. `open.rs`: opens and closes a session, and groups its work in transactions;
//! 2. `select.rs`: a query for entities;
//! 3. `read.rs`: sends queries;
//! 4. `preload.rs`: loads relations of rows that are there already;
//! 5. `figures.rs`: computes figures for rows that are there already;
//! 6. `insert.rs`: inserts rows;
//! 7. `write.rs`: updates and deletes rows;
//! 8. `write_all.rs`: updates and deletes all rows that a query selects;
//! 9. `watch.rs`: attaches the tools that watch;
//! 10. `from_row.rs`, `positions.rs`: reads raw SQL into structs, tuples and values;
//! 11. `plan.rs`: describes what a query would send;
//! 12. `schema.rs`, `compare.rs`, `differences.rs`: creates the tables of entities, and checks those that exist;
//! 13. `views.rs`: skip at first; it makes a forgotten load path a compile error.

mod compare;
pub(crate) mod differences;
mod figures;
pub(crate) mod from_row;
mod insert;
pub(crate) mod open;
pub(crate) mod plan;
mod positions;
mod preload;
pub(crate) mod read;
pub mod schema;
pub(crate) mod select;
pub mod views;
mod watch;
mod write;
mod write_all;
