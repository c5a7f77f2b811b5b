//! The related rows that a cohort keeps for one of its relations.
//!
//! Children that were loaded for a whole cohort are in one `Vec`, and each parent owns a range of it. A parent whose
//! children were loaded apart from the others has a slot:
//!
//! ```text
//! whole:  keys [ 1 ][ 2 ][ 3 ]   ranges [0..2][2..2][2..3]   rows [ order ][ order ][ order ]
//! slots:  [ key 1, rows of its own ][ empty ][ position 0 of a collection ]
//! ```
//!
//! The collection also keeps the parents' keys at the time of loading. A program can change a foreign key later. An access
//! compares the parent's current key with the kept one, so it never returns rows of another key. The kept keys take 8
//! bytes for each parent with an integer key.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::model::key::{Key, Keys};

/// The related rows that are kept, for all parents of a cohort or for single ones.
pub(crate) struct Kept<T> {
    whole: OnceCell<Rc<Collection<T>>>,
    /// The first row that is kept for a single parent makes the slots.
    slots: OnceCell<Box<[OnceCell<Slot<T>>]>>,
}

/// The children of one parent.
pub(crate) enum Slot<T> {
    /// They were loaded for this parent alone.
    Own { key: Key<'static>, rows: Vec<T> },
    /// They are in a collection, in which the parent has this position.
    Shared(Rc<Collection<T>>, u32),
}

impl<T> Slot<T> {
    fn rows(&self) -> &[T] {
        match self {
            Self::Own { rows, .. } => rows,
            Self::Shared(collection, position) => collection.of(*position),
        }
    }

    fn is_for(&self, key: &Key<'_>) -> bool {
        match self {
            Self::Own { key: loaded_for, .. } => loaded_for == key,
            Self::Shared(collection, position) => collection.keys.has(*position, key),
        }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { whole: OnceCell::new(), slots: OnceCell::new() }
    }
}

impl<T> Kept<T> {
    /// Returns the children of the parent at `position` if they were loaded for `key`. The slot comes first, so that a
    /// second access returns the same objects, even if `batch` has loaded those of all parents in between.
    #[inline]
    pub(crate) fn of(&self, position: u32, key: &Key<'_>) -> Option<&[T]> {
        match self.slot(position) {
            Some(slot) if slot.is_for(key) => Some(slot.rows()),
            _ => {
                self.whole.get().filter(|whole| whole.keys.has(position, key)).map(|whole| whole.of(position))
            }
        }
    }

    /// Returns the children of the parent at `position`, even if its key has changed since they were loaded.
    #[inline]
    pub(crate) fn any_of(&self, position: u32) -> Option<&[T]> {
        match self.slot(position) {
            Some(slot) => Some(slot.rows()),
            None => self.whole.get().map(|whole| whole.of(position)),
        }
    }

    #[inline]
    fn slot(&self, position: u32) -> Option<&Slot<T>> {
        self.slots.get()?.get(position as usize)?.get()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole.get().is_none() && self.slots.get().is_none()
    }

    /// Keeps the children of all parents. Children that are there already stay, because the program may hold a
    /// reference to them.
    pub(crate) fn keep_whole(&self, children: impl Into<Rc<Collection<T>>>) {
        let _ = self.whole.set(children.into());
    }

    /// Keeps the children of one of `parents` parents. Returns them if the slot already holds others.
    pub(crate) fn keep(&self, position: u32, parents: u32, children: Slot<T>) -> Result<&[T], Slot<T>> {
        let slots =
            self.slots.get_or_init(|| (0..parents.max(position + 1)).map(|_| OnceCell::new()).collect());
        let Some(slot) = slots.get(position as usize) else {
            return Err(children);
        };
        slot.set(children)?;
        Ok(slot.get().map_or(&[], Slot::rows))
    }

    /// Takes everything out, to drop it.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

/// The children of several parents: one `Vec`, and a range of it for each parent.
pub(crate) struct Collection<T> {
    rows: Vec<T>,
    ranges: Vec<Range>,
    /// The parents' keys when the children were loaded.
    keys: Keys,
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
    pub(crate) fn new(rows: Vec<T>, ranges: Vec<Range>, keys: Keys) -> Self {
        Self { rows, ranges, keys }
    }

    /// Returns the collection of parents without children.
    pub(crate) fn empty(keys: Keys) -> Self {
        Self::new(Vec::new(), Vec::new(), keys)
    }

    #[inline]
    pub(crate) fn of(&self, position: u32) -> &[T] {
        let range = self.ranges.get(position as usize).copied().unwrap_or_default();
        &self.rows[range.start as usize..range.end as usize]
    }

    pub(crate) fn rows(&self) -> &[T] {
        &self.rows
    }
}

/// Reserves room for one more row. Grows by half instead of doubling, to leave less memory unused.
#[inline]
pub(crate) fn make_room<T>(rows: &mut Vec<T>) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact((rows.len() / 2).max(4));
    }
}
