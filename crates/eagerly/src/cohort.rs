//! The cohort: rows that came from one statement, and what is loaded for them together.
//!
//! This one notion carries every loading strategy. An entity does not hold its related objects itself; each of
//! its relation fields is a pointer to what its cohort shares, and the row's position in it:
//!
//! ```text
//! customers: [ #0 Ada ] [ #1 Zoë ] [ #2 Kim ]        one statement, one cohort
//!                 │         │          │
//!                 └────┬────┴──────────┘
//!                Related<Order>
//!                  ranges:  #0 → 0..2   #1 → 2..2   #2 → 2..3
//!                  rows:    [ order ][ order ][ order ]      one Vec for all
//! ```
//!
//! The children of a whole cohort lie in one `Vec`, each parent owning a range of it (`related.rs`): there is no
//! allocation per parent, a page walks memory in order, and an access is a range looked up and a slice.
//!
//! The cohort also knows where its rows were queried and through which relation they were reached. That is how
//! an error can name the line where the fix goes, which is not the line where it was noticed.

use std::any::TypeId;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use crate::core::Core;
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::CallSite;
use crate::relation::{Relation, RelationInfo};
use crate::strategy::Strategy;

/// Rows of one entity that came from one statement.
///
/// ```
/// # use std::{cell::RefCell, rc::Rc};
/// # use eagerly::{Event, Observer, Relation, cohort::Cohort, selectin};
/// # use shop::{Customer, Size, data, order};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # #[derive(Default)] struct Cohorts(RefCell<Vec<Rc<Cohort>>>);
/// # impl Observer for Cohorts {
/// #   fn statement(&self, _: &Event<'_>) {}
/// #   fn cohort(&self, cohort: &Rc<Cohort>) { self.0.borrow_mut().push(Rc::clone(cohort)); }
/// # }
/// # let seen = Rc::new(Cohorts::default());
/// # let _observation = session.observe(seen.clone());
/// # session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
/// # let cohorts = seen.0.take();
/// let orders = &cohorts[1];
/// assert_eq!((orders.entity(), orders.size()), ("Order", 50));
/// assert_eq!(orders.parents().map(Cohort::size), Some(5));
/// assert_eq!(orders.path(), "selectin(Customer::ORDERS)");
/// assert_eq!(orders.load_path(order::Items::INFO), "selectin(Customer::ORDERS).selectin(Order::ITEMS)");
/// assert!(!orders.was_accessed());
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Cohort {
    pub(crate) core: Rc<Core>,
    id: u64,
    entity: fn() -> (TypeId, &'static str),
    origin: CallSite,
    /// The first cohort of this line of descent.
    root: u64,
    reached: Option<Reached>,
    size: Cell<u32>,
    /// Which relations of these rows somebody has accessed: a bit for each, and one for its part.
    accessed: Cell<u64>,
    details: OnceCell<Box<Details>>,
}

/// What is known of few cohorts, and kept apart: a lazy page makes a cohort for each row.
#[derive(Default)]
struct Details {
    /// This entity and those on the way to it, if anybody has asked.
    entities: OnceCell<Rc<[TypeId]>>,
    /// A number for the relations that lead from the root to here, if anybody has asked.
    lineage: OnceCell<u64>,
    /// The row that this cohort of one stands for, which was reloaded: its cohort and position.
    original: Option<(u64, u32)>,
    /// The number of the statement that gave the rows, if an observer wants to know.
    statement: Cell<u64>,
    /// What the rows' values weigh, if an observer wants to know.
    bytes: Cell<u64>,
}

/// The type of an entity, and its name.
fn facts<E: Entity>() -> (TypeId, &'static str) {
    (TypeId::of::<E>(), E::NAME)
}

/// How the rows were reached from others.
#[derive(Clone)]
struct Reached {
    parents: Rc<Cohort>,
    by: &'static RelationInfo,
    strategy: Strategy,
    is_part: bool,
}

/// The bit of the relation at `place` among its entity's; those from the 32nd on share one.
fn accessed_bit(place: usize, part: bool) -> u64 {
    1 << (place.min(31) * 2 + usize::from(part))
}

impl Cohort {
    /// Rows that the program itself queried, at `origin`.
    pub(crate) fn queried<E: Entity>(core: &Rc<Core>, origin: CallSite) -> Rc<Self> {
        Rc::new(Self::new(core, facts::<E>, origin, None))
    }

    /// Rows that are loaded through a relation of `parents`.
    pub(crate) fn reached<R: Relation>(parents: &Rc<Self>, strategy: Strategy, is_part: bool) -> Rc<Self> {
        let reached = Reached {
            parents: Rc::clone(parents),
            by: R::INFO,
            strategy,
            is_part,
        };
        let entity = facts::<R::Target>;
        Rc::new(Self::new(&parents.core, entity, parents.origin, Some(reached)))
    }

    /// The row at `position` alone, with nothing loaded.
    pub(crate) fn reloaded(&self, position: u32) -> Self {
        let mut alone = Self::new(&self.core, self.entity, self.origin, self.reached.clone());
        alone.root = self.root;
        alone.size.set(1);
        alone.details = OnceCell::from(Box::new(Details {
            original: Some(self.identity(position)),
            statement: Cell::new(self.statement()),
            ..Details::default()
        }));
        alone
    }

    fn new(
        core: &Rc<Core>,
        entity: fn() -> (TypeId, &'static str),
        origin: CallSite,
        reached: Option<Reached>,
    ) -> Self {
        let id = core.next_cohort();
        let root = reached.as_ref().map_or(id, |reached| reached.parents.root);
        Self {
            core: Rc::clone(core),
            id,
            entity,
            origin,
            root,
            reached,
            size: Cell::new(0),
            accessed: Cell::new(0),
            details: OnceCell::new(),
        }
    }

    /// What is known of few cohorts, of this one from now on.
    fn details(&self) -> &Details {
        self.details.get_or_init(Box::default)
    }

    /// Its number among the cohorts of its session, counted from 1.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The id of the cohort that the program queried itself and that this one descends from; its own, if it is that.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.root
    }

    /// A number for the relations that lead from the root to here: the same for all cohorts that were reached the same
    /// way. Reckoned when it is first asked for, from the nearest ancestor that knows its own.
    #[must_use]
    pub fn lineage(&self) -> u64 {
        let mut unknown = Vec::new();
        let mut lineage = 0;
        for cohort in self.ancestry() {
            if let Some(known) = cohort.details().lineage.get() {
                lineage = *known;
                break;
            }
            unknown.push(cohort);
        }
        for cohort in unknown.into_iter().rev() {
            if let Some(Reached { by, is_part, .. }) = &cohort.reached {
                let mut hasher = DefaultHasher::new();
                (lineage, by.entity, by.field, is_part).hash(&mut hasher);
                lineage = hasher.finish();
            }
            let _ = cohort.details().lineage.set(lineage);
        }
        lineage
    }

    /// What tells the row at `position` from all others of the session, a reloaded row being the one that it was: the
    /// id of its cohort, and its position there.
    #[must_use]
    pub fn identity(&self, position: u32) -> (u64, u32) {
        let original = self.details.get().and_then(|details| details.original);
        original.unwrap_or((self.id, position))
    }

    /// The name of the rows' entity: `Order`.
    #[must_use]
    pub fn entity(&self) -> &'static str {
        (self.entity)().1
    }

    /// This cohort and those that led to it, from here to the root.
    fn ancestry(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |cohort| cohort.parents())
    }

    /// The entities on the way from the root to here, each once. Found out when it is first asked for, and kept,
    /// so that a long chain is not walked again at each of its links.
    pub(crate) fn entities(&self) -> Rc<[TypeId]> {
        let mut known = Rc::default();
        let mut unknown = Vec::new();
        for cohort in self.ancestry() {
            if let Some(entities) = cohort.details().entities.get() {
                known = Rc::clone(entities);
                break;
            }
            unknown.push(cohort);
        }
        for cohort in unknown.into_iter().rev() {
            let (entity, _) = (cohort.entity)();
            if !known.contains(&entity) {
                known = known.iter().copied().chain([entity]).collect();
            }
            let _ = cohort.details().entities.set(Rc::clone(&known));
        }
        known
    }

    /// Where the program queried the first rows of this line of descent: the place for `.with(…)`.
    #[must_use]
    pub fn origin(&self) -> CallSite {
        self.origin
    }

    /// The cohort whose relation led here, if these rows were not queried directly.
    #[must_use]
    pub fn parents(&self) -> Option<&Self> {
        self.reached.as_ref().map(|reached| &*reached.parents)
    }

    /// The relation of the parents that led here, if these rows were not queried directly.
    #[must_use]
    pub fn relation(&self) -> Option<&'static RelationInfo> {
        self.reached.as_ref().map(|reached| reached.by)
    }

    /// The strategy by which that relation was loaded.
    #[must_use]
    pub fn strategy(&self) -> Option<Strategy> {
        self.reached.as_ref().map(|reached| reached.strategy)
    }

    /// Whether these rows are a part of the relation: filtered, or the first few of each parent.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.reached.as_ref().is_some_and(|reached| reached.is_part)
    }

    /// Whether anybody has accessed the relation that led here, of any of the parents, since they were loaded.
    #[must_use]
    pub fn was_accessed(&self) -> bool {
        self.reached.as_ref().is_none_or(
            |Reached {
                 parents, by, is_part, ..
             }| { parents.accessed.get() & accessed_bit(by.place, *is_part) != 0 },
        )
    }

    /// Takes note that somebody accesses the relation at `place`, or its part.
    #[inline]
    pub(crate) fn note_access(&self, place: usize, part: bool) {
        self.accessed.set(self.accessed.get() | accessed_bit(place, part));
    }

    /// How many rows it has. 0 until its statement has ended.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size.get()
    }

    /// The number, in the session, of the statement that gave the rows. Known only while an
    /// [observer](crate::Observer::weighs) weighs cohorts; else 0, as for a cohort without rows.
    #[must_use]
    pub fn statement(&self) -> u64 {
        self.details.get().map_or(0, |details| details.statement.get())
    }

    /// What the rows' values weigh, in bytes: 8 for a number, the length of a text or a blob. 0 unless an
    /// [observer](crate::Observer::weighs) wants to know.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.details.get().map_or(0, |details| details.bytes.get())
    }

    /// Reads an object of this cohort from a row whose columns of it start at `first`, and takes note of it.
    #[inline(always)]
    pub(crate) fn read<E: Entity>(
        &self,
        row: &Row<'_>,
        first: usize,
        related: &E::Related,
        position: u32,
    ) -> Result<E> {
        row.begin_weighing();
        let object = E::read(row, first, related, position)?;
        self.core.object_built();
        if self.core.weighs() {
            let details = self.details();
            details.statement.set(self.core.running());
            details.bytes.set(details.bytes.get() + row.weight());
        }
        Ok(object)
    }

    /// Its rows are complete, and so many.
    pub(crate) fn complete(self: &Rc<Self>, rows: usize) -> Result<()> {
        self.size.set(count(rows, self.entity())?);
        self.core.tell_of_cohort(self);
        Ok(())
    }

    /// The load path that brings `relation` along when it is added at the origin:
    /// `selectin(Customer::ORDERS).selectin(Order::ITEMS)`. What is loaded eagerly on the way already keeps its
    /// strategy.
    #[must_use]
    pub fn load_path(&self, relation: &RelationInfo) -> String {
        let last = format!("selectin({})", relation.constant());
        // What was loaded one by one is to be loaded together, or the rest of the path would be of little use.
        let together = |strategy| match strategy {
            Strategy::Lazy | Strategy::Immediate => Strategy::Selectin,
            other => other,
        };
        match self.path_by(together) {
            path if path.is_empty() => last,
            path => format!("{path}.{last}"),
        }
    }

    /// The load path that leads to these rows, each step by the strategy that loaded it; empty if they were queried
    /// directly.
    #[must_use]
    pub fn path(&self) -> String {
        self.path_by(|strategy| strategy)
    }

    fn path_by(&self, strategy: impl Fn(Strategy) -> Strategy) -> String {
        let reached = self.ancestry().filter_map(|cohort| cohort.reached.as_ref());
        let mut steps: Vec<_> = reached.map(|reached| reached.step(&strategy)).collect();
        steps.reverse();
        steps.join(".")
    }
}

impl Reached {
    /// As a step of a load path.
    fn step(&self, strategy: &impl Fn(Strategy) -> Strategy) -> String {
        // How the part was chosen is not known here.
        let part = if self.is_part { ".…" } else { "" };
        format!("{}({}{part})", strategy(self.strategy), self.by.constant())
    }
}

impl Drop for Cohort {
    /// A chain of cohorts goes one by one: none is dropped from within the next.
    fn drop(&mut self) {
        let mut next = self.reached.take();
        while let Some(mut cohort) = next.and_then(|reached| Rc::into_inner(reached.parents)) {
            next = cohort.reached.take();
        }
    }
}

/// Where the rows come from, and how many they are.
impl fmt::Debug for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cohort")
            .field("origin", &self.origin)
            .field("reached_by", &self.relation())
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// A number of rows as a cohort counts them.
pub(crate) fn count(rows: usize, entity: &'static str) -> Result<u32> {
    u32::try_from(rows).map_err(|_| Error::TooManyRows { entity })
}

/// Makes room for one more row. A `Vec` would double; half as much again leaves less unused, for as long as the page
/// lives.
#[inline]
pub(crate) fn make_room<E>(rows: &mut Vec<E>) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact((rows.len() / 2).max(4));
    }
}
