//! Skip at first. Advisors: they choose the strategy of a relation for which neither the program nor the entity chooses
//! one.
//!
//! An advisor is called for each query. It returns a [`Run`], which lives as long as the rows of the query:
//!
//! 1. the query runs, and the advisor begins a run;
//! 2. the run is asked for the strategy of each relation that no load path mentions, here and below;
//! 3. when rows are dropped, the run receives which of their relations the program has accessed;
//! 4. when the last row is dropped, the run is dropped. What the page needed is known then.
//!
//! So an advisor can learn a load path: `Learner` in the crate `eagerly-watch` does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::trace::relation_info::{EntityInfo, RelationInfo};
use crate::trace::strategy::Strategy;

/// The maximum number of steps between the queried rows and those with the relation that an advisor is asked about. A way
/// can lead back to where it came from, so without a limit it might not end.
pub(crate) const WAY: usize = 8;

/// Chooses strategies for the queries of a session. [`Session::advise`](crate::Session::advise) attaches it.
///
/// ```
/// # use {eagerly::*, shop::*, std::rc::Rc}; let session = shop::small()?;
/// struct AlwaysBatch;
///
/// impl Advisor for AlwaysBatch {
///     fn begin(self: Rc<Self>, _: &QueryFacts<'_>) -> Option<Rc<dyn Run>> { Some(self) }
/// }
/// impl Run for AlwaysBatch {
///     fn strategy(&self, _: &Question<'_>) -> Option<Advised> {
///         Some(Advised { strategy: Strategy::Batch, runs: 1 })
///     }
/// }
/// session.advise(Some(Rc::new(AlwaysBatch)));
/// let tally = session.tally();
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 2);
/// assert!(tally.shapes()[1].places[0].0.to_string().starts_with("batch Customer.orders, learned from 1 run, at "));
/// # Ok::<(), Error>(())
/// ```
pub trait Advisor {
    /// Called before a query is sent. Returns what advises on its relations; `None` if nothing does.
    fn begin(self: Rc<Self>, query: &QueryFacts<'_>) -> Option<Rc<dyn Run>>;
}

/// One run of a query. It is dropped with the last row of the query.
///
/// Rows that are more than eight steps away from the queried rows are left out, and so are rows that were reloaded.
pub trait Run {
    /// Returns the strategy of a relation; `None` for the session's default.
    fn strategy(&self, question: &Question<'_>) -> Option<Advised>;

    /// Called when rows that were loaded together are dropped, with what the program has accessed of them. It is not
    /// called while a panic unwinds.
    ///
    /// ```
    /// # use {eagerly::*, shop::*, std::{cell::RefCell, rc::Rc}}; let session = shop::small()?;
    /// #[derive(Default)]
    /// struct Accesses(RefCell<Vec<(u32, Accessed)>>);
    ///
    /// impl Advisor for Accesses {
    ///     fn begin(self: Rc<Self>, _: &QueryFacts<'_>) -> Option<Rc<dyn Run>> { Some(self) }
    /// }
    /// impl Run for Accesses {
    ///     fn strategy(&self, _: &Question<'_>) -> Option<Advised> { None }
    ///     fn finished(&self, rows: &Finished<'_>) {
    ///         if rows.way.is_empty() {
    ///             self.0.borrow_mut().push((rows.size, rows.accessed(customer::Orders::INFO)));
    ///         }
    ///     }
    /// }
    /// let accesses = Rc::new(Accesses::default());
    /// session.advise(Some(accesses.clone()));
    /// session.all(Customer::select())?[3].orders()?;
    /// session.all(Customer::select())?.iter().try_for_each(|customer| customer.orders().map(drop))?;
    /// assert_eq!(*accesses.0.borrow(), [(5, Accessed::OfOne), (5, Accessed::OfSeveral)]);
    /// # Ok::<(), Error>(())
    /// ```
    fn finished(&self, rows: &Finished<'_>) {
        let _ = rows;
    }
}

/// A query that is about to be sent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct QueryFacts<'a> {
    /// The line of the query.
    pub origin: CallSite,
    /// The label of the [scope](crate::Session::scope) in which the query runs.
    pub scope: Option<&'a str>,
    /// The entity of the rows.
    pub entity: &'static EntityInfo,
    /// Whether the program queries a row by its key, with `get`.
    pub is_by_key: bool,
    /// The text of the query for the rows alone, as SQLite receives it. It is the same on every database.
    pub sql: &'a str,
}

/// The relation for which a run is asked for the strategy.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Question<'a> {
    /// The steps that lead from the queried rows to those with the relation. Empty if the queried rows have it.
    pub way: &'a [WayStep],
    /// The relation.
    pub relation: &'static RelationInfo,
}

/// Rows that were loaded together and are dropped.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Finished<'a> {
    /// The steps that led from the queried rows to these.
    pub way: &'a [WayStep],
    /// The number of rows.
    pub size: u32,
    /// Whether [`Session::preload`](crate::Session::preload) loaded these rows, or rows that led to them.
    pub is_preloaded: bool,
    pub(super) accesses: &'a Accesses,
}

