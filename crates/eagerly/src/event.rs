//! Statement events: everything that reaches SQLite, told to whoever listens.
//!
//! Every statement passes one place (`Core` in `core.rs`), which hands each [`Observer`] an [`Event`]: the SQL,
//! the bound values, the rows, the time, and the [`Cause`], which is what an ORM usually hides. The counts of
//! [`Tally`](crate::Tally) and the lines of `session.echo(true)` are observers and nothing more. While nobody
//! listens, no clock is read and no text is formatted.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::cohort::Cohort;
use crate::error::Error;
use crate::relation::RelationInfo;
use crate::strategy::Strategy;
use crate::value::Value;

/// A place in the program's source: `src/page.rs:14`.
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
}

/// In words: `lazy Customer.orders at src/page.rs:14`.
impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit { call, at } => write!(f, "{call} at {at}"),
            Self::Access {
                relation,
                strategy,
                at,
                ..
            } => write!(f, "{strategy} {relation} at {at}"),
            Self::Eager {
                relation,
                parents,
                strategy,
            } => write!(f, "{strategy} {relation} for {}", parents.origin()),
            Self::Control { at } => write!(f, "control at {at}"),
        }
    }
}

/// The kinds of statement.
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
    /// The time from sending the statement to its last row, turning rows into objects included.
    pub elapsed: Duration,
    /// Why it was sent.
    pub cause: Cause<'a>,
    /// What went wrong, if anything did.
    pub error: Option<&'a Error>,
}

/// Somebody who is told of every statement, but for those that observers send themselves while they are told.
pub trait Observer {
    /// Called after each statement that reaches the database, the failed ones included. (One that cannot even be
    /// prepared, for want of a table, does not reach it.)
    fn statement(&self, event: &Event<'_>);
}
