//! What a cohort has loaded for one of its relations.
//!
//! The children of a whole cohort lie in one `Vec`, and each parent owns a range of it. Children that were
//! loaded for a single parent have a slot of their own. A part of them, filtered or limited, is stored
//! separately, so that it is never taken for the whole.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::gate::Gate;
use crate::model::deep_drop::drop_without_recursion;
use crate::model::key::Key;
use crate::trace::{Cohort, EntityInfo, RelationInfo, Strategy};

/// A cohort, and the gate through which its relations are loaded.
#[derive(Clone)]
pub struct Parents {
    pub(crate) cohort: Rc<Cohort>,
    pub(crate) gate: Rc<Gate>,
}

impl Parents {
    /// Makes a cohort for rows that the program queries at `origin`.
    pub(crate) fn queried(gate: &Rc<Gate>, entity: &'static EntityInfo, origin: CallSite) -> Self {
        Self { cohort: Rc::new(Cohort::queried(gate.next_cohort(), entity, origin)), gate: Rc::clone(gate) }
    }

    /// Makes a cohort for the next chunk of the same query.
    pub(crate) fn next_chunk(&self) -> Self {
        let id = self.gate.next_cohort();
        Self { cohort: Rc::new(self.cohort.next_chunk(id)), gate: Rc::clone(&self.gate) }
    }

    /// Makes a cohort for rows that are loaded through a relation of this cohort.
    pub(crate) fn reached(&self, by: &'static RelationInfo, strategy: Strategy, is_part: bool) -> Self {
        let id = self.gate.next_cohort();
        Self {
            cohort: Rc::new(Cohort::reached(id, &self.cohort, by, strategy, is_part)),
            gate: Rc::clone(&self.gate),
        }
    }
}

/// What one relation of a cohort has loaded: for all parents together, for single parents, or nothing yet.
pub struct Related<T: 'static> {
    pub(crate) parents: Parents,
    /// The relation's place among the entity's relations.
    place: usize,
    /// What an access does. `None`, the usual case, loads lazily. This field and the part are boxed, because
    /// a lazy page makes one of these structs for each relation of each row.
    on_access: OnceCell<Box<dyn OnAccess<T>>>,
    /// The children of all parents, loaded together.
    whole: OnceCell<Collection<T>>,
    /// The children of single parents, a slot for each. The first lazy access makes the slots.
    singles: OnceCell<Box<[OnceCell<Vec<T>>]>>,
    /// Some of the children of all parents: filtered or limited.
    part: OnceCell<Box<Collection<T>>>,
}

/// What accessing an unloaded relation does. The load floor, which is above, implements it.
pub(crate) trait OnAccess<T: 'static> {
    /// Loads the children of the parent that was accessed, and returns them.
    fn load<'r>(&self, access: &Access<'r, T>) -> Result<&'r [T]>;
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
    pub(crate) fn new(parents: &Parents, place: usize) -> Rc<Self> {
        Rc::new(Self {
            parents: parents.clone(),
            place,
            on_access: OnceCell::new(),
            whole: OnceCell::new(),
            singles: OnceCell::new(),
            part: OnceCell::new(),
        })
    }

    pub(crate) fn on_access(&self) -> Option<&dyn OnAccess<T>> {
        self.on_access.get().map(|on_access| &**on_access)
    }

    pub(crate) fn set_on_access(&self, on_access: impl OnAccess<T> + 'static) {
        // A second set cannot happen: a load tree has one step for each whole relation, and loads it once.
        let _ = self.on_access.set(Box::new(on_access));
    }

    /// Returns the children of the parent at `position`; `None` if they are not loaded.
    #[inline]
    pub(crate) fn loaded(&self, position: u32) -> Option<&[T]> {
        match self.whole.get() {
            Some(whole) => Some(whole.of(position)),
            None => self.singles.get()?.get(position as usize)?.get().map(Vec::as_slice),
        }
    }

    /// Returns some of the children of the parent at `position`; `None` if no part is loaded.
    pub(crate) fn part(&self, position: u32) -> Option<&[T]> {
        self.part.get().map(|part| part.of(position))
    }

    /// Records that the relation, or its part, was accessed.
    #[inline]
    pub(crate) fn record_access(&self, is_part: bool) {
        self.parents.cohort.record_access(self.place, is_part);
    }

    /// Keeps the children of all parents. Children that are there already stay, because the program may hold a
    /// reference to them.
    pub(crate) fn keep_whole(&self, children: Collection<T>) {
        let _ = self.whole.set(children);
    }

    /// Keeps the children of one parent and returns them.
    pub(crate) fn keep_single(&self, position: u32, children: Vec<T>) -> &[T] {
        let slots = self.singles.get_or_init(|| {
            // `size` is final here, because a cohort is complete before its rows can be accessed.
            let size = self.parents.cohort.size().max(position + 1);
            (0..size).map(|_| OnceCell::new()).collect()
        });
        slots[position as usize].get_or_init(|| children)
    }

    pub(crate) fn keep_part(&self, children: Collection<T>) {
        let _ = self.part.set(Box::new(children));
    }

    /// Returns the relation of one parent alone, for which nothing is loaded.
    pub(crate) fn forgotten(&self, position: u32) -> Rc<Self> {
        let id = self.parents.gate.next_cohort();
        let alone = Parents {
            cohort: Rc::new(self.parents.cohort.reloaded(id, position)),
            gate: Rc::clone(&self.parents.gate),
        };
        Self::new(&alone, self.place)
    }
}

impl<T: 'static> Drop for Related<T> {
    fn drop(&mut self) {
        let loaded = (self.whole.take(), self.singles.take(), self.part.take());
        if loaded.0.is_some() || loaded.1.is_some() || loaded.2.is_some() {
            drop_without_recursion(loaded);
        }
    }
}

/// The children of a whole cohort: one `Vec`, and a range of it for each parent.
pub(crate) struct Collection<T> {
    rows: Vec<T>,
    ranges: Vec<Range>,
}

/// A range of children. Parents with the same key share one. A parent without children has an empty one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Range {
    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

impl<T> Collection<T> {
    /// Creates a collection. Missing ranges at the end mean no children.
    pub(crate) fn new(rows: Vec<T>, ranges: Vec<Range>) -> Self {
        Self { rows, ranges }
    }

    pub(crate) fn empty() -> Self {
        Self::new(Vec::new(), Vec::new())
    }

    #[inline]
    pub(crate) fn of(&self, position: u32) -> &[T] {
        let range = self.ranges.get(position as usize).copied().unwrap_or_default();
        &self.rows[range.start as usize..range.end as usize]
    }
}

/// Reserves room for one more row. Grows by half instead of doubling, to leave less memory unused.
#[inline]
pub(crate) fn make_room<T>(rows: &mut Vec<T>) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact((rows.len() / 2).max(4));
    }
}
