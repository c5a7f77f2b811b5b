//! # eagerly-fix
//!
//! Applies the advice of eagerly's detector to the source, as `cargo fix` applies that of the compiler:
//!
//! ```console
//! EAGERLY_ADVICE=advice.jsonl cargo test        # your tests, with Detector::attach
//! cargo run -p eagerly-fix -- advice.jsonl      # the diff
//! ```
//!
//! Each line of the advice names a query and a load path to add to it or to remove from it. The query is named by its file,
//! line and column. The program finds the query in the source, changes its `.with(…)`, imports an entity if necessary, and
//! leaves every other byte as it is. If it is not sure where a change belongs, it leaves the source alone and prints the line
//! to write.
//!
//! ## How to read the source
//!
//! - `advice` reads the lines, and combines those of several runs.
//! - `place` finds a query in the syntax tree of a file, and `path` reads the load paths that are written there.
//! - `scope` finds out which names can be written at this place.
//! - `edit` decides what to change, and edits the text by the positions of its bytes.
//! - `apply` goes from files to changed files, and refuses changes that could not be taken back.
//! - `show` formats the diff and what is left to do.

pub mod advice;
pub mod apply;
pub mod edit;
mod path;
mod place;
mod scope;
pub mod show;
