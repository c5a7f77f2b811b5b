//! Statement events: everything that reaches SQLite, told to whoever listens.
//!
//! Every statement passes one place (`Core` in `core.rs`), which hands each [`Observer`] an [`Event`]: the SQL,
//! the bound values, the rows, the time, and the [`Cause`], which is what an ORM usually hides. The counts of
//! [`Tally`](crate::Tally) and the lines of `session.echo(true)` are observers and nothing more. While nobody
//! listens, no clock is read and no text is formatted.

use std::fmt;
use std::panic::Location;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::cohort::Cohort;
use crate::error::{Error, Result};
use crate::network::Network;
use crate::relation::RelationInfo;
use crate::strategy::Strategy;
use crate::value::Value;

/// A place in the program's source: `src/page.rs:14`.
///
/// ```
/// # use eagerly::CallSite;
/// #[track_caller]
/// fn called_from() -> CallSite {
///     CallSite::caller()
/// }
/// let site = called_from();
/// assert_eq!((site.file(), site.line()), (file!(), line!() - 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallSite(&'static Location<'static>);

impl CallSite {
    /// The place that called the function which calls this: see `#[track_caller]`.
    #[track_caller]
    #[must_use]
    pub fn caller() -> Self {
        Self(Location::caller())
    }

    /// The source file, as the compiler was given it.
    #[must_use]
    pub fn file(self) -> &'static str {
        self.0.file()
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(self) -> u32 {
        self.0.line()
    }
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file(), self.line())
    }
}

/// Why a statement was sent.
///
/// ```
/// # use eagerly::{Cause, Error, Event, Kind, Observer, Result};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # struct NoLazyLoads;
/// impl Observer for NoLazyLoads {
/// #   fn statement(&self, _: &Event<'_>) {}
///     fn before(&self, cause: &Cause<'_>) -> Result<()> {
///         if cause.kind() == Kind::Access { Err(Error::other(cause.to_string())) } else { Ok(()) }
///     }
/// }
/// # let _observation = session.observe(std::rc::Rc::new(NoLazyLoads));
/// # let refused = session.get::<Customer>(1)?.orders().map(drop).unwrap_err();
/// assert!(refused.to_string().starts_with("lazy Customer.orders at "));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    /// The program asked for it: `session.all(…)`, an insert, raw SQL.
    Explicit {
        /// What was called: `all`, `insert`, …
        call: &'static str,
        /// From where.
        at: CallSite,
    },
    /// A relation was accessed that was not loaded.
    Access {
        /// The relation.
        relation: &'static RelationInfo,
        /// For one parent (`lazy`), or for all (`batch`).
        strategy: Strategy,
        /// Where it was accessed.
        at: CallSite,
        /// The rows among which the parent was loaded.
        parents: &'a Cohort,
        /// Which of them was accessed, counted from 0.
        position: u32,
    },
    /// A load path asked for a relation of all parents at once.
    Eager {
        /// The relation.
        relation: &'static RelationInfo,
        /// The rows whose relation is loaded.
        parents: &'a Cohort,
        /// How.
        strategy: Strategy,
        /// Whether only a part of it is loaded: filtered, or the first few of each parent.
        is_part: bool,
    },
    /// Transaction control: `BEGIN`, `COMMIT`, `SAVEPOINT` and the like.
    Control {
        /// From where the transaction was asked for.
        at: CallSite,
    },
}

impl Cause<'_> {
    /// The kind of statement, to count by.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Explicit { .. } => Kind::Explicit,
            Self::Access { .. } => Kind::Access,
            Self::Eager { .. } => Kind::Eager,
            Self::Control { .. } => Kind::Control,
        }
    }

    /// The place in the program that made it happen: for an eager load, where the parents were queried.
    #[must_use]
    pub fn at(&self) -> CallSite {
        match self {
            Self::Explicit { at, .. } | Self::Access { at, .. } | Self::Control { at } => *at,
            Self::Eager { parents, .. } => parents.origin(),
        }
    }

    /// What was called, on which relation, and where.
    #[must_use]
    pub fn place(&self) -> Place {
        let call = match self {
            Self::Explicit { call, .. } => call,
            Self::Eager { is_part: true, .. } => "selectin part of",
            Self::Access { strategy, .. } | Self::Eager { strategy, .. } => strategy.name(),
            Self::Control { .. } => "control",
        };
        Place {
            kind: self.kind(),
            call,
            relation: self.relation(),
            at: self.at(),
        }
    }

    /// The relation that is loaded, if it is one.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationInfo> {
        match self {
            Self::Access { relation, .. } | Self::Eager { relation, .. } => Some(relation),
            Self::Explicit { .. } | Self::Control { .. } => None,
        }
    }

    /// The rows whose relation is loaded, if it is one.
    #[must_use]
    pub fn parents(&self) -> Option<&Cohort> {
        match self {
            Self::Access { parents, .. } | Self::Eager { parents, .. } => Some(parents),
            Self::Explicit { .. } | Self::Control { .. } => None,
        }
    }

    pub(crate) fn strategy(&self) -> Strategy {
        match self {
            Self::Access { strategy, .. } | Self::Eager { strategy, .. } => *strategy,
            Self::Explicit { .. } | Self::Control { .. } => Strategy::Lazy,
        }
    }

    pub(crate) fn is_part(&self) -> bool {
        matches!(self, Self::Eager { is_part: true, .. })
    }
}

/// In words: `lazy Customer.orders at src/page.rs:14`.
impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place().fmt(f)
    }
}

