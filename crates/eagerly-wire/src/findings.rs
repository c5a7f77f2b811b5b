//! Finds N+1 by the flow of data.
//!
//! A page reads some rows, and then sends a statement for each row. The key of the row is a value of the statement. So the
//! proof of N+1 is in the data: *the values of one column of a result return as the values of one parameter*, in statements
//! that are sent later.
//!
//! ```text
//! SELECT id, name FROM customers                     17, 23, 42     a column of a result
//! SELECT * FROM orders WHERE customer_id = $1        17             the parameter
//! SELECT * FROM orders WHERE customer_id = $1        23
//! SELECT * FROM orders WHERE customer_id = $1        42
//! ```
//!
//! For each shape with several values in a place, the search compares these values with every column that came back before.
//! The best column explains the most statements. If it explains fewer than half of them, there is no finding.
//!
//! Two rows of *one* result must have caused a statement, or a row of each of several results that are caused in this way
//! themselves. So one look-up after another is no N+1.
//!
//! Small integers are equal by chance: page 2 and customer 2. `Evidence` decides whether chance is excluded. If not, the
//! finding is a hint.

use std::collections::{HashMap, HashSet};

use crate::page::{Page, Shape};
use crate::protocol::Value;
use crate::sql::Command;

/// The smallest part of a shape's statements that a column has to explain, for a hint, and for a finding.
const PART_FOR_HINT: f64 = 0.5;
const PART_FOR_FINDING: f64 = 0.8;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A statement that reads is sent for each row of a result.
    NPlusOne,
    /// A statement that writes is sent for each row of a result.
    LoopOfWrites,
    /// A statement is sent again with the same values, and nothing was written in between.
    Repeated,
    /// A transaction was idle while other connections waited for a reply.
    IdleTransaction,
}

/// Something that costs a page round trips without need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: Kind,
    /// Whether the values can be equal by chance.
    pub is_hint: bool,
    /// How many statements it is about.
    pub statements: u64,
    /// The shape of these statements: their text without values. Empty for [`Kind::IdleTransaction`].
    pub shape: String,
    /// The parameter that contains the key, for example `$1`, or `$1, $2` for a key of several columns. Empty if the
    /// finding is about no parameter.
    pub parameter: String,
    /// The shape of the statement, or of the statements, whose rows contain the keys. Empty if `parameter` is.
    pub from_shape: String,
    /// The column of these rows that contains the key, for example `id`, or `shop_id, number`.
    pub from_column: String,
    /// The number of the statement whose rows contain the keys, counted from 1 in the page. `None` if there are several.
    pub from_statement: Option<u64>,
    /// Whether each of the statements returned at most one row, so the relation is to one.
    pub is_to_one: bool,
    /// The column that the parameter is compared with, if the shape has the form `column = $1`.
    pub column: Option<String>,
    /// What else is known, as a sentence. Empty if nothing is.
    pub note: String,
}

/// A finding, and where it is in the page.
pub(crate) struct Found {
    pub(crate) finding: Finding,
    /// The shape of the statements. `None` if it is about none.
    pub(crate) shape: Option<usize>,
    pub(crate) cause: Option<Cause>,
}

/// The rows that caused statements.
pub(crate) struct Cause {
    /// The shape whose rows they are.
    pub(crate) source: usize,
    /// For each statement, the number of the result among those of `source`.
    pub(crate) results: Vec<Option<usize>>,
}

/// Returns the findings of a page, in the order in which their first statements were sent.
pub(crate) fn of(page: &Page) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    for (number, shape) in page.shapes.iter().enumerate() {
        let is_caused = |source| {
            all.iter().any(|one| one.shape == Some(source) && one.cause.is_some() && !one.finding.is_hint)
        };
        if let Some((finding, cause)) = cause(page, shape, &is_caused) {
            all.push(Found { finding, shape: Some(number), cause: Some(cause) });
        } else if let Some(finding) = repeated(shape) {
            all.push(Found { finding, shape: Some(number), cause: None });
        }
    }
    all.extend(idle(page).map(|finding| Found { finding, shape: None, cause: None }));
    all
}

