//! Skip at first. Moves children that arrived in any order, so that those of each parent lie together.
//!
//! The children of each parent are counted. The counts determine the place of each child:
//!
//! ```text
//! parents' keys     1   2   3
//! children's keys   2 1 2 3 1    counted: 2, 2, 1    →   1: 0..2   2: 2..4   3: 4..5
//! ```
//!
//! The children of a parent keep their order. Children that already lie together are not moved.

use crate::model::Range;

/// The owner of a child whose key points to no parent.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// How children are moved.
pub(crate) struct Moves {
    /// The new place of each child.
    destinations: Vec<u32>,
    /// The number of children that have a parent. The others are moved behind them and dropped.
    owned: usize,
}

/// Returns the range of each parent, and how children must be moved to lie in them. `owners` holds the position of each
/// child's parent.
pub(crate) fn ranges(parents: usize, owners: Vec<u32>) -> (Vec<Range>, Moves) {
    let (mut ranges, owned) = ranges_to_fill(parents, &owners);
    let mut next_without_parent = owned;
    let mut destinations = owners;
    for destination in &mut destinations {
        let next = match ranges.get_mut(*destination as usize) {
            Some(range) => &mut range.end,
            None => &mut next_without_parent,
        };
        *destination = *next;
        *next += 1;
    }
    (ranges, Moves { destinations, owned: owned as usize })
}

impl Moves {
    /// Moves the children, by swaps.
    pub(crate) fn apply<T>(mut self, children: &mut Vec<T>) {
        for index in 0..children.len() {
            while self.destinations[index] as usize != index {
                let destination = self.destinations[index] as usize;
                children.swap(index, destination);
                self.destinations.swap(index, destination);
            }
        }
        children.truncate(self.owned);
    }
}

/// Returns a range for each parent, which begins where its children will lie and is still empty; and the number of
/// children that have a parent.
fn ranges_to_fill(parents: usize, owners: &[u32]) -> (Vec<Range>, u32) {
    let mut ranges = vec![Range::default(); parents];
    for owner in owners {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the children of each parent, from pairs of the parent's position and a name.
    fn gathered(parents: usize, children: &[(u32, &'static str)]) -> Vec<Vec<&'static str>> {
        let owners = children.iter().map(|(owner, _)| *owner).collect();
        let mut names = children.iter().map(|(_, name)| *name).collect();
        let (ranges, moves) = ranges(parents, owners);
        moves.apply(&mut names);
        let of = |range: Range| names[range.start as usize..range.end as usize].to_vec();
        ranges.into_iter().map(of).collect()
    }

    #[test]
    fn mixed_children_come_to_their_parents_in_their_own_order() {
        let children = [(1, "a"), (0, "b"), (1, "c"), (NO_PARENT, "lost"), (0, "d"), (2, "e")];
        assert_eq!(gathered(3, &children), [vec!["b", "d"], vec!["a", "c"], vec!["e"]]);
        let children = [(3, "a"), (1, "b"), (3, "c"), (0, "e")];
        assert_eq!(gathered(4, &children), [vec!["e"], vec!["b"], vec![], vec!["a", "c"]]);
    }

    #[test]
    fn without_children_every_parent_has_an_empty_range() {
        assert_eq!(gathered(2, &[]), [[""; 0]; 2]);
    }
}
