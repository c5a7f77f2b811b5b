//! Handing the children of a whole table to their parents.
//!
//! They arrive in the order in which they are stored, those of different parents mixed. Each child's parent is
//! looked up, the children of each parent are counted, and the counts say where each child belongs:
//!
//! ```text
//! parents' keys     1   2   3
//! children's keys   2 1 2 3 1    counted: 2, 2, 1    →   1: 0..2   2: 2..4   3: 4..5
//! ```
//!
//! Each parent's children keep their own order, and are moved only if they do not lie together already.

use crate::driver::Row;
use crate::key::Key;
use crate::related::{Collection, Range};
use crate::strategy::comparison::Comparison;
use crate::strategy::grouping::SortedKeys;
use crate::value::Value;

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

    /// Takes note of the next child, whose key stands in the cells at `places` of its row.
    #[inline]
    pub(crate) fn row(&mut self, row: &Row<'_>, places: &[usize], comparison: &Comparison) {
        let integer = match (&self.dense, places) {
            (Some(dense), [place]) => row
                .key_cell(*place)
                .as_integer()
                .map(|integer| dense.find(integer)),
            _ => None,
        };
        match integer {
            Some(owner) => self.owners.push(owner),
            None => self.child(&comparison.common_form(Key::read(row, places))),
        }
    }

    fn child(&mut self, key: &Key<'_>) {
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
            .for_each(|(key, _)| scatter.child(&Key::One(Value::Integer(*key))));
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
