//! Cohorts: rows of one entity that were loaded together.
//!
//! Every loading strategy is built on cohorts. An entity does not hold its related objects itself. Each of
//! its relation fields points to what the cohort shares, and holds the row's position in it:
//!
//! ```text
//! customers: [ #0 Ada ] [ #1 Zoë ] [ #2 Kim ]        one cohort
//!                 │         │          │
//!                 └────┬────┴──────────┘
//!                Related<Order>
//!                  ranges:  #0 → 0..2   #1 → 2..2   #2 → 2..3
//!                  rows:    [ order ][ order ][ order ]      one Vec for all
//! ```
//!
//! Children that are loaded for a whole cohort are in one `Vec`, and each parent owns a range of it
//! (`model/kept.rs`). When they are loaded together, there is no allocation for each parent. A page reads
//! memory in order, and an access is one index and one slice.
//!
//! This file holds the facts about a cohort: where its rows were queried, and through which relation they
//! were reached. With these facts, an error names the query to change, not only the line of the access.

use std::any::TypeId;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::error::{Error, Result};
use crate::trace::advisor::{Accesses, Queried};
use crate::trace::relation_info::{EntityInfo, RelationInfo};
use crate::trace::strategy::Strategy;

/// Rows of one entity that were loaded together. [`Observer::cohort`](crate::Observer::cohort) is called with
/// each cohort that is loaded.
///
/// ```
/// # use {eagerly::*, shop::*, std::{cell::RefCell, rc::Rc}}; let session = shop::small()?;
/// #[derive(Default)]
/// struct Cohorts(RefCell<Vec<Rc<Cohort>>>);
///
/// impl Observer for Cohorts {
///     fn statement(&self, _: &Event<'_>) {}
///     fn cohort(&self, cohort: &Rc<Cohort>) { self.0.borrow_mut().push(Rc::clone(cohort)); }
/// }
/// let seen = Rc::new(Cohorts::default());
/// let observation = session.observe(seen.clone());
/// session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// let orders = &seen.0.borrow()[1];
/// assert_eq!((orders.entity(), orders.size()), ("Order", 50));
/// assert_eq!(orders.parents().map(Cohort::size), Some(5));
/// assert_eq!(orders.path(), "selectin(Customer::ORDERS)");
/// assert_eq!(orders.load_path(order::Items::INFO), "selectin(Customer::ORDERS).selectin(Order::ITEMS)");
/// assert!(!orders.was_accessed());
/// # Ok::<(), Error>(())
/// ```
pub struct Cohort {
    id: u64,
    entity: &'static EntityInfo,
    /// What all rows of the query share.
    pub(super) queried: Rc<Queried>,
    /// The id of the cohort that the program queried.
    pub(super) root: u64,
    /// The number of the chunk that the rows belong to, counted from 0.
    pub(super) chunk: u32,
    reached: Option<Reached>,
    size: Cell<u32>,
    /// Which relations of these rows were accessed.
    pub(crate) accesses: Accesses,
    /// How many [`Parents`](crate::model::Parents) hold the cohort. An observer may keep it longer, without rows.
    pub(super) holders: Cell<u32>,
    details: OnceCell<Box<Details>>,
}

/// How the rows were reached from others.
#[derive(Clone)]
struct Reached {
    parents: Rc<Cohort>,
    /// The relation through which the rows were loaded.
    relation: &'static RelationInfo,
    strategy: Strategy,
    is_part: bool,
    /// Where the program called `session.preload`, if it loaded these rows or rows above them.
    preloaded_at: Option<CallSite>,
    /// Whether an advisor chose the strategy.
    is_learned: bool,
    /// Whether one of the rows that led here was reloaded.
    is_reloaded: bool,
}

/// Facts that few cohorts need. They are boxed, because a lazy page makes a cohort for each parent.
#[derive(Default)]
pub(super) struct Details {
    pub(super) lineage: OnceCell<u64>,
    pub(super) entities: OnceCell<Rc<[TypeId]>>,
    /// The row that this cohort reloads: (cohort id, position).
    original: Option<(u64, u32)>,
    statement: Cell<u64>,
    bytes: Cell<u64>,
}

impl Cohort {
    /// Makes a cohort for rows that the program queries. `id` is its number in the session.
    pub(crate) fn queried(id: u64, entity: &'static EntityInfo, queried: Rc<Queried>) -> Self {
        Self::new(id, entity, queried, None)
    }

    /// Makes a cohort for rows that are loaded through a relation of `parents`.
    pub(crate) fn reached(
        id: u64,
        parents: &Rc<Self>,
        relation: &'static RelationInfo,
        strategy: Strategy,
        is_part: bool,
        preloaded_at: Option<CallSite>,
        is_learned: bool,
    ) -> Self {
        let preloaded_at = preloaded_at.or(parents.preloaded_at());
        let (parents, is_reloaded) = (Rc::clone(parents), parents.is_reloaded());
        let reached = Reached { parents, relation, strategy, is_part, preloaded_at, is_learned, is_reloaded };
        Self::new(id, relation.target, Rc::clone(&reached.parents.queried), Some(reached))
    }

    /// Makes a cohort of the one row at `position`, for which nothing is loaded.
    pub(crate) fn reloaded(&self, id: u64, position: u32) -> Self {
        let mut alone = Self::new(id, self.entity, Rc::clone(&self.queried), self.reached.clone());
        (alone.root, alone.chunk) = (self.root, self.chunk);
        alone.size.set(1);
        alone.details = OnceCell::from(Box::new(Details {
            original: Some(self.identity(position)),
            statement: Cell::new(self.statement()),
            ..Details::default()
        }));
        alone
    }

