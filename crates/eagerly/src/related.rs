//! What a cohort has loaded for one of its relations.
//!
//! The children of a whole cohort lie in one `Vec`, each parent owning a range of it; those of a single parent, loaded
//! lazily, have a slot of their own. A part of them, filtered or limited, has another place, so that it never passes for
//! the whole.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::load::LoadTree;
use crate::strategy::Strategy;
use crate::strategy::batch::StoredKeys;
use crate::turn::drop_in_turn;

/// What one relation of a cohort has loaded: of all parents at once, or of single parents, or nothing yet.
pub struct Related<T: 'static> {
    pub(crate) parents: Rc<Cohort>,
    /// The relation's place among its entity's.
    place: usize,
    /// What an access does, if it is not simply to load lazily. Boxed, as the part below: few have one, and a lazy page
    /// makes one of these structs for each relation of each row.
    policy: OnceCell<Box<Policy<T>>>,
    /// The children of all parents, once they are loaded together.
    whole: OnceCell<Collection<T>>,
    /// The children of single parents, a slot for each; made at the first lazy access.
    singles: OnceCell<Box<[OnceCell<Vec<T>>]>>,
    /// Some of the children of all parents: filtered or limited, and so never taken for the whole.
    part: OnceCell<Box<Collection<T>>>,
}

/// What an access to a relation does that is not loaded.
pub(crate) struct Policy<T: 'static> {
    pub(crate) strategy: Strategy,
    /// What to load along with the children; `None` for what is the default then.
    pub(crate) below: Option<Rc<LoadTree<T>>>,
    /// The parents' keys, if the children of all are loaded at once.
    pub(crate) keys: Option<StoredKeys>,
}

impl<T: 'static> Related<T> {
    pub(crate) fn new(parents: &Rc<Cohort>, place: usize) -> Rc<Self> {
        Rc::new(Self {
            parents: Rc::clone(parents),
            place,
            policy: OnceCell::new(),
            whole: OnceCell::new(),
            singles: OnceCell::new(),
            part: OnceCell::new(),
        })
    }

    pub(crate) fn policy(&self) -> Option<&Policy<T>> {
        self.policy.get().map(|policy| &**policy)
    }

    pub(crate) fn set_policy(&self, policy: Policy<T>) {
        let _ = self.policy.set(Box::new(policy));
    }

    /// The children of the parent at `position`, if they are loaded.
    #[inline]
    pub(crate) fn loaded(&self, position: u32) -> Option<&[T]> {
        match self.whole.get() {
            Some(whole) => Some(whole.of(position)),
            None => self.single(position)?.get().map(Vec::as_slice),
        }
    }

    /// Takes note that somebody accesses the relation.
    #[inline]
    pub(crate) fn note_access(&self) {
        self.parents.note_access(self.place, false);
    }

    /// Keeps the children of all parents. What is there already stays: somebody may hold a reference to it.
    pub(crate) fn keep_whole(&self, children: Collection<T>) {
        let _ = self.whole.set(children);
    }

    /// Keeps the children of one parent and gives them back.
    pub(crate) fn keep_single(&self, position: u32, children: Vec<T>) -> &[T] {
        let slots = self.singles.get_or_init(|| {
            let size = self.parents.size().max(position + 1);
            (0..size).map(|_| OnceCell::new()).collect()
        });
        slots[position as usize].get_or_init(|| children)
    }

    /// Takes note that somebody accesses the relation's part.
    #[inline]
    pub(crate) fn note_part_access(&self) {
        self.parents.note_access(self.place, true);
    }

    /// Some of the children of the parent at `position`, if a part was loaded.
    pub(crate) fn part(&self, position: u32) -> Option<&[T]> {
        self.part.get().map(|part| part.of(position))
    }

    pub(crate) fn keep_part(&self, children: Collection<T>) {
        let _ = self.part.set(Box::new(children));
    }

    fn single(&self, position: u32) -> Option<&OnceCell<Vec<T>>> {
        self.singles.get()?.get(position as usize)
    }
}

impl<T: 'static> Drop for Related<T> {
    fn drop(&mut self) {
        let loaded = (self.whole.take(), self.singles.take(), self.part.take());
        if loaded.0.is_some() || loaded.1.is_some() || loaded.2.is_some() {
            drop_in_turn(loaded);
        }
    }
}

impl<T: Entity> Related<T> {
    /// Loads children because of an access, and along with them what the load path says, else what is the default.
    pub(crate) fn with_below<L>(&self, load: impl FnOnce(&LoadTree<T>) -> L) -> L {
        match self.policy().and_then(|policy| policy.below.as_deref()) {
            Some(below) => load(below),
            None => load(&self.default_below()),
        }
    }

    fn default_below(&self) -> LoadTree<T> {
        let session = self.parents.core.default_strategy.get();
        let mut below = LoadTree::default();
        if session != Strategy::Lazy || T::HAS_DEFAULTS {
            below.add_defaults(session, &mut self.parents.entities().to_vec());
        }
        below
    }

    /// A relation of the same parent, which is at `position`, in which nothing is loaded.
    pub(crate) fn forgotten(&self, position: u32) -> Rc<Self> {
        Self::new(&Rc::new(self.parents.reloaded(position)), self.place)
    }
}

/// The children of a whole cohort: one `Vec`, and for each parent the range that is its own.
pub(crate) struct Collection<T> {
    rows: Vec<T>,
    ranges: Vec<Range>,
}

/// A range of children. Two parents with the same key share one; a parent without children has an empty one.
#[derive(Debug, Clone, Copy, Default)]
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
    pub(crate) fn new(rows: Vec<T>, ranges: Vec<Range>) -> Self {
        Self { rows, ranges }
    }

    /// No children, for any number of parents.
    pub(crate) fn empty() -> Self {
        Self::new(Vec::new(), Vec::new())
    }

    #[inline]
    pub(crate) fn of(&self, position: u32) -> &[T] {
        let range = self.ranges.get(position as usize).copied().unwrap_or_default();
        &self.rows[range.start as usize..range.end as usize]
    }
}
