//! What a cohort has loaded for one of its relations, and what an access does if it is not loaded.
//!
//! A part (rows that are filtered or limited) is kept apart from the whole, so an accessor never returns it.
//!
//! A row whose key was changed after its relation was loaded gets a `Related` of its own, as after `reload()`. The
//! relation of the new key is kept there.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::gate::Gate;
use crate::model::changed::Changed;
use crate::model::deep_drop::drop_without_recursion;
use crate::model::kept::{Collection, Kept, Slot};
use crate::model::key::Key;
use crate::trace::{Cause, Cohort, Defaults, EntityInfo, Queried, RelationInfo, Strategy};

/// A cohort, and the gate through which its relations are loaded. Rows hold it through their relations. The rows of a cohort
/// are dropped when the last `Parents` is.
pub struct Parents {
    pub(crate) cohort: Rc<Cohort>,
    pub(crate) gate: Rc<Gate>,
}

impl Clone for Parents {
    fn clone(&self) -> Self {
        Self::of(Rc::clone(&self.cohort), &self.gate)
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        self.cohort.release();
    }
}

impl Parents {
    fn of(cohort: Rc<Cohort>, gate: &Rc<Gate>) -> Self {
        cohort.hold();
        Self { cohort, gate: Rc::clone(gate) }
    }

    /// Makes a cohort for rows that the program queries.
    pub(crate) fn queried(gate: &Rc<Gate>, entity: &'static EntityInfo, queried: Queried) -> Self {
        Self::of(Rc::new(Cohort::queried(gate.next_cohort(), entity, Rc::new(queried))), gate)
    }

    /// Makes a cohort for the next chunk of the same query.
    pub(crate) fn next_chunk(&self) -> Self {
        let id = self.gate.next_cohort();
        Self::of(Rc::new(self.cohort.next_chunk(id)), &self.gate)
    }

    /// Makes a cohort for rows that are loaded through a relation of this cohort.
    pub(crate) fn reached(&self, by: &'static RelationInfo, strategy: Strategy, cause: Cause<'_>) -> Self {
        let (id, parents) = (self.gate.next_cohort(), &self.cohort);
        let (preloaded_at, is_learned) = (cause.preloaded_at(), cause.learned_from().is_some());
        let cohort = Cohort::reached(id, parents, by, strategy, cause.is_part(), preloaded_at, is_learned);
        Self::of(Rc::new(cohort), &self.gate)
    }

    /// Returns the strategies of relations that no load path mentions.
    pub(crate) fn defaults(&self) -> Defaults {
        Defaults { query: self.cohort.default_strategy(), session: self.gate.default_strategy.get() }
    }
}

/// The relation was accessed on several parents. (A cohort has fewer rows than this.)
const SEVERAL: u32 = u32::MAX - 1;

/// The relation was not accessed.
const NEVER: u32 = u32::MAX;

/// What one relation of a cohort has loaded.
pub struct Related<T: 'static> {
    pub(crate) parents: Parents,
    /// The relation's place among the entity's relations.
    place: u32,
    /// The position of the parent whose relation was accessed, or one of the values above [`SEVERAL`].
    accessed_on: Cell<u32>,
    /// What an access does. `None`, the usual case, loads lazily. This field and the rare ones are boxed,
    /// because a lazy page makes one of these structs for each relation of each row.
    on_access: OnceCell<Box<dyn OnAccess<T>>>,
    kept: Kept<T>,
    rare: OnceCell<Box<Rare<T>>>,
}

/// What few relations need.
struct Rare<T: 'static> {
    /// Some of the children of the parents: filtered or limited.
    part: Kept<T>,
    changed: Changed<Related<T>>,
}

/// What accessing an unloaded relation does. The load floor, which is above, implements it.
pub(crate) trait OnAccess<T: 'static> {
    /// Loads the children of the parent that was accessed, and returns them.
    fn load<'r>(&self, access: &Access<'r, T>) -> Result<&'r [T]>;

    /// Returns what an access does for a single parent whose relation is loaded again.
    fn alone(&self) -> Box<dyn OnAccess<T>>;
}

/// One access to an unloaded relation.
pub(crate) struct Access<'r, T: 'static> {
    pub(crate) related: &'r Rc<Related<T>>,
    /// The position of the parent in its cohort.
    pub(crate) position: u32,
    /// The parent's key, as it is now.
    pub(crate) key: Key<'r>,
    pub(crate) at: CallSite,
}

