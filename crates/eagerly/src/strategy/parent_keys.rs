//! Finding parents by their keys: for the statement that names them, and for the children that come back.
//!
//! Keys are mostly integers that lie close together. Those are put in a table, as wide as the keys are far
//! apart, which gives the parent of a key at once, and the keys in order without sorting anything:
//!
//! ```text
//! parents  #0: 12   #1: 10   #2: 13        table from 10 on:  #1  –  #0  #2
//! ```
//!
//! Any others (texts, several columns, integers far apart) are sorted, and searched by halves.
//!
//! Two parents may have the same key: the children are handed to the first of them, and the others share them. A
//! key that is null has no children. Keys are compared in their common form: see `comparison.rs`.
//!
//! A parent's *position* is its place in the cohort; its *rank* is its place in the order of the keys.

use crate::key::Key;
use crate::related::Range;
use crate::strategy::comparison::whole;
use crate::value::Value;

/// The keys of a cohort of parents.
pub(crate) struct ParentKeys<F> {
    count: usize,
    /// The key of the parent at a position.
    key_at: F,
    index: Index,
    /// Whether several parents have the same key.
    repeats: bool,
}

enum Index {
    Table(Table),
    /// The parents' positions in the order of their keys; `None` if they lie in that order already.
    Sorted(Option<Vec<u32>>),
}

/// The position of the parent with each key, from the smallest key on.
pub(super) struct Table {
    first: i64,
    positions: Vec<u32>,
}

/// Stands in a table where no parent has the key.
const NOBODY: u32 = u32::MAX;

/// A table has at most so many entries for each parent: else it would be mostly empty.
const WIDTH: usize = 4;

impl<'p, F: Fn(usize) -> Key<'p>> ParentKeys<F> {
    pub(crate) fn new(count: usize, key_at: F) -> Self {
        if let Some((table, repeats)) = Table::of(count, &key_at) {
            let index = Index::Table(table);
            return Self {
                count,
                key_at,
                index,
                repeats,
            };
        }
        let mut keys = Self {
            index: Index::Sorted(sorted(count, &key_at)),
            count,
            key_at,
            repeats: false,
        };
        keys.repeats = (1..count).any(|rank| keys.key(rank) == keys.key(rank - 1));
        keys
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The table, if the keys are in one.
    #[inline]
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.index {
            Index::Table(table) => Some(table),
            Index::Sorted(_) => None,
        }
    }

    /// The keys that may have children, in order, each once.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = Key<'p>> {
        let in_table = self.table().into_iter().flat_map(Table::keys);
        let ranks = if self.table().is_some() { 0 } else { self.count };
        let sorted = (0..ranks).filter_map(|rank| {
            let key = self.key(rank)?;
            let repeated = self.repeats && rank > 0 && self.key(rank - 1).as_ref() == Some(&key);
            (!repeated && !key.is_null()).then_some(key)
        });
        in_table.map(|key| Key::One(Value::Integer(key))).chain(sorted)
    }

    /// The position of the first parent that has the key. `near` is the rank that was found before: of keys that come
    /// in order, the next is mostly behind it.
    pub(super) fn find(&self, key: &Key<'_>, near: &mut usize) -> Option<u32> {
        match (&self.index, key) {
            (Index::Table(table), Key::One(Value::Integer(integer))) => table.find(*integer),
            // A column without a declared type may hold 2.0 where the parent has 2.
            (Index::Table(table), Key::One(Value::Real(real))) => table.find(whole(*real)?),
            (Index::Table(_), _) => None,
            (Index::Sorted(_), key) if key.is_null() => None,
            (Index::Sorted(_), key) => {
                let is_next =
                    self.key(*near).as_ref() != Some(key) && self.key(*near + 1).as_ref() == Some(key);
                *near = if is_next { *near + 1 } else { self.search(key) };
                (self.key(*near)? == *key).then(|| self.position(*near) as u32)
            }
        }
    }

    /// Gives the parents that have the key of another before them that one's range.
    pub(super) fn share(&self, ranges: &mut [Range]) {
        if !self.repeats {
            return;
        }
        let mut near = 0;
        for position in 0..self.count {
            if let Some(first) = self.find(&(self.key_at)(position), &mut near) {
                ranges[position] = ranges[first as usize];
            }
        }
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

    fn key(&self, rank: usize) -> Option<Key<'p>> {
        (rank < self.count).then(|| (self.key_at)(self.position(rank)))
    }

    fn position(&self, rank: usize) -> usize {
        match &self.index {
            Index::Sorted(Some(order)) => order[rank] as usize,
            _ => rank,
        }
    }
}

/// The parents' positions in the order of their keys, and of parents with the same key in their own order; `None` if
/// that is how they lie.
fn sorted<'p>(count: usize, key_at: &impl Fn(usize) -> Key<'p>) -> Option<Vec<u32>> {
    if (1..count).all(|position| key_at(position - 1) <= key_at(position)) {
        return None;
    }
    let mut positions: Vec<u32> = (0..).take(count).collect();
    positions.sort_by_cached_key(|position| key_at(*position as usize));
    Some(positions)
}