impl Finished<'_> {
    /// Returns whether the program has accessed a relation on none, one or several of the rows. Accesses to a part of it do
    /// not count. An entity's relations from the 32nd on share one record.
    pub fn accessed(&self, relation: &RelationInfo) -> Accessed {
        self.accesses.to(relation.place)
    }

    /// Returns whether [`Session::preload`](crate::Session::preload) has loaded a relation for one of the rows.
    pub fn preloads(&self, relation: &RelationInfo) -> bool {
        self.accesses.preloaded.get() & Accesses::bit(relation.place) != 0
    }
}

/// One step on the way from queried rows to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WayStep {
    /// The relation.
    pub relation: &'static RelationInfo,
    /// The strategy that loads it.
    pub strategy: Strategy,
    /// Whether only a part of the relation is loaded: filtered, or the first few rows of each parent.
    pub is_part: bool,
}

impl WayStep {
    pub(crate) fn new(relation: &'static RelationInfo, strategy: Strategy, is_part: bool) -> Self {
        Self { relation, strategy, is_part }
    }
}

/// The choice of an advisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advised {
    /// The strategy.
    pub strategy: Strategy,
    /// The number of earlier runs of the query from which it was learned. Messages show it.
    pub runs: u32,
}

/// Formats the evidence for a strategy: `, learned from 12 runs`.
pub(crate) fn learned_from(runs: u32) -> String {
    let plural = if runs == 1 { "" } else { "s" };
    format!(", learned from {runs} run{plural}")
}

/// On how many rows the program has accessed a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accessed {
    /// On no row.
    Never,
    /// On one row, any number of times.
    OfOne,
    /// On two or more.
    OfSeveral,
}

/// The accesses to the relations of a cohort: a bit for each relation, and the relations from the 32nd on share one. Nothing
/// more is counted, because each access pays for it.
#[derive(Debug, Default)]
pub(crate) struct Accesses {
    any: Cell<u32>,
    several: Cell<u32>,
    part: Cell<u32>,
    preloaded: Cell<u32>,
}

impl Accesses {
    fn bit(place: usize) -> u32 {
        1 << place.min(31)
    }

    /// Records that the relation at `place` was accessed.
    pub(crate) fn record(&self, place: usize) {
        self.any.set(self.any.get() | Self::bit(place));
    }

    /// Records that the relation at `place` was accessed on a second row.
    pub(crate) fn record_second(&self, place: usize) {
        self.several.set(self.several.get() | Self::bit(place));
    }

    /// Records that the part of the relation at `place` was accessed.
    pub(crate) fn record_part(&self, place: usize) {
        self.part.set(self.part.get() | Self::bit(place));
    }

    /// Records that the program preloads the relation at `place` for a row.
    pub(crate) fn record_preload(&self, place: usize) {
        self.preloaded.set(self.preloaded.get() | Self::bit(place));
    }

    /// Returns whether the relation at `place`, or its part, was accessed.
    pub(super) fn any(&self, place: usize, is_part: bool) -> bool {
        let accessed = if is_part { &self.part } else { &self.any };
        accessed.get() & Self::bit(place) != 0
    }

    fn to(&self, place: usize) -> Accessed {
        match (self.any(place, false), self.several.get() & Self::bit(place) != 0) {
            (false, _) => Accessed::Never,
            (true, false) => Accessed::OfOne,
            (true, true) => Accessed::OfSeveral,
        }
    }
}

/// What all rows share that descend from one query.
pub(crate) struct Queried {
    pub(crate) origin: CallSite,
    /// The default strategy of the query.
    pub(crate) default: Option<Strategy>,
    /// The entity of the row, if the program queried it by its key with `get`, which takes no load path.
    pub(crate) by_key: Option<&'static EntityInfo>,
    pub(crate) scope: Option<Rc<str>>,
    run: RefCell<Option<Rc<dyn Run>>>,
    /// How many cohorts of the query have rows that are not dropped yet.
    cohorts: Cell<u32>,
}

impl Queried {
    pub(crate) fn new(
        origin: CallSite,
        default: Option<Strategy>,
        by_key: Option<&'static EntityInfo>,
        scope: Option<Rc<str>>,
        run: Option<Rc<dyn Run>>,
    ) -> Self {
        Self { origin, default, by_key, scope, run: RefCell::new(run), cohorts: Cell::new(0) }
    }

    /// Returns the run of the query; `None` if nothing advises or if all rows are dropped.
    pub(crate) fn run(&self) -> Option<Rc<dyn Run>> {
        self.run.borrow().clone()
    }

    pub(super) fn begin_cohort(&self) {
        self.cohorts.set(self.cohorts.get() + 1);
    }

    /// Ends the run with its last cohort.
    pub(super) fn end_cohort(&self) {
        self.cohorts.set(self.cohorts.get() - 1);
        if self.cohorts.get() == 0 {
            // The run is dropped after the borrow ends, because it may hold rows.
            let run = self.run.take();
            drop(run);
        }
    }
}
