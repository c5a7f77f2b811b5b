//! The parents' keys: the bound list, and an index to find a child's parent.
//!
//! Parents may have the same key. Then the first of them owns the range of the children, and the others have the same range.
//! Keys are the same here if they are identical; the database decides whether different keys are equal.
//!
//! You can skip how integers are found. Most are close together, so they are stored in a table from the
//! smallest key to the largest. It finds a parent in one step and lists the keys in order without a sort:
//!
//! ```text
//! parents  #0: 12   #1: 10   #2: 13        table from 10:  #1  –  #0  #2
//! ```
//!
//! Integers that are far apart are sorted, and found by binary search.

use std::borrow::Cow;

use crate::database::{Array, Value};
use crate::model::{Key, Keys, Range};

/// Finds parents by their keys.
pub(crate) struct ParentKeys<'k> {
    parents: usize,
    index: Index<'k>,
    /// (position, owner) of each parent whose key an earlier parent has.
    repeated: Vec<(u32, u32)>,
}

/// The *owner* of a key is the position of the first parent that has it.
enum Index<'k> {
    /// The owners of the integers from `first` on.
    Table { first: i64, owners: Vec<u32> },
    /// Integers in order, and their owners.
    Sorted { keys: Vec<i64>, owners: Vec<u32> },
    /// Any keys in the order of the list that is bound, and their owners. A child brings the number of its key.
    Numbered { keys: Vec<Cow<'k, Key<'static>>>, owners: Vec<u32> },
}

/// The owner of a key in the table that no parent has.
const NO_PARENT: u32 = u32::MAX;

/// A table has at most this many entries for each parent. A wider one would be mostly empty.
const WIDTH: usize = 4;

impl<'k> ParentKeys<'k> {
    /// If `by_integer`, the child's matched column finds its parent. Otherwise the number of the matched key
    /// does.
    pub(crate) fn new(keys: &'k Keys, by_integer: bool) -> Self {
        let mut repeated = Vec::new();
        let index = match keys {
            Keys::Integers(keys) => of_integers(keys.iter().map(|key| Some(*key)), by_integer, &mut repeated),
            Keys::Nullable(keys) => of_integers(keys.iter().copied(), by_integer, &mut repeated),
            Keys::Others(keys) => {
                let present = |key: &'k Key<'static>| (!key.is_null()).then_some(Cow::Borrowed(key));
                let (keys, owners) = sorted(keys.iter().map(present), &mut repeated);
                Index::Numbered { keys, owners }
            }
        };
        Self { parents: keys.len(), index, repeated }
    }

    /// Returns the number of parents.
    pub(crate) fn parents(&self) -> usize {
        self.parents
    }

    /// Returns whether no parent has a key.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.index {
            Index::Table { owners, .. } | Index::Sorted { owners, .. } | Index::Numbered { owners, .. } => {
                owners.is_empty()
            }
        }
    }

    /// Returns the distinct keys to bind. The values of a key of several columns follow
    /// each other.
    pub(crate) fn list(&self) -> Array {
        match &self.index {
            Index::Table { first, owners } => {
                let key =
                    |(index, owner): (usize, &u32)| (*owner != NO_PARENT).then_some(first + index as i64);
                Array::of_integers(owners.iter().enumerate().filter_map(key).collect())
            }
            Index::Sorted { keys, .. } => Array::of_integers(keys.clone()),
            Index::Numbered { keys, .. } => keys.iter().flat_map(|key| key.values()).cloned().collect(),
        }
    }

    /// Returns the owner of a key: by the key itself, or by its number in the list, counted from 1.
    #[inline]
    pub(crate) fn find(&self, integer: i64) -> Option<u32> {
        let owner = match &self.index {
            Index::Table { first, owners } => owners.get(usize::try_from(integer.checked_sub(*first)?).ok()?),
            Index::Numbered { owners, .. } => owners.get(usize::try_from(integer.checked_sub(1)?).ok()?),
            Index::Sorted { keys, owners } => owners.get(keys.binary_search(&integer).ok()?),
        };
        owner.copied().filter(|owner| *owner != NO_PARENT)
    }

    /// Returns what an error calls the value that a child brought: a key, or its number in the list.
    #[cold]
    pub(crate) fn called(&self, brought: &Value<'_>) -> String {
        match &self.index {
            Index::Numbered { keys, .. } => {
                let number = if let Value::Integer(number) = brought { *number } else { 0 };
                let key = usize::try_from(number).ok().and_then(|number| keys.get(number.checked_sub(1)?));
                key.map_or_else(|| format!("key number {brought} of {}", keys.len()), ToString::to_string)
            }
            Index::Table { .. } | Index::Sorted { .. } => brought.to_string(),
        }
    }

    /// Copies the range of a key's owner to the other parents with that key.
    pub(crate) fn share(&self, ranges: &mut [Range]) {
        for (position, owner) in &self.repeated {
            ranges[*position as usize] = ranges[*owner as usize];
        }
    }
}