/// A column of a shape that explains the values of a place.
struct Explained {
    place: usize,
    column: usize,
    statements: usize,
}

/// Returns the rows that caused the statements of a shape.
fn cause(page: &Page, shape: &Shape, is_caused: &dyn Fn(usize) -> bool) -> Option<(Finding, Cause)> {
    let wanted: Vec<_> = (0..shape.places.len()).filter_map(|place| Wanted::of(shape, place)).collect();
    if wanted.is_empty() {
        return None;
    }
    let mut best: Option<(Evidence, Finding, usize)> = None;
    for (number, source) in page.shapes.iter().enumerate().filter(|(_, source)| source.kept_rows() > 0) {
        let explained = explained(shape, source, &wanted);
        // A key of several columns is tried as a whole, and then its best column alone.
        let single = explained.iter().max_by_key(|one| one.statements).map(std::slice::from_ref);
        for key in [Some(&explained[..]).filter(|key| key.len() > 1), single].into_iter().flatten() {
            let evidence = Evidence::of(shape, source, key, is_caused(number));
            let Some(evidence) = evidence.filter(|one| one.is_proof() || one.is_hint()) else { continue };
            if best.as_ref().is_none_or(|(known, ..)| evidence.is_better_than(known)) {
                let finding = finding(shape, source, key, &evidence);
                best = Some((evidence, finding, number));
            }
        }
    }
    best.map(|(evidence, finding, source)| (finding, Cause { source, results: evidence.results }))
}

/// The different values of a place.
struct Wanted {
    place: usize,
    /// For each value, how many statements have it.
    values: HashMap<u64, usize>,
}

impl Wanted {
    /// Returns `None` if all statements have the same value, or none.
    fn of(shape: &Shape, place: usize) -> Option<Self> {
        let mut values = HashMap::new();
        for value in shape.sent.iter().skip(place).step_by(shape.places.len()).flatten() {
            *values.entry(value.hash).or_default() += 1;
        }
        (values.len() > 1).then_some(Self { place, values })
    }
}

/// Returns the best column of `source` for each place, where a column explains enough statements.
fn explained(shape: &Shape, source: &Shape, wanted: &[Wanted]) -> Vec<Explained> {
    let width = source.columns.len();
    let mut explained = Vec::new();
    for one in wanted {
        let mut seen = vec![HashSet::new(); width];
        for (at, cell) in source.cells.iter().enumerate() {
            if one.values.contains_key(cell) {
                seen[at % width].insert(*cell);
            }
        }
        let total: usize = one.values.values().sum();
        let best = seen.iter().enumerate().map(|(column, seen)| {
            let statements: usize = seen.iter().map(|value| one.values[value]).sum();
            // Of two columns that explain the same, the one with the name of the compared column is the better one.
            let has_name = shape.places[one.place].as_deref() == Some(&source.columns[column]);
            (statements, has_name, column)
        });
        if let Some((statements, _, column)) = best
            .max_by_key(|&(statements, has_name, column)| (statements, has_name, std::cmp::Reverse(column)))
            && statements as f64 >= total as f64 * PART_FOR_HINT
        {
            explained.push(Explained { place: one.place, column, statements });
        }
    }
    explained
}

/// How well the rows of a source explain the statements of a shape.
struct Evidence {
    /// How many statements have the key of a row that came before them.
    statements: usize,
    /// The statements explained, as a part of all statements with such values.
    part: f64,
    /// The number of different keys among them.
    keys: usize,
    /// These keys as a part of the different keys that the source has.
    covered: f64,
    /// These keys as a part of the rows that the source has.
    part_of_rows: f64,
    /// How many of the keys come in the order of the rows, as a part of all.
    in_order: f64,
    is_distinctive: bool,
    /// The number of the only statement with such rows.
    from_statement: Option<u64>,
    /// For each statement, the result with its key.
    results: Vec<Option<usize>>,
}

