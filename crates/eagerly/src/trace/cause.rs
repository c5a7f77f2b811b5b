//! Causes: why a statement was sent. An ORM usually hides this.

use std::fmt;

use crate::call_site::CallSite;
use crate::trace::advisor::learned_from;
use crate::trace::cohort::Cohort;
use crate::trace::relation_info::RelationInfo;
use crate::trace::strategy::Strategy;

/// Why a statement was sent.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// struct NoLazyLoads;
///
/// impl Observer for NoLazyLoads {
///     fn statement(&self, _: &Event<'_>) {}
///     fn before(&self, cause: &Cause<'_>) -> Result<()> {
///         if cause.kind() == Kind::Access { Err(Error::other(cause.to_string())) } else { Ok(()) }
///     }
/// }
/// let observation = session.observe(std::rc::Rc::new(NoLazyLoads));
/// let refused = session.get::<Customer>(1)?.orders().map(drop).unwrap_err();
/// assert!(refused.to_string().starts_with("lazy Customer.orders at "));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    /// The program called a method that sends it: `session.all(…)`, an insert, raw SQL.
    Explicit {
        /// The method: `all`, `insert`, ….
        call: &'static str,
        /// Where it was called.
        at: CallSite,
    },
    /// The program accessed a relation that was not loaded.
    Access {
        /// The relation.
        relation: &'static RelationInfo,
        /// The strategy: `lazy` for one parent, or `batch` for all.
        strategy: Strategy,
        /// Where the relation was accessed.
        at: CallSite,
        /// The cohort of the parent.
        parents: &'a Cohort,
        /// The position of the parent in its cohort, counted from 0.
        position: u32,
        /// The number of runs from which an [advisor](crate::Advisor) learned the strategy; `None` if none did.
        learned_from: Option<u32>,
    },
    /// A load path or a default loads a relation eagerly.
    Eager {
        /// The relation.
        relation: &'static RelationInfo,
        /// The rows whose relation is loaded.
        parents: &'a Cohort,
        /// The strategy.
        strategy: Strategy,
        /// Whether only a part of the relation is loaded: filtered, or the first few rows of each parent.
        is_part: bool,
        /// The position of the parent in its cohort, if the statement is for one parent; `None` if it is for all.
        position: Option<u32>,
        /// Where the program asked for it: the line of the query, or of `session.preload`.
        at: CallSite,
        /// For `session.preload`, the position of the first row in its cohort. `None` for the load path of a query.
        preloads: Option<u32>,
        /// The number of runs from which an [advisor](crate::Advisor) learned the strategy; `None` if none did.
        learned_from: Option<u32>,
    },
    /// Transaction control, such as `BEGIN`, `COMMIT` and `SAVEPOINT`.
    Control {
        /// Where the transaction or snapshot began.
        at: CallSite,
    },
}

impl Cause<'_> {
    pub(crate) fn explicit(call: &'static str, at: CallSite) -> Self {
        Self::Explicit { call, at }
    }

    /// Returns the kind of statement, to count by.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Explicit { .. } => Kind::Explicit,
            Self::Access { .. } => Kind::Access,
            Self::Eager { .. } => Kind::Eager,
            Self::Control { .. } => Kind::Control,
        }
    }

    /// Returns the place in the program that caused the statement. For an eager load it is the place where
    /// the parents were queried, or where the program called `session.preload`.
    pub fn at(&self) -> CallSite {
        match self {
            Self::Explicit { at, .. }
            | Self::Access { at, .. }
            | Self::Eager { at, .. }
            | Self::Control { at } => *at,
        }
    }

    /// Returns what was called, on which relation, and where.
    pub fn place(&self) -> Place {
        let call = match self {
            Self::Explicit { call, .. } => call,
            Self::Eager { is_part: true, .. } => "selectin part of",
            Self::Access { strategy, .. } | Self::Eager { strategy, .. } => strategy.name(),
            Self::Control { .. } => "control",
        };
        let (relation, learned_from) = (self.relation(), self.learned_from());
        Place { kind: self.kind(), call, relation, at: self.at(), learned_from }
    }

    /// Returns the number of runs from which an advisor learned the strategy; `None` if none did.
    pub(crate) fn learned_from(&self) -> Option<u32> {
        match self {
            Self::Access { learned_from, .. } | Self::Eager { learned_from, .. } => *learned_from,
            Self::Explicit { .. } | Self::Control { .. } => None,
        }
    }

    /// Returns the relation that the statement loads; `None` if it loads none.
    pub fn relation(&self) -> Option<&'static RelationInfo> {
        match self {
            Self::Access { relation, .. } | Self::Eager { relation, .. } => Some(relation),
            Self::Explicit { .. } | Self::Control { .. } => None,
        }
    }

    /// Returns whether the statement loads only a part of a relation.
    pub(crate) fn is_part(&self) -> bool {
        matches!(self, Self::Eager { is_part: true, .. })
    }

    /// Returns where the program called `session.preload`, if that sends the statement.
    pub(crate) fn preloaded_at(&self) -> Option<CallSite> {
        match self {
            Self::Eager { at, preloads: Some(_), .. } => Some(*at),
            _ => None,
        }
    }

    /// Returns the rows whose relation the statement loads; `None` if it loads none.
    pub fn parents(&self) -> Option<&Cohort> {
        match self {
            Self::Access { parents, .. } | Self::Eager { parents, .. } => Some(parents),
            Self::Explicit { .. } | Self::Control { .. } => None,
        }
    }
}