    fn new(id: u64, entity: &'static EntityInfo, queried: Rc<Queried>, reached: Option<Reached>) -> Self {
        Self {
            id,
            entity,
            queried,
            root: reached.as_ref().map_or(id, |reached| reached.parents.root),
            chunk: reached.as_ref().map_or(0, |reached| reached.parents.chunk),
            reached,
            size: Cell::new(0),
            accesses: Accesses::default(),
            holders: Cell::new(0),
            details: OnceCell::new(),
        }
    }

    pub(super) fn details(&self) -> &Details {
        self.details.get_or_init(Box::default)
    }

    /// Returns the cohort's number in its session, counted from 1.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns the id of the cohort that the program queried and that this one descends from, or its own. For rows
    /// that are read in chunks, it is the cohort of the first chunk, because all chunks come from one query.
    pub fn root(&self) -> u64 {
        self.root
    }

    /// Returns what identifies the row at `position` in the session: a cohort's id and a position there. A
    /// reloaded row has the identity of its original.
    pub fn identity(&self, position: u32) -> (u64, u32) {
        self.original().unwrap_or_else(|| (self.lasting_id(), position))
    }

    /// Returns the identity of the row that this cohort reloads; `None` if it reloads none.
    pub(super) fn original(&self) -> Option<(u64, u32)> {
        self.details.get()?.original
    }

    /// Returns whether the row, or one that led to it, was reloaded or has a new foreign key since the query. Then
    /// a load path of the query cannot load its relations.
    pub fn is_reloaded(&self) -> bool {
        self.original().is_some() || self.reached.as_ref().is_some_and(|reached| reached.is_reloaded)
    }

    /// Returns the name of the rows' entity: `Order`.
    pub fn entity(&self) -> &'static str {
        self.entity.name
    }

    pub(super) fn entity_info(&self) -> &'static EntityInfo {
        self.entity
    }

    /// Returns where the program queried the root: the place for `.with(…)`.
    pub fn origin(&self) -> CallSite {
        self.queried.origin
    }

    /// Returns the default strategy of the query; `None` if it has none of its own.
    pub(crate) fn default_strategy(&self) -> Option<Strategy> {
        self.queried.default
    }

    /// Returns the cohort whose relation led here; `None` for rows that the program queried.
    pub fn parents(&self) -> Option<&Self> {
        self.reached.as_ref().map(|reached| &*reached.parents)
    }

    /// Returns the relation that led here; `None` for rows that the program queried.
    pub fn relation(&self) -> Option<&'static RelationInfo> {
        self.reached.as_ref().map(|reached| reached.relation)
    }

    /// Returns the strategy that loaded that relation; `None` for rows that the program queried.
    pub fn strategy(&self) -> Option<Strategy> {
        self.reached.as_ref().map(|reached| reached.strategy)
    }

    /// Returns whether these rows are a part of the relation: filtered, or the first few of each parent.
    pub fn is_part(&self) -> bool {
        self.reached.as_ref().is_some_and(|reached| reached.is_part)
    }

    /// Returns where the program called [`Session::preload`](crate::Session::preload), if it loaded these rows, or rows
    /// that led to them.
    pub fn preloaded_at(&self) -> Option<CallSite> {
        self.reached.as_ref()?.preloaded_at
    }

    /// Returns whether an [advisor](crate::Advisor) chose the strategy that loaded these rows.
    pub fn is_learned(&self) -> bool {
        self.reached.as_ref().is_some_and(|reached| reached.is_learned)
    }

    /// Returns whether the program has accessed the relation that led here, on any of the parents.
    pub fn was_accessed(&self) -> bool {
        let Some(reached) = &self.reached else {
            return true;
        };
        reached.parents.accesses.any(reached.relation.place, reached.is_part)
    }

    /// Returns the number of rows. It is 0 until the statement has ended.
    pub fn size(&self) -> u32 {
        self.size.get()
    }

    /// Records the final number of rows.
    pub(crate) fn record_size(&self, rows: usize) -> Result<()> {
        self.size.set(next_position(rows, self.entity)?);
        Ok(())
    }

    /// Returns the number, in the session, of the statement that returned the rows. It is 0 if the cohort has
    /// no rows, or no observer [weighs](crate::Observer::weighs) cohorts.
    pub fn statement(&self) -> u64 {
        self.details.get().map_or(0, |details| details.statement.get())
    }

    /// Returns the size of the rows' values in bytes: 8 for a number, the length of a text or a blob. It is 0
    /// unless an observer [weighs](crate::Observer::weighs) cohorts.
    pub fn bytes(&self) -> u64 {
        self.details.get().map_or(0, |details| details.bytes.get())
    }

    /// Records that a statement returned a row of `bytes` bytes.
    pub(crate) fn record_row(&self, statement: u64, bytes: u64) {
        let details = self.details();
        details.statement.set(statement);
        details.bytes.set(details.bytes.get() + bytes);
    }
}

impl Drop for Cohort {
    /// Drops a chain of cohorts in a loop. Recursion would overflow the stack on a long chain.
    fn drop(&mut self) {
        let mut next = self.reached.take();
        while let Some(mut cohort) = next.and_then(|reached| Rc::into_inner(reached.parents)) {
            next = cohort.reached.take();
        }
    }
}

impl fmt::Debug for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cohort")
            .field("origin", &self.origin())
            .field("reached_by", &self.relation())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// Converts a row count to a position, the one of the next row.
pub(crate) fn next_position(rows: usize, entity: &'static EntityInfo) -> Result<u32> {
    u32::try_from(rows).map_err(|_| Error::TooManyRows { entity: entity.name })
}
