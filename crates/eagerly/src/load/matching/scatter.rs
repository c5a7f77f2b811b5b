//! Skip at first. Moves children that arrived in any order, so that those of each parent are together.
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

/// How children are moved: the new place of each.
pub(crate) struct Moves(Vec<u32>);

/// Returns the range of each parent, and how children must be moved into them. `owners` holds the position of each
/// child's parent.
pub(crate) fn ranges(parents: usize, owners: Vec<u32>) -> (Vec<Range>, Moves) {
    let mut ranges = vec![Range::default(); parents];
    for owner in &owners {
        ranges[*owner as usize].end += 1;
    }
    // Each range begins where the one before ends, and is empty until its children have their places.
    let mut start = 0;
    for range in &mut ranges {
        let count = range.end;
        *range = Range { start, end: start };
        start += count;
    }
    let mut destinations = owners;
    for destination in &mut destinations {
        let next = &mut ranges[*destination as usize].end;
        *destination = *next;
        *next += 1;
    }
    (ranges, Moves(destinations))
}

impl Moves {
    /// Moves the children, by swaps.
    pub(crate) fn apply<T>(mut self, children: &mut [T]) {
        for index in 0..children.len() {
            while self.0[index] as usize != index {
                let destination = self.0[index] as usize;
                children.swap(index, destination);
                self.0.swap(index, destination);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the children of each parent, from pairs of the parent's position and a name.
    fn gathered(parents: usize, children: &[(u32, &'static str)]) -> Vec<Vec<&'static str>> {
        let owners = children.iter().map(|(owner, _)| *owner).collect();
        let mut names: Vec<_> = children.iter().map(|(_, name)| *name).collect();
        let (ranges, moves) = ranges(parents, owners);
        moves.apply(&mut names);
        let of = |range: Range| names[range.start as usize..range.end as usize].to_vec();
        ranges.into_iter().map(of).collect()
    }

    #[test]
    fn mixed_children_come_to_their_parents_in_their_own_order() {
        let children = [(1, "a"), (0, "b"), (1, "c"), (0, "d"), (2, "e")];
        assert_eq!(gathered(3, &children), [vec!["b", "d"], vec!["a", "c"], vec!["e"]]);
        let children = [(3, "a"), (1, "b"), (3, "c"), (0, "e")];
        assert_eq!(gathered(4, &children), [vec!["e"], vec!["b"], vec![], vec!["a", "c"]]);
    }

    #[test]
    fn without_children_every_parent_has_an_empty_range() {
        assert_eq!(gathered(2, &[]), [[""; 0]; 2]);
    }
}