/// Writes what its [`Place`] writes.
impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(f)
    }
}

/// The call and line that caused a statement: the part of a [`Cause`] that can be kept.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// session.get::<Customer>(1)?.orders()?;
/// let (place, statements) = tally.shapes()[1].places[0];
/// assert_eq!((place.call, statements), ("lazy", 1));
/// assert_eq!(place.to_string(), format!("lazy Customer.orders at {}", place.at));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The kind of statement.
    pub kind: Kind,
    /// The method that was called, or the name of the strategy that loads a relation.
    pub call: &'static str,
    /// The relation that is loaded, if there is one.
    pub relation: Option<&'static RelationInfo>,
    /// The line. For an eager load it is the line where the parents were queried, or of `session.preload`.
    pub at: CallSite,
    /// The number of runs from which an [advisor](crate::Advisor) learned the strategy; `None` if none did.
    pub learned_from: Option<u32>,
}

impl Place {
    /// Returns whether the line is in the standard library. This happens where an accessor is passed as a function:
    /// in `.map(Customer::orders)`, the caller is `map`. Then the relation's name shows what to search for.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let customers = session.all(Customer::select())?;
    /// assert_eq!(customers.iter().map(Customer::orders).filter(Result::is_ok).count(), 5);
    /// let (place, _) = tally.shapes()[1].places[0];
    /// assert!(place.is_in_std());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_in_std(&self) -> bool {
        let file = self.at.file().replace('\\', "/");
        let libraries = ["/library/core/src/", "/library/alloc/src/", "/library/std/src/"];
        file.starts_with("/rustc/") || libraries.iter().any(|library| file.contains(library))
    }
}

/// Writes `lazy Customer.orders at src/page.rs:14`, or for an eager load
/// `selectin Customer.orders for src/page.rs:12`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call)?;
        if let Some(relation) = self.relation {
            write!(f, " {relation}")?;
        }
        if let Some(runs) = self.learned_from {
            write!(f, "{},", learned_from(runs))?;
        }
        let preposition = if self.kind == Kind::Eager { "for" } else { "at" };
        write!(f, " {preposition} {}", self.at)?;
        match self.is_in_std() {
            true => f.write_str(" (passed as a function)"),
            false => Ok(()),
        }
    }
}

/// The kinds of statement.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// customers[0].orders()?[0].items()?;
/// let kinds = [Kind::Explicit, Kind::Eager, Kind::Access, Kind::Control];
/// assert_eq!(kinds.map(|kind| tally.of_kind(kind)), [1, 1, 1, 2]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The program called a method that sends it.
    Explicit,
    /// The program accessed a relation that was not loaded.
    Access,
    /// A load path or a default loads a relation eagerly.
    Eager,
    /// Transaction control, such as `BEGIN` and `COMMIT`, which moves no data.
    Control,
}
