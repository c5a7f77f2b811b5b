//! Handing children to their parents.
//!
//! The children arrive sorted by key, and the parents are walked in the order of theirs, so each child's parent
//! is the one at hand or a later one:
//!
//! ```text
//! parents' keys     1   2   3   4
//! children's keys   1 1     3       →   1: 0..2   2: 2..2   3: 2..3   4: 3..3
//! ```
//!
//! Parents may come in any order, and two may have the same key (each gets the children).

use crate::cohort::Range;
use crate::key::Key;
use crate::relation::Relation;
use crate::value::Array;

/// The parents of a cohort in the order of their keys.
pub(crate) struct SortedParents<'p, R: Relation> {
    parents: &'p [R::Parent],
    /// The parents' positions in the order of their keys; `None` if they lie in that order already.
    order: Option<Vec<u32>>,
}

impl<'p, R: Relation> SortedParents<'p, R> {
    pub(crate) fn new(parents: &'p [R::Parent]) -> Self {
        let order = (!parents.is_sorted_by_key(R::key)).then(|| {
            let mut positions: Vec<u32> = (0..).take(parents.len()).collect();
            positions.sort_by_key(|position| R::key(&parents[*position as usize]));
            positions
        });
        Self { parents, order }
    }

    fn position(&self, rank: usize) -> usize {
        match &self.order {
            Some(order) => order[rank] as usize,
            None => rank,
        }
    }

    /// The key of the parent that is at `rank` in the order.
    #[inline]
    fn key(&self, rank: usize) -> Option<Key<'p>> {
        (rank < self.parents.len()).then(|| R::key(&self.parents[self.position(rank)]))
    }

    /// The keys that may have partners, each once.
    pub(crate) fn distinct_keys(&self) -> Array {
        let mut keys: Vec<_> = (0..).map_while(|rank| self.key(rank)).collect();
        keys.dedup();
        keys.retain(|key| !key.is_null());
        keys.iter().map(|key| key.values()[0].clone()).collect()
    }

    /// The first rank whose key is not less than `key`.
    fn search(&self, key: &Key<'_>) -> usize {
        let (mut low, mut high) = (0, self.parents.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle) {
                Some(found) if found < *key => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}

/// Finds each parent's range while the children arrive.
pub(crate) struct Grouping<'p, R: Relation> {
    sorted: SortedParents<'p, R>,
    ranges: Vec<Range>,
    /// The rank of the parent that the walk has come to.
    rank: usize,
    /// The key of the children that are arriving, and where the first of them lies.
    run: Option<(Key<'static>, u32)>,
}

impl<'p, R: Relation> Grouping<'p, R> {
    pub(crate) fn new(sorted: SortedParents<'p, R>) -> Self {
        Self {
            ranges: vec![Range::default(); sorted.parents.len()],
            sorted,
            rank: 0,
            run: None,
        }
    }

    /// Takes note of the child at `position`, whose key is `key`.
    #[inline]
    pub(crate) fn row(&mut self, key: &Key<'_>, position: u32) {
        if let Some((same, _)) = &self.run
            && same == key
        {
            return;
        }
        self.end_run(position);
        self.run = Some((key.clone().into_owned(), position));
    }

    /// The ranges, once all children have arrived.
    pub(crate) fn finish(mut self, children: u32) -> Vec<Range> {
        self.end_run(children);
        self.ranges
    }

    fn end_run(&mut self, end: u32) {
        let Some((key, start)) = self.run.take() else {
            return;
        };
        while self.sorted.key(self.rank).is_some_and(|found| found < key) {
            self.rank += 1;
        }
        if self.sorted.key(self.rank).as_ref() != Some(&key) {
            // The database sorts by another rule than we do, a collation for one: look the key up.
            self.rank = self.sorted.search(&key);
        }
        while self.sorted.key(self.rank).as_ref() == Some(&key) {
            self.ranges[self.sorted.position(self.rank)] = Range { start, end };
            self.rank += 1;
        }
    }
}