/// Returns the index of integers and nulls.
fn of_integers<'k>(
    keys: impl ExactSizeIterator<Item = Option<i64>> + Clone,
    by_integer: bool,
    repeated: &mut Vec<(u32, u32)>,
) -> Index<'k> {
    if !by_integer {
        let key = |key: Option<i64>| key.map(|key| Cow::Owned(Key::One(Value::Integer(key))));
        let (keys, owners) = sorted(keys.map(key), repeated);
        return Index::Numbered { keys, owners };
    }
    if let Some(index) = table(keys.clone(), repeated) {
        return index;
    }
    let (keys, owners) = sorted(keys, repeated);
    Index::Sorted { keys, owners }
}

/// Puts the keys in a table; returns `None` if they are too far apart.
fn table<'k>(
    keys: impl ExactSizeIterator<Item = Option<i64>> + Clone,
    repeated: &mut Vec<(u32, u32)>,
) -> Option<Index<'k>> {
    let present = || keys.clone().flatten();
    let (Some(first), Some(last)) = (present().min(), present().max()) else {
        return Some(Index::Table { first: 0, owners: Vec::new() });
    };
    let width = usize::try_from(last.checked_sub(first)?).ok()?.checked_add(1)?;
    if width / WIDTH > keys.len() {
        return None;
    }
    let mut owners = vec![NO_PARENT; width];
    for (position, key) in (0..).zip(keys) {
        if let Some(key) = key {
            match &mut owners[(key - first) as usize] {
                free @ &mut NO_PARENT => *free = position,
                owner => repeated.push((position, *owner)),
            }
        }
    }
    Some(Index::Table { first, owners })
}

