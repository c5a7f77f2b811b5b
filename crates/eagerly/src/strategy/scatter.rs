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
use crate::strategy::parent_keys::ParentKeys;

/// Finds each child's parent while the children of a whole table arrive in any order.
pub(crate) struct Scatter<F> {
    keys: ParentKeys<F>,
    /// The position of each child's parent.
    owners: Vec<u32>,
    /// The rank of the parent that was found last.
    rank: usize,
}

/// Stands for the parent of a child whose key points nowhere.
const NOBODY: u32 = u32::MAX;

impl<'p, F: Fn(usize) -> Key<'p>> Scatter<F> {
    pub(crate) fn new(keys: ParentKeys<F>) -> Self {
        Self {
            keys,
            owners: Vec::new(),
            rank: 0,
        }
    }

    /// Takes note of the next child, whose key stands in the cells at `places` of its row.
    #[inline]
    pub(crate) fn row(&mut self, row: &Row<'_>, places: &[usize], comparison: &Comparison) {
        if let (Some(table), [place]) = (self.keys.table(), places)
            && let Some(key) = row.key_cell(*place).as_integer()
        {
            self.owners.push(table.find(key).unwrap_or(NOBODY));
        } else {
            self.child(&comparison.common_form(Key::read(row, places)));
        }
    }

    fn child(&mut self, key: &Key<'_>) {
        let owner = self.keys.find(key, &mut self.rank);
        self.owners.push(owner.unwrap_or(NOBODY));
    }

    /// The children, those of each parent together.
    pub(crate) fn gather<T>(self, mut children: Vec<T>) -> Collection<T> {
        let (mut ranges, owned) = self.begun();
        let mut nobodys = owned;
        let mut destinations = self.owners;
        for destination in &mut destinations {
            let next = match ranges.get_mut(*destination as usize) {
                Some(range) => &mut range.end,
                None => &mut nobodys,
            };
            *destination = *next;
            *next += 1;
        }
        move_to(&mut children, &mut destinations);
        children.truncate(owned as usize);
        self.keys.share(&mut ranges);
        Collection::new(children, ranges)
    }

    /// A range for each parent, which begins where its children will and is still empty; and the number of children
    /// that have a parent.
    fn begun(&self) -> (Vec<Range>, u32) {
        let mut ranges = vec![Range::default(); self.keys.count()];
        for owner in &self.owners {
            if let Some(range) = ranges.get_mut(*owner as usize) {
                range.end += 1;
            }
        }
        let mut start = 0;
        for range in &mut ranges {
            let count = range.end;
            *range = Range { start, end: start };
            start += count;
        }
        (ranges, start)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn integers(keys: &[i64]) -> ParentKeys<impl Fn(usize) -> Key<'static>> {
        ParentKeys::new(keys.len(), |index| Key::One(Value::Integer(keys[index])))
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
