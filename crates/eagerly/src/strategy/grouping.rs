//! Handing children to their parents.
//!
//! Mostly the children arrive sorted by key. The parents are walked in the order of theirs, so each child's
//! parent is the one at hand or a later one ([`Grouping`]):
//!
//! ```text
//! parents' keys     1   2   3   4
//! children's keys   1 1     3       →   1: 0..2   2: 2..2   3: 2..3   4: 3..3
//! ```
//!
//! A whole table arrives in the order in which it is stored ([`Scatter`]). Each child's parent is looked up, the
//! children of each are counted, and the counts say where each child belongs.
//!
//! Parents may come in any order, and two may have the same key (each gets the children). Keys are compared in
//! their common form: see `comparison.rs`.
//!
//! A parent's *position* is its place in the cohort; its *rank* is its place in the order of the keys.

use crate::cohort::{Collection, Range};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::relation::RelationInfo;
use crate::value::Value;

/// The keys of a cohort of parents, in order.
pub(crate) struct SortedKeys<F> {
    count: usize,
    /// The key of the parent at a position.
    key_at: F,
    /// The parents' positions in the order of their keys; `None` if they lie in that order already.
    order: Option<Vec<u32>>,
}

impl<'p, F: Fn(usize) -> Key<'p>> SortedKeys<F> {
    pub(crate) fn new(count: usize, key_at: F) -> Self {
        let sorted = (1..count).all(|index| key_at(index - 1) <= key_at(index));
        let order = (!sorted).then(|| {
            let mut positions: Vec<u32> = (0..).take(count).collect();
            positions.sort_by_cached_key(|position| key_at(*position as usize));
            positions
        });
        Self { count, key_at, order }
    }

    /// The position of the parent that is at `rank` in the order.
    fn position(&self, rank: usize) -> usize {
        match &self.order {
            Some(order) => order[rank] as usize,
            None => rank,
        }
    }

    /// Its key.
    #[inline]
    fn key(&self, rank: usize) -> Option<Key<'p>> {
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
    fn find(&self, key: &Key<'_>) -> Option<usize> {
        let rank = self.search(key);
        (self.key(rank).as_ref() == Some(key)).then_some(rank)
    }
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

/// Finds each child's parent while the children of a whole table arrive in any order.
pub(crate) struct Scatter<F> {
    keys: SortedKeys<F>,
    /// Where integer keys lie close together: the parent of each key, from the smallest key on.
    dense: Option<Dense>,
    /// The position of each child's parent.
    owners: Vec<u32>,
    last: Option<(Key<'static>, u32)>,
}

struct Dense {
    first: i64,
    positions: Vec<u32>,
}

/// Stands for the parent of a child whose key points nowhere.
const NOBODY: u32 = u32::MAX;

impl<'p, F: Fn(usize) -> Key<'p>> Scatter<F> {
    pub(crate) fn new(keys: SortedKeys<F>) -> Self {
        Self {
            dense: dense(&keys),
            keys,
            owners: Vec::new(),
            last: None,
        }
    }

    /// Takes note of the next child, whose key is `key`.
    #[inline]
    pub(crate) fn row(&mut self, key: &Key<'_>) {
        let owner = match (&self.dense, key) {
            (Some(dense), Key::One(Value::Integer(key))) => dense.find(*key),
            _ => self.search(key),
        };
        self.owners.push(owner);
    }

    fn search(&mut self, key: &Key<'_>) -> u32 {
        if let Some((last, owner)) = &self.last
            && last == key
        {
            return *owner;
        }
        let owner = self
            .keys
            .find(key)
            .map_or(NOBODY, |rank| self.keys.position(rank) as u32);
        self.last = Some((key.clone().into_owned(), owner));
        owner
    }

    /// The children, those of each parent together.
    pub(crate) fn gather<T>(self, mut children: Vec<T>) -> Collection<T> {
        let mut ranges = self.counted();
        let mut next: Vec<u32> = ranges.iter().map(|range| range.start).collect();
        let mut nobodys = ranges.last().map_or(0, |range| range.end);
        let owned = nobodys as usize;
        let mut destinations = self.owners.clone();
        for destination in &mut destinations {
            let place = match next.get_mut(*destination as usize) {
                Some(next) => next,
                None => &mut nobodys,
            };
            *destination = *place;
            *place += 1;
        }
        move_to(&mut children, &mut destinations);
        children.truncate(owned);
        // Of parents with the same key, the first was given the children; the others share them.
        for rank in 1..self.keys.count {
            if self.keys.key(rank) == self.keys.key(rank - 1) {
                ranges[self.keys.position(rank)] = ranges[self.keys.position(rank - 1)];
            }
        }
        Collection::new(children, ranges)
    }

