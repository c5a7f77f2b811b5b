//! # eagerly-watch
//!
//! You cannot fix what you cannot see. These tools watch what a session of [`eagerly`] sends to the database, and
//! say what it costs, why it was sent, and which line to change.
//!
//! | to | use |
//! |---|---|
//! | count in a test | [`assert_queries!`], [`assert_max_queries!`], [`assert_no_queries!`], [`assert_no_n_plus_one!`], [`assert_constant_queries!`] |
//! | find N+1, and relations that were loaded for nothing | [`Detector`] |
//! | see why the slow-query log stays empty | [`SlowLog`] |
//! | look at a page as a picture | [`Recording::write_html`] |
//! | look at it with other tools | [`Recording::write_perfetto`], [`Recording::write_json_lines`], [`Tracing`](tracing::Tracing) |
//! | choose a strategy by the shape of the data | [`Recording::advice`] |
//!
//! All of them are [observers](eagerly::Observer) and nothing more: what they know is told to anybody. A session that
//! nobody watches pays nothing; one that is watched keeps bounded memory, however long it runs, and exact totals.
//!
//! ## How to read the source
//!
//! `bounded` and `shapes` are small tools. [`Detector`] is the idea (`detector`, with `n_plus_one`, `repeats` and `waste` for what
//! it finds and `report` for how it says so); `assert` puts it into tests. `slow_log` stands alone. `recording`
//! is what a program holds; in its folder `tape` has what happened, with its `lanes` and `totals`, and there is a file for
//! each form to write it in. `advice` is reckoned from the lanes.

mod advice;
pub mod assert;
mod bounded;
mod detector;
mod n_plus_one;
mod recording;
mod repeats;
mod report;
mod shapes;
mod slow_log;
mod sql;
#[cfg(feature = "tracing")]
pub mod tracing;
mod waste;

pub use advice::{Advice, Bound, RelationShape, Way};
pub use detector::Detector;
pub use n_plus_one::NPlusOne;
pub use recording::Recording;
pub use repeats::{Duplicate, Similar};
pub use report::Report;
pub use shapes::shape_table;
pub use slow_log::{SlowLog, SlowStatement};
pub use waste::Wasted;
