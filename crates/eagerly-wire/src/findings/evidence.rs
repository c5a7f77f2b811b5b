//! Decides whether values are equal by chance.
//!
//! Keys are often small integers, and so are page numbers, quantities and settings. What excludes chance is their number,
//! their order, and whether they are all there.

use std::collections::{HashMap, HashSet};

use super::columns::{Explained, PART_FOR_HINT};
use super::names;
use crate::page::Shape;
use crate::value::Value;

/// The smallest part of a shape's statements that a column has to explain, for a finding.
const PART_FOR_FINDING: f64 = 0.8;

/// How well the rows of a source explain the statements of a shape.
pub(super) struct Evidence {
    /// How many statements have the key of a row that came before them.
    pub(super) statements: usize,
    /// The statements explained, as a part of all statements with such values.
    part: f64,
    /// The number of different keys among them.
    pub(super) keys: usize,
    /// These keys as a part of the different keys that the source has.
    covered: f64,
    /// These keys as a part of the rows that the source has.
    part_of_rows: f64,
    /// How many of the keys come in the order of the rows, as a part of all.
    in_order: f64,
    is_distinctive: bool,
    /// Whether the keys are 1, 2, 3, …, as in a loop that has nothing to do with rows.
    is_run: bool,
    /// Whether the columns have related names.
    is_named: bool,
    /// The number of the only statement with such rows.
    pub(super) from_statement: Option<u64>,
    /// How many statements have such rows.
    pub(super) from_statements: u64,
    /// For each statement, the result with its key.
    pub(super) results: Vec<Option<usize>>,
}

impl Evidence {
    /// Returns `None` if there is none.
    pub(super) fn of(
        shape: &Shape,
        source: &Shape,
        key: &[Explained],
        is_source_caused: bool,
    ) -> Option<Self> {
        let width = source.columns.len();
        // The first row with each key.
        let mut rows = HashMap::new();
        for (number, row) in source.cells.chunks_exact(width).enumerate() {
            let cells = key.iter().map(|part| row[part.column]);
            if let Some(hash) = combined(cells) {
                rows.entry(hash).or_insert(number);
            }
        }
        let (mut statements, mut total, mut is_distinctive) = (0, 0, true);
        let (mut seen, mut order) = (HashSet::new(), Vec::new());
        let mut result_of = vec![None; shape.executions.len()];
        for (number, (execution, sent)) in
            shape.executions.iter().zip(shape.sent.chunks_exact(shape.places.len())).enumerate()
        {
            let parts: Vec<Value> = key.iter().filter_map(|part| sent[part.place]).collect();
            if parts.len() < key.len() {
                continue;
            }
            total += 1;
            let Some(hash) = combined(parts.iter().map(|part| part.hash)) else { continue };
            let Some(row) = rows.get(&hash) else { continue };
            // A statement cannot know a row that came later.
            let result = source.result_of(*row);
            if source.results[result].at > execution.sent {
                continue;
            }
            result_of[number] = Some(result);
            statements += 1;
            is_distinctive &= parts.iter().any(|part| part.is_distinctive);
            if seen.insert(hash) {
                order.push(*row);
            }
        }
        let mut results: Vec<_> = order.iter().map(|row| source.result_of(*row)).collect();
        results.sort_unstable();
        let has_two_of_one = results.windows(2).any(|two| two[0] == two[1]);
        if order.len() < 2 || !(has_two_of_one || is_source_caused) {
            return None;
        }
        let rises = order.windows(2).filter(|two| two[0] < two[1]).count();
        let is_number = |number: usize| {
            Value::of_text(number.to_string().as_bytes()).is_some_and(|value| seen.contains(&value.hash))
        };
        let mut from: Vec<_> = source.results.iter().map(|result| result.statement).collect();
        from.dedup();
        Some(Self {
            statements,
            part: statements as f64 / total as f64,
            keys: order.len(),
            covered: order.len() as f64 / rows.len() as f64,
            part_of_rows: order.len() as f64 / source.kept_rows() as f64,
            in_order: rises as f64 / (order.len() - 1) as f64,
            is_distinctive,
            is_run: (1..order.len()).all(is_number),
            is_named: key.iter().any(|part| names::agree(shape, source, part)),
            from_statements: from.len() as u64,
            from_statement: if let [only] = from[..] { Some(only) } else { None },
            results: result_of,
        })
    }

    /// Returns whether chance is excluded.
    ///
    /// - Distinctive values, such as UUIDs, are not equal by chance.
    /// - Five or more keys in the order of the rows: chance has one order of 120. The same with the keys of all rows.
    /// - Nearly all keys of at least 20, in any order. An application can sort the rows. If the names agree, of at least 5.
    ///
    /// The numbers 1, 2, 3, … are in every table and in every loop. So there the names have to agree.
    pub(super) fn is_proof(&self) -> bool {
        let is_ordered = self.in_order >= 0.9 && (self.keys >= 5 || self.covered >= 0.99);
        let is_whole = self.covered >= 0.9 && self.keys >= if self.is_named { 5 } else { 20 };
        let is_likely = (is_ordered || is_whole) && (self.is_named || !self.is_run);
        self.part >= PART_FOR_FINDING && (self.is_distinctive || is_likely)
    }

    /// Returns whether it is worth a hint.
    pub(super) fn is_hint(&self) -> bool {
        self.part >= PART_FOR_HINT && (self.covered >= 0.5 || (self.in_order >= 0.9 && self.keys >= 3))
    }

    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.is_proof(), one.statements, one.covered, one.part_of_rows);
        key(self).partial_cmp(&key(other)) == Some(std::cmp::Ordering::Greater)
    }
}