    /// A range for each parent, as long as its children are many, one behind the other.
    fn counted(&self) -> Vec<Range> {
        let mut ranges = vec![Range::default(); self.keys.count];
        for owner in &self.owners {
            if let Some(range) = ranges.get_mut(*owner as usize) {
                range.end += 1;
            }
        }
        let mut start = 0;
        for range in &mut ranges {
            range.start = start;
            range.end += start;
            start = range.end;
        }
        ranges
    }
}

/// Moves each thing to its destination, by swapping it there.
fn move_to<T>(things: &mut [T], destinations: &mut [u32]) {
    for index in 0..things.len() {
        while destinations[index] as usize != index {
            let destination = destinations[index] as usize;
            things.swap(index, destination);
            destinations.swap(index, destination);
        }
    }
}

/// A table of the parents by key, unless it would be mostly empty.
fn dense<'p, F: Fn(usize) -> Key<'p>>(keys: &SortedKeys<F>) -> Option<Dense> {
    let integer = |rank| match keys.key(rank) {
        Some(Key::One(Value::Integer(integer))) => Some(integer),
        _ => None,
    };
    let first = integer(0)?;
    let last = integer(keys.count - 1)?;
    let length = usize::try_from(last.checked_sub(first)?).ok()?.checked_add(1)?;
    if length / 4 > keys.count {
        return None;
    }
    let mut positions = vec![NOBODY; length];
    // Backwards, so that of parents with the same key the first remains.
    for rank in (0..keys.count).rev() {
        let place = usize::try_from(integer(rank)? - first).ok()?;
        *positions.get_mut(place)? = u32::try_from(keys.position(rank)).ok()?;
    }
    Some(Dense { first, positions })
}

impl Dense {
    #[inline]
    fn find(&self, key: i64) -> u32 {
        let place = key
            .checked_sub(self.first)
            .and_then(|place| usize::try_from(place).ok());
        place
            .and_then(|place| self.positions.get(place).copied())
            .unwrap_or(NOBODY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(keys: &[i64]) -> SortedKeys<impl Fn(usize) -> Key<'static>> {
        SortedKeys::new(keys.len(), |index| Key::One(Value::Integer(keys[index])))
    }

    /// Gives each parent its children: from `(key, name)` pairs that come in any order.
    fn gathered(parents: &[i64], children: &[(i64, &'static str)]) -> Vec<Vec<&'static str>> {
        let mut scatter = Scatter::new(integers(parents));
        children
            .iter()
            .for_each(|(key, _)| scatter.row(&Key::One(Value::Integer(*key))));
        let collection = scatter.gather(children.iter().map(|(_, name)| *name).collect());
        (0..)
            .take(parents.len())
            .map(|parent| collection.of(parent).to_vec())
            .collect()
    }

    #[test]
    fn interleaved_children_come_to_their_parents_in_their_own_order() {
        let children = [(2, "a"), (1, "b"), (2, "c"), (9, "nobody's"), (1, "d"), (3, "e")];
        assert_eq!(
            gathered(&[1, 2, 3], &children),
            [vec!["b", "d"], vec!["a", "c"], vec!["e"]]
        );
        assert_eq!(
            gathered(&[3, 1, 7, 2], &children),
            [vec!["e"], vec!["b", "d"], vec![], vec!["a", "c"]]
        );
    }

    #[test]
    fn parents_with_the_same_key_share_the_children() {
        let children = [(5, "a"), (1, "b"), (5, "c")];
        assert_eq!(
            gathered(&[5, 1, 5], &children),
            [vec!["a", "c"], vec!["b"], vec!["a", "c"]]
        );
    }

    #[test]
    fn keys_that_lie_far_apart_are_found_too() {
        let children = [(i64::MAX, "a"), (i64::MIN, "b"), (0, "nobody's"), (i64::MAX, "c")];
        assert_eq!(
            gathered(&[i64::MIN, i64::MAX], &children),
            [vec!["b"], vec!["a", "c"]]
        );
    }
}