impl Table {
    /// The table, and whether any key repeats; `None` if the keys are not all integers, or lie too far apart.
    fn of<'p>(count: usize, key_at: &impl Fn(usize) -> Key<'p>) -> Option<(Self, bool)> {
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for position in 0..count {
            match key_at(position) {
                Key::One(Value::Integer(key)) => (first, last) = (first.min(key), last.max(key)),
                Key::One(Value::Null) => {}
                _ => return None,
            }
        }
        let width = usize::try_from(last.checked_sub(first)?).ok()?.checked_add(1)?;
        if width / WIDTH > count {
            return None;
        }
        let mut table = Self {
            first,
            positions: vec![NOBODY; width],
        };
        let mut repeats = false;
        for (position, index) in (0..).zip(0..count) {
            if let Key::One(Value::Integer(key)) = key_at(index) {
                match &mut table.positions[(key - first) as usize] {
                    nobody @ &mut NOBODY => *nobody = position,
                    _ => repeats = true,
                }
            }
        }
        Some((table, repeats))
    }

    /// The position of the first parent that has the key.
    #[inline]
    pub(super) fn find(&self, key: i64) -> Option<u32> {
        let place = usize::try_from(key.checked_sub(self.first)?).ok()?;
        self.positions
            .get(place)
            .copied()
            .filter(|position| *position != NOBODY)
    }

    /// The keys, in order.
    fn keys(&self) -> impl Iterator<Item = i64> {
        let taken = (self.first..).zip(&self.positions);
        taken.filter_map(|(key, position)| (*position != NOBODY).then_some(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: impl Into<Value<'static>>) -> Key<'static> {
        Key::One(value.into())
    }

    /// Parents with these keys, in this order.
    fn parents(keys: Vec<Key<'static>>) -> ParentKeys<impl Fn(usize) -> Key<'static>> {
        ParentKeys::new(keys.len(), move |position| keys[position].clone())
    }

    fn found(keys: &ParentKeys<impl Fn(usize) -> Key<'static>>, sought: &[Key<'static>]) -> Vec<Option<u32>> {
        let mut near = 0;
        sought.iter().map(|key| keys.find(key, &mut near)).collect()
    }

    #[test]
    fn integers_that_lie_close_together_are_in_a_table_and_others_are_not() {
        let is_in_table = |keys: &[i64]| parents(keys.iter().copied().map(one).collect()).table().is_some();
        assert!(is_in_table(&[12, 10, 13]));
        assert!(is_in_table(&[-3, 0, 4]));
        assert!(!is_in_table(&[1, 1_000]));
        assert!(!is_in_table(&[i64::MIN, i64::MAX]));
        assert!(parents(vec![one(7), Key::One(Value::Null)]).table().is_some());
        assert!(parents(vec![Key::One(Value::Null)]).table().is_none());
        assert!(parents(vec![one(7), one("8")]).table().is_none());
    }

    #[test]
    fn each_key_is_found_and_named_once_however_it_is_looked_for() {
        let text = |key: &i64| one(format!("{key:09}"));
        let integer = |key: &i64| one(*key);
        let far = |key: &i64| one(key * 1_000_000_000);
        for of in [&text as &dyn Fn(&i64) -> Key<'static>, &integer, &far] {
            let keys = parents([12, 10, 13, 10, 12, 15].iter().map(of).collect());
            let distinct: Vec<_> = keys.distinct().collect();
            assert_eq!(distinct, [10, 12, 13, 15].iter().map(of).collect::<Vec<_>>());
            let ascending: Vec<_> = (9..17).map(|key| of(&key)).collect();
            let expected = [None, Some(1), None, Some(0), Some(2), None, Some(5), None];
            assert_eq!(found(&keys, &ascending), expected);
            let descending: Vec<_> = ascending.into_iter().rev().collect();
            assert_eq!(
                found(&keys, &descending),
                expected.into_iter().rev().collect::<Vec<_>>()
            );
            let falling = parents([15, 13, 12].iter().map(of).collect());
            assert_eq!(
                found(&falling, &[of(&12), of(&13), of(&15)]),
                [Some(2), Some(1), Some(0)]
            );
        }
    }

    #[test]
    fn parents_with_the_same_key_share_what_the_first_has_and_a_null_key_has_nothing() {
        for (a, b) in [(one(1), one(2)), (one("a"), one("b"))] {
            let null = || Key::One(Value::Null);
            let keys = parents(vec![null(), b.clone(), a, b, null()]);
            let mut ranges = vec![Range::default(); 5];
            ranges[1] = Range { start: 3, end: 5 };
            keys.share(&mut ranges);
            let shared: Vec<_> = ranges.iter().map(|range| (range.start, range.end)).collect();
            assert_eq!(shared, [(0, 0), (3, 5), (0, 0), (3, 5), (0, 0)]);
            assert_eq!(found(&keys, &[null()]), [None]);
        }
    }

    #[test]
    fn a_large_real_number_is_no_integer_beyond_their_ends() {
        let keys = parents(vec![one(1_i64 << 60), one(i64::MAX)]);
        assert!(keys.table().is_none());
        let large = parents(vec![one(1_i64 << 60)]);
        assert_eq!(found(&large, &[one((1_i64 << 60) as f64)]), [Some(0)]);
        let largest = parents(vec![one(i64::MAX)]);
        assert_eq!(found(&largest, &[one(9_223_372_036_854_775_808.0)]), [None]);
    }

    #[test]
    fn a_real_number_finds_the_integer_that_it_equals() {
        let keys = parents(vec![one(2), one(3)]);
        assert_eq!(
            found(&keys, &[one(2.0), one(2.5), one(f64::NAN), one(3.0)]),
            [Some(0), None, None, Some(1)]
        );
    }
}