impl Evidence {
    /// Returns `None` if there is none.
    fn of(shape: &Shape, source: &Shape, key: &[Explained], is_source_caused: bool) -> Option<Self> {
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
        results.dedup();
        let rises = order.windows(2).filter(|two| two[0] < two[1]).count();
        Some(Self {
            statements,
            part: statements as f64 / total as f64,
            keys: order.len(),
            covered: order.len() as f64 / rows.len() as f64,
            part_of_rows: order.len() as f64 / source.kept_rows() as f64,
            in_order: rises as f64 / (order.len() - 1) as f64,
            is_distinctive,
            from_statement: match results[..] {
                [only] => Some(source.results[only].statement),
                _ => None,
            },
            results: result_of,
        })
    }

    /// Returns whether chance is excluded.
    ///
    /// - Distinctive values, such as UUIDs, are not equal by chance.
    /// - Five or more keys in the order of the rows: chance has one order of 120. The same with the keys of all rows.
    /// - Nearly all keys of at least 20, in any order. An application can sort the rows.
    fn is_proof(&self) -> bool {
        let is_ordered = self.in_order >= 0.9;
        self.part >= PART_FOR_FINDING
            && (self.is_distinctive
                || (is_ordered && (self.keys >= 5 || self.covered >= 0.99))
                || (self.keys >= 20 && self.covered >= 0.9))
    }

    /// Returns whether it is worth a hint.
    fn is_hint(&self) -> bool {
        self.part >= PART_FOR_HINT && (self.covered >= 0.5 || (self.in_order >= 0.9 && self.keys >= 3))
    }

    fn is_better_than(&self, other: &Self) -> bool {
        let key = |one: &Self| (one.is_proof(), one.statements, one.part_of_rows);
        key(self).partial_cmp(&key(other)) == Some(std::cmp::Ordering::Greater)
    }
}

/// Returns one hash for the values of a key, or `None` if one of them is no value.
fn combined(mut hashes: impl Iterator<Item = u64>) -> Option<u64> {
    hashes.try_fold(0_u64, |all, hash| (hash != 0).then(|| all.rotate_left(23).wrapping_mul(31) ^ hash))
}

fn finding(shape: &Shape, source: &Shape, key: &[Explained], evidence: &Evidence) -> Finding {
    let names = |name: &dyn Fn(&Explained) -> String| key.iter().map(name).collect::<Vec<_>>().join(", ");
    Finding {
        kind: if shape.command == Command::Write { Kind::LoopOfWrites } else { Kind::NPlusOne },
        is_hint: !evidence.is_proof(),
        statements: evidence.statements as u64,
        shape: shape.text.clone(),
        parameter: names(&|part| format!("${}", part.place + 1)),
        from_shape: source.text.clone(),
        from_column: names(&|part| source.columns[part.column].clone()),
        from_statement: evidence.from_statement,
        is_to_one: shape.most_rows <= 1,
        column: key.first().and_then(|part| shape.places[part.place].clone()),
        note: String::new(),
    }
}

/// Returns how often a statement was sent again with the same values, before anything was written.
fn repeated(shape: &Shape) -> Option<Finding> {
    // Without a table, it asks for the version or whether the connection is alive.
    let reads_a_table = shape.command == Command::Data && shape.text.to_uppercase().contains("FROM ");
    if !reads_a_table {
        return None;
    }
    let mut seen = HashSet::new();
    let again = shape
        .executions
        .iter()
        .filter(|execution| !seen.insert((execution.identity, execution.writes_before)))
        .count();
    (again > 0).then(|| Finding {
        kind: Kind::Repeated,
        is_hint: false,
        statements: again as u64,
        shape: shape.text.clone(),
        parameter: String::new(),
        from_shape: String::new(),
        from_column: String::new(),
        from_statement: None,
        is_to_one: false,
        column: None,
        note: String::new(),
    })
}

fn idle(page: &Page) -> Option<Finding> {
    let (longest, others) = page.transactions.blocking?;
    Some(Finding {
        kind: Kind::IdleTransaction,
        is_hint: false,
        statements: 0,
        shape: String::new(),
        parameter: String::new(),
        from_shape: String::new(),
        from_column: String::new(),
        from_statement: None,
        is_to_one: false,
        column: None,
        note: format!(
            "A transaction was idle for {} ms while {others} other connection{} waited.",
            longest.as_millis(),
            if others == 1 { "" } else { "s" }
        ),
    })
}

#[cfg(test)]
mod tests;
