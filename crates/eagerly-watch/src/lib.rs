//! # eagerly-watch
//!
//! Tools that observe the statements of an [`eagerly`] session. They show what the statements cost, why they
//! were sent, and which line to change.
//!
//! | to | use |
//! |---|---|
//! | count statements in a test | [`assert_queries!`], [`assert_max_queries!`], [`assert_no_queries!`], [`assert_no_n_plus_one!`], [`assert_constant_queries!`] |
//! | find N+1 and unused eager loads | [`Detector`] |
//! | apply the detector's advice to the source | [`Report::fixes`], `EAGERLY_ADVICE=advice.jsonl`, and the program `eagerly-fix` |
//! | see why the slow-query log stays empty | [`SlowLog`] |
//! | see the statements of a page as a waterfall | [`Recording::write_html`] |
//! | analyse the statements with other tools | [`Recording::write_perfetto`], [`Recording::write_json_lines`], `tracing::Tracing` (feature `tracing`) |
//! | choose a strategy for the data | [`Recording::advice`] |
//! | let the program learn its load paths | [`Learner`] |
//! | predict the time of each strategy | [`CostModel`], [`Advice::for_costs`] |
//!
//! Each tool is an [observer](eagerly::Observer) or an [advisor](eagerly::Advisor), and uses only public information, so
//! you can write your own. Without an observer there is no cost. With one, memory stays bounded however long the session runs, and
//! totals are exact.
//!
//! ## How to read the source
//!
//! - `detector` holds the [`Detector`]. It finds problems with `n_plus_one`, `one_by_one`, `repeats` and
//!   `waste`, and `report` formats them as text. `fix` writes them as lines for the program `eagerly-fix`.
//! - `assert` uses the detector in tests.
//! - `slow_log` is independent of the other modules.
//! - `recording` is the public type of a recording. Its `tape` stores the statements, `lanes` groups them,
//!   and `totals` adds them up. Each output format has its own file. The crate `waterfall` draws the HTML page.
//! - `learner` is a folder, and independent of the other modules. It learns load paths from what a page reads.
//! - `advice` compares strategies, based on the lanes. `data_shape` computes what each of them sends and reads, and
//!   `cost` predicts its time.
//! - `bounded`, `literals` and `shapes` are helpers.

mod advice;
pub mod assert;
mod bounded;
mod calibration;
mod cost;
mod data_shape;
mod detector;
pub mod fix;
mod learner;
mod literals;
mod n_plus_one;
mod one_by_one;
mod recording;
mod repeats;
mod report;
mod shapes;
mod slow_log;
#[cfg(feature = "tracing")]
pub mod tracing;
mod waste;

pub use advice::{Advice, RelationShape, TimedAdvice};
pub use cost::CostModel;
pub use data_shape::{Bound, DataShape, Way};
pub use detector::Detector;
pub use fix::{Change, Fix};
pub use learner::{LearnedLine, Learner};
pub use n_plus_one::NPlusOne;
pub use one_by_one::OneByOne;
pub use recording::Recording;
pub use repeats::{Duplicate, Similar};
pub use report::Report;
pub use shapes::shape_table;
pub use slow_log::{SlowLog, SlowStatement};
pub use waste::Wasted;
