//! Assigns children to their parents.
//!
//! Each child's row holds an integer by which its parent is found. It is the value of the child's matched
//! column (for a has-many, the foreign key), or the number of the matched key (`query/children.rs`). The
//! children of one parent must be together in the `Vec`:
//!
//! ```text
//! sorted:       children's keys  1 1 3        →  1: 0..2   2: none   3: 2..3
//! in any order: children's keys  2 1 2 3 1    →  moved to  1 1 2 2 3
//! ```
//!
//! Read next `parent_keys.rs`, which finds parents by their keys. `scatter.rs` (skip at first) moves mixed children.

use crate::database::Row;
use crate::error::{Error, Result};
use crate::load::matching::parent_keys::ParentKeys;
use crate::load::matching::scatter::Moves;
use crate::model::Range;
use crate::trace::RelationInfo;

pub(crate) mod parent_keys;
pub(crate) mod scatter;

/// Finds the parent of each child while the children arrive.
pub(crate) struct Matching<'k> {
    keys: ParentKeys<'k>,
    /// The place of the integer in a child's row.
    place: usize,
    arrival: Arrival,
}

/// The order in which the children arrive.
enum Arrival {
    /// Those of a parent arrive together.
    Together {
        /// For each parent, the range of its children.
        ranges: Vec<Range>,
        /// The integer of the children that are arriving, and the position of their parent.
        run: Option<(i64, usize)>,
        /// What an error calls the key of a child that belongs to no parent, or arrived apart from its siblings.
        lost: Option<String>,
    },
    /// Those of different parents arrive mixed. This holds the position of each child's parent. A child without a parent
    /// is not built.
    Mixed(Vec<u32>),
}

impl<'k> Matching<'k> {
    /// Expects the children of each parent together.
    pub(crate) fn together(keys: ParentKeys<'k>, place: usize) -> Self {
        let arrival =
            Arrival::Together { ranges: vec![Range::default(); keys.parents()], run: None, lost: None };
        Self { keys, place, arrival }
    }

    /// Expects the children in any order, and rows without a parent among them.
    pub(crate) fn mixed(keys: ParentKeys<'k>, place: usize) -> Self {
        let arrival = Arrival::Mixed(Vec::new());
        Self { keys, place, arrival }
    }

    /// Records the child at `position`, which is in `row`. Returns whether it has a parent.
    pub(crate) fn row(&mut self, row: &Row<'_>, position: u32) -> bool {
        let cell = row.key_cell(self.place);
        let integer = cell.integer_key();
        match &mut self.arrival {
            Arrival::Mixed(owners) => {
                let owner = integer.and_then(|integer| self.keys.find(integer));
                owners.extend(owner);
                owner.is_some()
            }
            Arrival::Together { ranges, run, lost } => {
                if let (Some(integer), Some((same, owner))) = (integer, *run)
                    && integer == same
                {
                    ranges[owner].end = position + 1;
                    return true;
                }
                let owner = integer.and_then(|integer| Some((integer, self.keys.find(integer)? as usize)));
                match owner {
                    Some((_, owner)) if ranges[owner].is_empty() => {
                        ranges[owner] = Range { start: position, end: position + 1 };
                    }
                    _ => *lost = Some(self.keys.called(&cell.value())),
                }
                *run = owner;
                true
            }
        }
    }

    /// Returns the children, and the range of each parent.
    pub(crate) fn assigned<T>(
        self,
        mut children: Vec<T>,
        relation: &RelationInfo,
    ) -> Result<(Vec<T>, Vec<Range>)> {
        let (ranges, moves) = self.ranges(relation)?;
        if let Some(moves) = moves {
            moves.apply(&mut children);
        }
        Ok((children, ranges))
    }

    /// Returns the range of each parent, and how the children must be moved into them.
    ///
    /// The database found a parent for each child of a list of keys. If no parent is found here, that is an error. Otherwise
    /// a parent would silently lack a child.
    fn ranges(self, relation: &RelationInfo) -> Result<(Vec<Range>, Option<Moves>)> {
        let (mut ranges, moves) = match self.arrival {
            Arrival::Together { lost: Some(key), .. } => {
                return Err(Error::UnmatchedKey {
                    relation: relation.to_string(),
                    columns: relation.target_columns.join(", "),
                    key,
                });
            }
            Arrival::Together { ranges, .. } => (ranges, None),
            Arrival::Mixed(owners) => {
                let (ranges, moves) = scatter::ranges(self.keys.parents(), owners);
                (ranges, Some(moves))
            }
        };
        self.keys.share(&mut ranges);
        Ok((ranges, moves))
    }
}
