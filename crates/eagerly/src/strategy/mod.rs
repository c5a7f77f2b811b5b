//! Loading strategies: when related rows are loaded, and for how many parents at once.
//!
//! | strategy | when | for whom | statements for C customers with O orders |
//! |---|---|---|---|
//! | [`lazy`] | on access | one parent | 1 + C + O |
//! | [`immediate`] | up front | one parent at a time | 1 + C + O: eager is not the same as few |
//! | [`batch`] | on first access | the whole cohort | 3 |
//! | [`selectin`] | up front | the whole cohort, by `IN` | 3 |
//! | [`subquery`] | up front | the whole cohort, by re-stating the parents' query | 3 |
//! | [`joined`] | in the parents' own statement | the whole cohort, by `LEFT JOIN` | 1 |
//! | [`raise`] | never | – | 1, then an error that names the relation, the line and the fix |
//!
//! Each has a file, which opens with the SQL that it sends.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use crate::error::Result;
use crate::event::CallSite;
use crate::related::Related;
use crate::relation::Relation;

pub mod batch;
pub mod immediate;
pub mod joined;
pub mod lazy;
pub mod raise;
pub mod selectin;
pub mod subquery;

pub(crate) mod comparison;
pub(crate) mod grouping;
pub(crate) mod parent_keys;
mod scatter;

/// How the rows of a relation are loaded.
///
/// ```
/// # use eagerly::Strategy;
/// let eager = Strategy::ALL.into_iter().filter(|strategy| strategy.is_eager());
/// let names: Vec<_> = eager.map(Strategy::name).collect();
/// assert_eq!(names, ["immediate", "selectin", "subquery", "joined"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// When they are accessed, for one parent at a time.
    Lazy,
    /// Up front, for one parent at a time.
    Immediate,
    /// When they are first accessed, for all parents.
    Batch,
    /// Up front, for all parents by a statement that names their keys.
    Selectin,
    /// Up front, for all parents by a statement that re-states their query.
    Subquery,
    /// In the parents' own statement.
    Joined,
    /// Never: an access is an error.
    Raise,
}

impl Strategy {
    /// All of them, in the order of the table above.
    pub const ALL: [Self; 7] = [
        Self::Lazy,
        Self::Immediate,
        Self::Batch,
        Self::Selectin,
        Self::Subquery,
        Self::Joined,
        Self::Raise,
    ];

    /// Whether it loads up front, and not when the relation is accessed.
    #[must_use]
    pub fn is_eager(self) -> bool {
        matches!(
            self,
            Self::Immediate | Self::Selectin | Self::Subquery | Self::Joined
        )
    }

    /// The name, as in `.with(selectin(…))`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lazy => "lazy",
            Self::Immediate => "immediate",
            Self::Batch => "batch",
            Self::Selectin => "selectin",
            Self::Subquery => "subquery",
            Self::Joined => "joined",
            Self::Raise => "raise",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// By its name.
///
/// ```
/// use eagerly::Strategy;
///
/// assert_eq!("selectin".parse(), Ok(Strategy::Selectin));
/// let error = "eager".parse::<Strategy>().unwrap_err().to_string();
/// assert!(error.starts_with(r#"there is no strategy "eager"; there are lazy, immediate, "#));
/// ```
impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(name: &str) -> std::result::Result<Self, UnknownStrategy> {
        let found = Self::ALL.into_iter().find(|strategy| strategy.name() == name);
        found.ok_or_else(|| UnknownStrategy(name.to_owned()))
    }
}

/// A name that is no strategy's.
///
/// ```
/// # use eagerly::{Strategy, strategy::UnknownStrategy};
/// fn chosen(name: Option<&str>) -> Result<Strategy, UnknownStrategy> {
///     name.unwrap_or("lazy").parse()
/// }
/// assert_eq!(chosen(None), Ok(Strategy::Lazy));
/// assert!(chosen(Some("eager")).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no strategy {0:?}; there are {names}", names = Strategy::ALL.map(Strategy::name).join(", "))]
pub struct UnknownStrategy(String);

/// What happens when a relation is accessed that is not loaded.
pub(crate) fn access<'r, R: Relation>(
    related: &'r Rc<Related<R::Target>>,
    position: u32,
    parent: &R::Parent,
    at: CallSite,
) -> Result<&'r [R::Target]> {
    match related.policy().map(|policy| policy.strategy) {
        Some(Strategy::Batch) => batch::load::<R>(related, position, at),
        Some(Strategy::Raise) => Err(raise::refusal::<R>(related, at)),
        _ => lazy::load::<R>(related, position, parent, at),
    }
}