/// Returns one hash for the values of a key, or `None` if one of them is no value.
fn combined(mut hashes: impl Iterator<Item = u64>) -> Option<u64> {
    hashes.try_fold(0_u64, |all, hash| (hash != 0).then(|| all.rotate_left(23).wrapping_mul(31) ^ hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::tests::{Script, rows};

    /// Returns what rows with these keys explain of statements with these keys.
    fn measured(keys: &[u64], sent: &[&str]) -> Option<Evidence> {
        let mut script = Script::new();
        script.run("SELECT id FROM customers", "id", &rows(keys));
        for key in sent {
            script.run(&format!("SELECT id FROM orders WHERE customer_id = {key}"), "id", &[]);
        }
        let [source, shape] = &script.pages.current.shapes[..] else { panic!("not two shapes") };
        let key = Explained { place: 0, source: 0, column: 0, statements: sent.len() };
        Evidence::of(shape, source, &[key], false)
    }

    #[test]
    fn it_measures_which_part_of_the_statements_of_the_keys_and_of_the_rows_is_explained() {
        let keys = [10, 20, 30, 40, 10, 20, 30, 40];
        // A statement without a value does not count.
        let one = measured(&keys, &["10", "10", "30", "''", "20", "99"]).unwrap();
        assert_eq!((one.statements, one.keys), (4, 3));
        assert_eq!((one.part, one.covered, one.part_of_rows, one.in_order), (0.8, 0.75, 0.375, 0.5));
        assert_eq!((one.from_statement, one.from_statements), (Some(1), 1));
        let explained = [Some(0), Some(0), Some(0), None, Some(0), None];
        assert_eq!(one.results, explained);
        assert!(!one.is_run && one.is_named && !one.is_distinctive);
    }

    #[test]
    fn a_single_key_is_no_evidence() {
        assert!(measured(&[10, 20, 30], &["10", "10", "10"]).is_none());
        assert!(measured(&[10, 20, 30], &["10", "20"]).is_some());
    }

    /// Five keys of many rows. Their order just excludes chance.
    fn ordered() -> Evidence {
        Evidence {
            statements: 5,
            part: 0.8,
            keys: 5,
            covered: 0.1,
            part_of_rows: 0.1,
            in_order: 0.9,
            is_distinctive: false,
            is_run: false,
            is_named: false,
            from_statement: None,
            from_statements: 1,
            results: Vec::new(),
        }
    }

    /// Nearly all keys, in any order. Their number just excludes chance.
    fn whole() -> Evidence {
        Evidence { keys: 20, covered: 0.9, in_order: 0.0, ..ordered() }
    }

    #[test]
    fn each_limit_decides_about_a_proof() {
        let proofs = [
            ordered(),
            Evidence { keys: 4, covered: 0.99, ..ordered() },
            whole(),
            Evidence { keys: 5, is_named: true, ..whole() },
            Evidence { is_run: true, is_named: true, ..ordered() },
            Evidence { keys: 2, in_order: 0.0, is_distinctive: true, ..ordered() },
        ];
        for (number, evidence) in proofs.iter().enumerate() {
            assert!(evidence.is_proof(), "{number}");
        }
        let guesses = [
            Evidence { part: 0.79, ..ordered() },
            Evidence { in_order: 0.89, ..ordered() },
            Evidence { keys: 4, ..ordered() },
            Evidence { keys: 4, covered: 0.98, ..ordered() },
            Evidence { is_run: true, ..ordered() },
            Evidence { keys: 19, ..whole() },
            Evidence { covered: 0.89, ..whole() },
            Evidence { keys: 4, is_named: true, ..whole() },
            Evidence { is_run: true, ..whole() },
            Evidence { part: 0.79, is_distinctive: true, ..ordered() },
        ];
        for (number, evidence) in guesses.iter().enumerate() {
            assert!(!evidence.is_proof(), "{number}");
        }
    }

    #[test]
    fn each_limit_decides_about_a_hint() {
        let covered = || Evidence { part: 0.5, keys: 2, covered: 0.5, in_order: 0.0, ..ordered() };
        let ordered = || Evidence { part: 0.5, keys: 3, covered: 0.0, in_order: 0.9, ..ordered() };
        assert!(covered().is_hint());
        assert!(ordered().is_hint());
        let nothing = [
            Evidence { part: 0.49, ..covered() },
            Evidence { covered: 0.49, ..covered() },
            Evidence { part: 0.49, ..ordered() },
            Evidence { keys: 2, ..ordered() },
            Evidence { in_order: 0.89, ..ordered() },
        ];
        for (number, evidence) in nothing.iter().enumerate() {
            assert!(!evidence.is_hint(), "{number}");
        }
    }

    #[test]
    fn a_proof_is_better_than_more_statements_and_these_than_more_of_the_keys_and_of_the_rows() {
        let hint = || Evidence { part: 0.5, ..ordered() };
        let rising = [
            hint(),
            Evidence { part_of_rows: 0.2, ..hint() },
            Evidence { covered: 0.2, ..hint() },
            Evidence { statements: 6, ..hint() },
            ordered(),
        ];
        for (number, two) in rising.windows(2).enumerate() {
            assert!(two[1].is_better_than(&two[0]), "{number}");
            assert!(!two[0].is_better_than(&two[1]), "{number}");
            assert!(!two[0].is_better_than(&two[0]), "{number}");
        }
    }

    #[test]
    fn a_key_of_several_columns_depends_on_the_order_of_their_values() {
        assert_eq!(combined([7].into_iter()), Some(7));
        assert_ne!(combined([7, 9].into_iter()), combined([9, 7].into_iter()));
        assert_ne!(combined([7, 7].into_iter()), combined([7].into_iter()));
        assert_eq!(combined([7, 0].into_iter()), None);
    }
}
