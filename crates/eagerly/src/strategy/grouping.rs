//! Handing children that come together to their parents.
//!
//! The children arrive sorted by key, so that those of a parent are a run. Where a run begins and ends is the
//! range of its parent:
//!
//! ```text
//! children's keys   1 1 3   →   the parent with 1: 0..2   with 2: none   with 3: 2..3
//! ```
//!
//! Parents may come in any order, and two may have the same key: `parent_keys.rs` finds them.

use crate::driver::Row;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::related::Range;
use crate::relation::RelationInfo;
use crate::strategy::comparison::Comparison;
use crate::strategy::parent_keys::ParentKeys;

/// Finds each parent's range while its children arrive together.
pub(crate) struct Grouping<F> {
    keys: ParentKeys<F>,
    ranges: Vec<Range>,
    /// The rank of the parent that was found last.
    rank: usize,
    /// The key of the children that are arriving, and where the first of them lies.
    run: Option<(Key<'static>, u32)>,
    /// The key of a child for which no parent was found, or whose siblings came apart from it.
    strange: Option<Key<'static>>,
}

impl<'p, F: Fn(usize) -> Key<'p>> Grouping<F> {
    pub(crate) fn new(keys: ParentKeys<F>) -> Self {
        Self {
            ranges: vec![Range::default(); keys.count()],
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
        self.keys.share(&mut self.ranges);
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
        match self.keys.find(&key, &mut self.rank) {
            Some(position) if self.ranges[position as usize].is_empty() => {
                self.ranges[position as usize] = Range { start, end };
            }
            _ => self.strange = Some(key),
        }
    }
}