/// A place in the program, and what it calls there: what is left of a [`Cause`] when the statement is over.
///
/// ```
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// session.get::<Customer>(1)?.orders()?;
/// let (place, statements) = tally.shapes()[1].places[0];
/// assert_eq!((place.call, statements), ("lazy", 1));
/// assert_eq!(place.to_string(), format!("lazy Customer.orders at {}", place.at));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The kind of statement.
    pub kind: Kind,
    /// What was called: `all`, `insert`, …, or the name of the strategy that loads a relation.
    pub call: &'static str,
    /// The relation, if it is one that is loaded.
    pub relation: Option<&'static RelationInfo>,
    /// Where: for an eager load, where the parents were queried.
    pub at: CallSite,
}

impl Place {
    /// Whether the line is within the standard library: there an accessor was handed over as a function, as in
    /// `.map(Customer::orders)`, and `#[track_caller]` sees no farther. The relation's name tells what to look for.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let customers = session.all(Customer::select())?;
    /// assert_eq!(customers.iter().map(Customer::orders).filter(Result::is_ok).count(), 5);
    /// let (place, _) = tally.shapes()[1].places[0];
    /// assert!(place.is_in_std()); // `map` is where it was called
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn is_in_std(&self) -> bool {
        let file = self.at.file().replace('\\', "/");
        file.starts_with("/rustc/")
            || file.contains("/library/core/src/")
            || file.contains("/library/alloc/src/")
    }
}

/// In words: `lazy Customer.orders at src/page.rs:14`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call)?;
        if let Some(relation) = self.relation {
            write!(f, " {relation}")?;
        }
        let preposition = if self.kind == Kind::Eager { "for" } else { "at" };
        write!(f, " {preposition} {}", self.at)?;
        match self.is_in_std() {
            true => f.write_str(" (handed over as a function)"),
            false => Ok(()),
        }
    }
}

/// The kinds of statement.
///
/// ```
/// # use eagerly::{Kind, selectin};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// customers[0].orders()?[0].items()?;
/// let kinds = [Kind::Explicit, Kind::Eager, Kind::Access, Kind::Control];
/// assert_eq!(kinds.map(|kind| tally.of_kind(kind)), [1, 1, 1, 2]);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The program asked for it.
    Explicit,
    /// A relation was accessed that was not loaded.
    Access,
    /// A load path asked for it.
    Eager,
    /// `BEGIN`, `COMMIT` and the like: it moves no data.
    Control,
}

/// One statement that was sent.
///
/// ```
/// # use eagerly::{Event, Observer};
/// # use shop::{Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # #[derive(Default)] struct Lines(std::cell::RefCell<Vec<String>>);
/// impl Observer for Lines {
///     fn statement(&self, event: &Event<'_>) {
///         self.0.borrow_mut().push(format!("{} [{}]: {}", event.sql, event.values[0], event.rows));
///     }
/// }
/// # let lines = std::rc::Rc::new(Lines::default());
/// # let _observation = session.observe(lines.clone());
/// # session.count(Order::select().filter(Order::STATUS.eq("open")))?;
/// assert_eq!(lines.0.borrow()[0], r#"SELECT count(*) FROM "orders" WHERE "status" = ?1 ["open"]: 1"#);
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The statement's number in its session, counted from 1.
    pub number: u64,
    /// The text. Values are bound, never written into it, so the text is the statement's shape.
    pub sql: &'a str,
    /// The bound values.
    pub values: &'a [Value<'a>],
    /// The rows that were read from the result.
    pub rows: u64,
    /// The objects that were built of them: fewer, where a join repeats rows.
    pub objects: u64,
    /// The rows that were inserted, updated or deleted.
    pub changed: u64,
    /// When it was sent.
    pub started: Instant,
    /// The time from sending the statement to its last row, turning rows into objects included; what the program
    /// does between the rows of `chunks` is not.
    pub elapsed: Duration,
    /// The journey to the database and back, where the session [models a network](crate::Session::model_network): not
    /// part of `elapsed`, and no time at all unless the network really waits.
    pub round_trip: Duration,
    /// The network that is modelled, if one is.
    pub network: Option<Network>,
    /// Why it was sent.
    pub cause: Cause<'a>,
    /// What went wrong, if anything did.
    pub error: Option<&'a Error>,
}

/// Somebody who is told of every statement, but for those that observers send themselves while they are told.
///
/// ```
/// # use eagerly::{Event, Observer};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # #[derive(Default)] struct Rows(std::cell::Cell<u64>);
/// impl Observer for Rows {
///     fn statement(&self, event: &Event<'_>) {
///         self.0.set(self.0.get() + event.rows);
///     }
/// }
/// # let rows = std::rc::Rc::new(Rows::default());
/// # let _observation = session.observe(rows.clone());
/// # session.get::<Customer>(1)?.orders()?;
/// assert_eq!(rows.0.get(), 1 + 2);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub trait Observer {
    /// Called after each statement that reaches the database, the failed ones included. (One that cannot even be
    /// prepared, for want of a table, does not reach it.)
    fn statement(&self, event: &Event<'_>);

    /// Called when the observer is attached to a session that has sent so many statements.
    fn attached(&self, sent_before: u64) {
        let _ = sent_before;
    }

    /// Called before each statement but transaction control: an error keeps it from being sent, and is what its
    /// caller gets.
    ///
    /// # Errors
    /// Whatever speaks against the statement.
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        let _ = cause;
        Ok(())
    }

    /// Called when the rows of a statement have become the objects of a cohort: queried, lazily loaded, or eagerly.
    fn cohort(&self, cohort: &Rc<Cohort>) {
        let _ = cohort;
    }

    /// Whether cohorts are to be weighed, and told which statement they came from. It takes a look at every cell.
    fn weighs(&self) -> bool {
        false
    }
}