/// Returns the keys in order, each once, and their owners. A key that is `None` matches nothing.
fn sorted<K: Ord>(
    keys: impl Iterator<Item = Option<K>>,
    repeated: &mut Vec<(u32, u32)>,
) -> (Vec<K>, Vec<u32>) {
    let placed = (0..).zip(keys).filter_map(|(position, key)| Some((key?, position)));
    let mut placed: Vec<(K, u32)> = placed.collect();
    placed.sort_unstable();
    let (mut distinct, mut owners) = (Vec::with_capacity(placed.len()), Vec::with_capacity(placed.len()));
    for (key, position) in placed {
        match (distinct.last(), owners.last()) {
            (Some(last), Some(owner)) if *last == key => repeated.push((position, *owner)),
            _ => {
                distinct.push(key);
                owners.push(position);
            }
        }
    }
    (distinct, owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(keys: &[i64]) -> Keys {
        Keys::Integers(keys.to_vec())
    }

    fn texts(keys: &[&str]) -> Keys {
        Keys::Others(keys.iter().map(|key| Key::One(Value::from(*key))).collect())
    }

    fn found(keys: &ParentKeys<'_>, sought: impl IntoIterator<Item = i64>) -> Vec<Option<u32>> {
        sought.into_iter().map(|integer| keys.find(integer)).collect()
    }

    #[test]
    fn integers_that_lie_close_together_are_in_a_table_and_others_are_not() {
        let is_in_table =
            |keys: &[i64]| matches!(ParentKeys::new(&integers(keys), true).index, Index::Table { .. });
        assert!(is_in_table(&[12, 10, 13]));
        assert!(is_in_table(&[-3, 0, 4]));
        assert!(!is_in_table(&[1, 1_000]));
        assert!(!is_in_table(&[i64::MIN, i64::MAX]));
    }

    #[test]
    fn each_integer_is_found_and_listed_once() {
        for factor in [1, 1_000_000_000] {
            let keys = integers(&[12, 10, 13, 10, 12, 15].map(|key| key * factor));
            let keys = ParentKeys::new(&keys, true);
            let listed: Vec<_> = keys.list().iter().map(|key| key.to_string()).collect();
            assert_eq!(listed, [10, 12, 13, 15].map(|key| (key * factor).to_string()));
            let expected = [None, Some(1), None, Some(0), Some(2), None, Some(5), None];
            assert_eq!(found(&keys, (9..17).map(|key| key * factor)), expected);
            let falling = integers(&[15, 13, 12].map(|key| key * factor));
            let falling = ParentKeys::new(&falling, true);
            assert_eq!(found(&falling, [12, 13, 15].map(|key| key * factor)), [Some(2), Some(1), Some(0)]);
        }
        let extremes = integers(&[i64::MIN, i64::MAX]);
        let extremes = ParentKeys::new(&extremes, true);
        assert_eq!(found(&extremes, [i64::MIN, i64::MAX]), [Some(0), Some(1)]);
    }

    #[test]
    fn a_table_may_end_at_the_largest_integer() {
        for key in [i64::MIN, i64::MAX] {
            let keys = integers(&[key]);
            let keys = ParentKeys::new(&keys, true);
            assert_eq!((found(&keys, [key]), keys.list().to_string()), (vec![Some(0)], format!("[{key}]")));
        }
    }

    #[test]
    fn other_keys_are_found_by_their_number_in_the_list() {
        let keys = texts(&["no", "fr", "NO", "no"]);
        let keys = ParentKeys::new(&keys, false);
        assert_eq!(keys.list().to_string(), r#"["NO", "fr", "no"]"#);
        assert_eq!(found(&keys, 0..5), [None, Some(2), Some(1), Some(0), None]);
        let called = [0, 1, 3, 4].map(|number| keys.called(&Value::from(number)));
        assert_eq!(called, ["key number 0 of 3", "\"NO\"", "\"no\"", "key number 4 of 3"]);
        assert_eq!(ParentKeys::new(&integers(&[7]), true).called(&Value::from(4)), "4");
    }

    #[test]
    fn two_and_two_point_zero_are_different_keys() {
        let keys = Keys::Others(vec![Key::One(Value::from(2)), Key::One(Value::from(2.0))]);
        assert_eq!(ParentKeys::new(&keys, false).list().to_string(), "[2, 2.0]");
    }

    #[test]
    fn parents_with_the_same_key_share_what_the_first_has_and_a_null_key_has_nothing() {
        let null = || Key::One(Value::Null);
        let text = |text| Key::One(Value::from(text));
        let others = vec![null(), text("b"), text("a"), text("b"), null()];
        let numbers = vec![None, Some(2), Some(1), Some(2), None];
        let (others, numbers) = (Keys::Others(others), Keys::Nullable(numbers));
        for keys in [
            ParentKeys::new(&others, false),
            ParentKeys::new(&numbers, true),
            ParentKeys::new(&numbers, false),
        ] {
            let mut ranges = vec![Range::default(); 5];
            ranges[1] = Range { start: 3, end: 5 };
            keys.share(&mut ranges);
            let shared: Vec<_> = ranges.iter().map(|range| (range.start, range.end)).collect();
            assert_eq!(shared, [(0, 0), (3, 5), (0, 0), (3, 5), (0, 0)]);
            assert_eq!(keys.list().len(), 2);
        }
    }
}
