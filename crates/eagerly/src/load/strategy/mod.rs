//! Loading strategies: when related rows are loaded, and for how many parents at once.
//!
//! | strategy | when | for | statements for C customers with O orders |
//! |---|---|---|---|
//! | [`lazy`] | on access | one parent | 1 + C + O |
//! | [`immediate`] | up front | one parent at a time | 1 + C + O |
//! | [`batch`] | on first access | the whole cohort | 3 |
//! | [`selectin`] | up front | the whole cohort, by a list of keys | 3 |
//! | [`subquery`] | up front | the whole cohort, by repeating the parents' query | 3 |
//! | [`joined`] | in the parents' own statement | the whole cohort, by `LEFT JOIN` | 1 |
//! | [`raise`] | never | – | 1, then an error with the fix |
//!
//! `session.preload` loads the same for rows that are there already (`load/preload.rs`): one statement for each relation that
//! is missing, for rows of any number of cohorts.
//!
//! A relation through others costs what a direct one does. For the tags of P posts, through their taggings, `lazy` sends
//! 1 + P statements, `selectin` 2, and `joined` 1.
//!
//! Each has a file, which opens with the SQL that it sends; `raise` sends none. `contract.rs` states what a
//! strategy decides. A new strategy needs:
//! - a file here, with the strategy and the functions that begin and continue a load path by it;
//! - a line in the table of `trace/strategy.rs`;
//! - in this file, the `mod` line, the name in `pub use`, the arm in [`implementation`], and a row of the
//!   table above.

use crate::load::strategy::contract::LoadingStrategy;
use crate::model::Relation;
use crate::trace::Strategy;

pub(crate) mod contract;
mod planning;

mod batch;
mod immediate;
mod joined;
pub(crate) mod lazy;
mod raise;
pub(crate) mod selectin;
mod subquery;

pub use self::{
    batch::batch, immediate::immediate, joined::joined, lazy::lazy, raise::raise, selectin::selectin,
    subquery::subquery,
};

/// Returns the implementation of a strategy.
pub(crate) fn implementation<R: Relation>(strategy: Strategy) -> &'static dyn LoadingStrategy<R> {
    match strategy {
        Strategy::Lazy => &lazy::Lazy,
        Strategy::Immediate => &immediate::Immediate,
        Strategy::Batch => &batch::Batch,
        Strategy::Selectin => &selectin::Selectin,
        Strategy::Subquery => &subquery::Subquery,
        Strategy::Joined => &joined::Joined,
        Strategy::Raise => &raise::Raise,
    }
}
