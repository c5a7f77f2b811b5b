//! Handing children to their parents.
//!
//! The children arrive sorted by key. The parents are walked in the order of theirs, so each child's parent is
//! the one at hand or a later one:
//!
//! ```text
//! parents' keys     1   2   3   4
//! children's keys   1 1     3       →   1: 0..2   2: 2..2   3: 2..3   4: 3..3
//! ```
//!
//! Parents may come in any order, and two may have the same key (each gets the children). Keys are compared in
//! their common form: see `comparison.rs`.
//!
//! A parent's *position* is its place in the cohort; its *rank* is its place in the order of the keys.

use crate::driver::Row;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::related::Range;
use crate::relation::RelationInfo;
use crate::strategy::comparison::Comparison;
use crate::value::Value;

/// The keys of a cohort of parents, in order.
pub(crate) struct SortedKeys<F> {
    pub(super) count: usize,
    /// The key of the parent at a position.
    key_at: F,
    /// The parents' positions in the order of their keys; `None` if they lie in that order already.
    order: Option<Vec<u32>>,
}

impl<'p, F: Fn(usize) -> Key<'p>> SortedKeys<F> {
    pub(crate) fn new(count: usize, key_at: F) -> Self {
        let sorted = (1..count).all(|index| key_at(index - 1) <= key_at(index));
        let order = (!sorted).then(|| match integers(count, &key_at) {
            Some(mut integers) => {
                integers.sort_unstable();
                integers.into_iter().map(|(_, position)| position).collect()
            }
            None => {
                let mut positions: Vec<u32> = (0..).take(count).collect();
                positions.sort_by_cached_key(|position| key_at(*position as usize));
                positions
            }
        });
        Self { count, key_at, order }
    }

    /// The position of the parent that is at `rank` in the order.
    pub(super) fn position(&self, rank: usize) -> usize {
        match &self.order {
            Some(order) => order[rank] as usize,
            None => rank,
        }
    }

    /// Its key.
    #[inline]
    pub(super) fn key(&self, rank: usize) -> Option<Key<'p>> {
        (rank < self.count).then(|| (self.key_at)(self.position(rank)))
    }

    /// The keys that may have partners, each once.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = Key<'p>> {
        let mut last = None;
        let keys = (0..).map_while(|rank| self.key(rank));
        keys.filter(move |key| {
            let repeated = last.as_ref() == Some(key);
            if !repeated {
                last = Some(key.clone());
            }
            !repeated && !key.is_null()
        })
    }

    /// The first rank whose key is not less than `key`.
    fn search(&self, key: &Key<'_>) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle) {
                Some(found) if found < *key => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// The first rank that has the key.
    pub(super) fn find(&self, key: &Key<'_>) -> Option<usize> {
        let rank = self.search(key);
        (self.key(rank).as_ref() == Some(key)).then_some(rank)
    }
}

/// The keys with their positions, if all are integers: those are sorted in a third of the time.
fn integers<'p>(count: usize, key_at: &impl Fn(usize) -> Key<'p>) -> Option<Vec<(i64, u32)>> {
    let integer = |position: u32| match key_at(position as usize) {
        Key::One(Value::Integer(integer)) => Some((integer, position)),
        _ => None,
    };
    (0..).take(count).map(integer).collect()
}

/// Finds each parent's range while its children arrive together.
pub(crate) struct Grouping<F> {
    keys: SortedKeys<F>,
    ranges: Vec<Range>,
    /// The rank of the parent that the walk has come to.
    rank: usize,
    /// The key of the children that are arriving, and where the first of them lies.
    run: Option<(Key<'static>, u32)>,
    /// The key of a child for which no parent was found, or whose siblings came apart from it.
    strange: Option<Key<'static>>,
}

impl<'p, F: Fn(usize) -> Key<'p>> Grouping<F> {
    pub(crate) fn new(keys: SortedKeys<F>) -> Self {
        Self {
            ranges: vec![Range::default(); keys.count],
            keys,
            rank: 0,
            run: None,
            strange: None,
        }
    }

    /// Takes note of the child at `position`, whose key stands in the cells at `places` of its row.
    #[inline]
    pub(crate) fn row(&mut self, row: &Row<'_>, places: &[usize], comparison: &Comparison, position: u32) {
        // What is the same as it stands is the same in common form.
        let continues = self
            .run
            .as_ref()
            .is_some_and(|(same, _)| same.stands_in(row, places));
        if !continues {
            self.begins(comparison.common_form(Key::read(row, places)), position);
        }
    }

    fn begins(&mut self, key: Key<'_>, position: u32) {
        if self.run.as_ref().is_none_or(|(same, _)| *same != key) {
            self.end_run(position);
            self.run = Some((key.into_owned(), position));
        }
    }

    /// The ranges, once all children have arrived.
    ///
    /// The database found a parent for each child; if we find none, that is an error, since the alternative is
    /// a parent that silently goes without.
    pub(crate) fn finish(mut self, relation: &RelationInfo, children: u32) -> Result<Vec<Range>> {
        self.end_run(children);
        match self.strange {
            None => Ok(self.ranges),
            Some(key) => Err(Error::UnmatchedKey {
                relation: relation.to_string(),
                columns: relation.target_columns.join(", "),
                key: key.to_string(),
            }),
        }
    }

    fn end_run(&mut self, end: u32) {
        let Some((key, start)) = self.run.take() else {
            return;
        };
        while self.keys.key(self.rank).is_some_and(|found| found < key) {
            self.rank += 1;
        }
        if self.keys.key(self.rank).as_ref() != Some(&key) {
            // The database sorts by another rule than we do: look the key up.
            match self.keys.find(&key) {
                Some(rank) => self.rank = rank,
                None => self.strange = Some(key.clone()),
            }
        }
        while self.keys.key(self.rank).as_ref() == Some(&key) {
            let kept = &mut self.ranges[self.keys.position(self.rank)];
            if kept.start != kept.end {
                self.strange = Some(key.clone());
            }
            *kept = Range { start, end };
            self.rank += 1;
        }
    }
}
