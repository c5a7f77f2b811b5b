//! Skip at first. Moves children that arrived in any order, so that those of each parent lie together.
//!
//! The children of each parent are counted. The counts determine the place of each child:
//!
//! ```text
//! parents' keys     1   2   3
//! children's keys   2 1 2 3 1    counted: 2, 2, 1    →   1: 0..2   2: 2..4   3: 4..5
//! ```
//!
//! The children of a parent keep their order. Children in their final place are not moved.

use crate::model::Range;

/// The owner of a child whose key points to no parent.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// Returns the children, those of each parent together, and the range of each parent. `owners` holds the
/// position of each child's parent.
pub(crate) fn gather<T>(parents: usize, owners: Vec<u32>, mut children: Vec<T>) -> (Vec<T>, Vec<Range>) {
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
    move_to(&mut children, &mut destinations);
    children.truncate(owned as usize);
    (children, ranges)
}

/// Returns an empty range at each parent's start, and the number of children with a parent.
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

/// Moves each thing to its destination, by swaps.
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

    /// Returns the children of each parent, from pairs of the parent's position and a name.
    fn gathered(parents: usize, children: &[(u32, &'static str)]) -> Vec<Vec<&'static str>> {
        let owners = children.iter().map(|(owner, _)| *owner).collect();
        let names = children.iter().map(|(_, name)| *name).collect();
        let (names, ranges) = gather(parents, owners, names);
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
