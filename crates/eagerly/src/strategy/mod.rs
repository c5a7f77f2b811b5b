//! Loading strategies: when related rows are loaded, and for how many parents at once.
//!
//! | strategy | when | for whom | statements for C customers with O orders |
//! |---|---|---|---|
//! | [`lazy`] | on access | one parent | 1 + C + O |
//! | [`selectin`] | up front | the whole cohort, by `IN` | 3 |
//! | [`joined`] | in the parents' own statement | the whole cohort, by `LEFT JOIN` | 1 |
//!
//! Each has a file, which opens with the SQL that it sends.

use std::fmt;

pub mod joined;
pub mod lazy;
pub mod selectin;

mod grouping;

/// How the rows of a relation are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// When they are accessed, for one parent at a time.
    Lazy,
    /// Up front, for all parents by one more statement.
    Selectin,
    /// In the parents' own statement.
    Joined,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lazy => "lazy",
            Self::Selectin => "selectin",
            Self::Joined => "joined",
        })
    }
}