impl<T: 'static> Related<T> {
    pub(crate) fn new(parents: &Parents, place: u32) -> Rc<Self> {
        Rc::new(Self {
            parents: parents.clone(),
            place,
            accessed_on: Cell::new(NEVER),
            on_access: OnceCell::new(),
            kept: Kept::default(),
            rare: OnceCell::new(),
        })
    }

    pub(crate) fn on_access(&self) -> Option<&dyn OnAccess<T>> {
        self.on_access.get().map(|on_access| &**on_access)
    }

    /// Sets what an access does. The first call wins, so `preload` sets it only if no load path or default did.
    pub(crate) fn set_on_access(&self, on_access: Box<dyn OnAccess<T>>) {
        let _ = self.on_access.set(on_access);
    }

    /// Returns the children of the parent at `position`, whose key is `key` now; `None` if they are not loaded.
    #[inline]
    pub(crate) fn loaded(&self, position: u32, key: &Key<'_>) -> Option<&[T]> {
        match self.kept.of(position, key) {
            Some(rows) => Some(rows),
            None => self.changed(position, key)?.kept.of(0, key),
        }
    }

    /// Returns what was loaded for the parent at `position`, whose key may have changed since.
    #[inline]
    pub(crate) fn loaded_before(&self, position: u32) -> Option<&[T]> {
        self.kept.any_of(position)
    }

    /// Returns some of the children of the parent at `position`; `None` if no part is loaded.
    pub(crate) fn part(&self, position: u32) -> Option<&[T]> {
        self.rare.get()?.part.any_of(position)
    }

    /// Records that the relation of the parent at `position` was accessed. After the second parent it is a comparison.
    #[inline]
    pub(crate) fn record_access(&self, position: u32) {
        let before = self.accessed_on.get();
        if before != SEVERAL && before != position {
            self.record_first_accesses(before, position);
        }
    }

    #[cold]
    fn record_first_accesses(&self, before: u32, position: u32) {
        let (accesses, place) = (&self.parents.cohort.accesses, self.place as usize);
        accesses.record(place);
        if before == NEVER {
            return self.accessed_on.set(position);
        }
        accesses.record_second(place);
        self.accessed_on.set(SEVERAL);
    }

    /// Records that the part of the relation was accessed.
    pub(crate) fn record_access_to_part(&self) {
        self.parents.cohort.accesses.record_part(self.place as usize);
    }

    /// Returns where the children of the parent at `position`, whose key is `key` now, are kept: here, or if children for
    /// another key are here, in the row's own `Related`.
    pub(crate) fn free_place(self: &Rc<Self>, position: u32, key: &Key<'_>) -> (&Rc<Self>, u32) {
        match self.kept.any_of(position) {
            None => (self, position),
            Some(_) => (self.own_of(position, key), 0),
        }
    }

    /// Keeps the children of all parents.
    pub(crate) fn keep_whole(&self, children: impl Into<Rc<Collection<T>>>) {
        self.kept.keep_whole(children);
    }

    /// Keeps the children of one parent and returns them.
    pub(crate) fn keep_single(&self, position: u32, key: &Key<'_>, children: Vec<T>) -> &[T] {
        let slot = Slot::Own { key: key.clone().into_owned(), rows: children };
        self.keep_slot(position, key, slot)
    }

    /// Keeps the children of one parent, which are in a collection.
    pub(crate) fn keep_shared(&self, position: u32, key: &Key<'_>, children: Rc<Collection<T>>, place: u32) {
        self.keep_slot(position, key, Slot::Shared(children, place));
    }

    fn keep_slot(&self, position: u32, key: &Key<'_>, children: Slot<T>) -> &[T] {
        // `size` is final here, because a cohort is complete before its rows can be accessed.
        match self.kept.keep(position, self.parents.cohort.size(), children) {
            Ok(rows) => rows,
            // While the statement ran, an observer has loaded them.
            Err(children) => match self.loaded(position, key) {
                Some(rows) => rows,
                None => self.own_of(position, key).keep_slot(0, key, children),
            },
        }
    }

    pub(crate) fn keep_part(&self, children: impl Into<Rc<Collection<T>>>) {
        self.rare().part.keep_whole(children);
    }

    /// Keeps a part of the children of one parent, which are in a collection.
    pub(crate) fn keep_shared_part(&self, position: u32, children: Rc<Collection<T>>, place: u32) {
        // If there is a part, it stays, because the program may hold a reference to it.
        let _ = self.rare().part.keep(position, self.parents.cohort.size(), Slot::Shared(children, place));
    }

    fn rare(&self) -> &Rare<T> {
        self.rare.get_or_init(|| Box::new(Rare { part: Kept::default(), changed: Changed::default() }))
    }

    /// Returns the `Related` of a row whose key was changed, if it has one.
    #[cold]
    fn changed(&self, position: u32, key: &Key<'_>) -> Option<&Rc<Self>> {
        self.rare.get()?.changed.get(position, key)
    }

    /// Returns the `Related` of a row whose key was changed.
    fn own_of(&self, position: u32, key: &Key<'_>) -> &Rc<Self> {
        self.rare().changed.get_or_insert(position, key, || self.forgotten(position))
    }

    /// Returns the relation of one parent alone, for which nothing is loaded. An access does the same as before, for
    /// this parent.
    pub(crate) fn forgotten(&self, position: u32) -> Rc<Self> {
        let id = self.parents.gate.next_cohort();
        let alone = Parents::of(Rc::new(self.parents.cohort.reloaded(id, position)), &self.parents.gate);
        let alone = Self::new(&alone, self.place);
        if let Some(on_access) = self.on_access() {
            alone.set_on_access(on_access.alone());
        }
        alone
    }
}

impl<T: 'static> Drop for Related<T> {
    fn drop(&mut self) {
        if !self.kept.is_empty() || self.rare.get().is_some() {
            drop_without_recursion((self.kept.take(), self.rare.take()));
        }
    }
}
