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
//! finding is a hint. `names` compares the columns' names, for values such as 1, 2, 3.

mod columns;
mod evidence;
mod names;

use std::collections::{BTreeSet, HashSet};

use crate::page::{Page, Shape};
use crate::sql::Command;
use columns::{ColumnsOf, Explained, Wanted};
use evidence::Evidence;

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
    /// How many statements have returned such rows.
    pub from_statements: u64,
    /// How many different keys the statements have.
    pub keys: u64,
    /// The number of these rows.
    pub from_rows: u64,
    /// Whether each of the statements returned at most one row, so the relation is to one.
    pub is_to_one: bool,
    /// The column that the parameter is compared with, if the shape has the form `column = $1`.
    pub column: Option<String>,
    /// What else is known, as a sentence. Empty if nothing is.
    pub note: String,
}

impl Finding {
    /// Returns a finding that is about no statement and no rows.
    pub(crate) fn bare(kind: Kind) -> Self {
        Self {
            kind,
            is_hint: false,
            statements: 0,
            shape: String::new(),
            parameter: String::new(),
            from_shape: String::new(),
            from_column: String::new(),
            from_statement: None,
            from_statements: 0,
            keys: 0,
            from_rows: 0,
            is_to_one: false,
            column: None,
            note: String::new(),
        }
    }
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
    let wanted: Vec<Vec<Wanted>> = page.shapes.iter().map(Wanted::all_of).collect();
    let columns = ColumnsOf::values(page, &wanted);
    let mut all: Vec<Found> = Vec::new();
    for (number, shape) in page.shapes.iter().enumerate() {
        let is_caused = |source| {
            all.iter().any(|one| one.shape == Some(source) && one.cause.is_some() && !one.finding.is_hint)
        };
        let explained: Vec<_> = wanted[number].iter().map(|one| columns.explain(page, shape, one)).collect();
        if let Some((finding, cause)) = cause(page, shape, &explained, &is_caused) {
            all.push(Found { finding, shape: Some(number), cause: Some(cause) });
        } else if let Some(finding) = repeated(shape) {
            all.push(Found { finding, shape: Some(number), cause: None });
        }
    }
    // What costs the most round trips comes first, in the order of the page.
    all.sort_by_key(|one| (one.finding.kind == Kind::Repeated, one.finding.is_hint));
    all.extend(idle(page).map(|finding| Found { finding, shape: None, cause: None }));
    all
}

/// Returns the rows that caused the statements of a shape. `explained` has the columns for each place.
fn cause(
    page: &Page,
    shape: &Shape,
    explained: &[Vec<Explained>],
    is_caused: &dyn Fn(usize) -> bool,
) -> Option<(Finding, Cause)> {
    let mut best: Option<(Evidence, Finding, usize)> = None;
    let sources: BTreeSet<_> = explained.iter().flatten().map(|one| one.source).collect();
    for number in sources {
        let source = &page.shapes[number];
        let of_source = |columns: &&Explained| columns.source == number;
        // A key of several columns is tried as a whole, with the best column for each place. Then each column is tried alone.
        // `orders.id` has the keys of all customers, too. Only the order distinguishes it from `orders.customer_id`.
        let whole: Vec<_> =
            explained.iter().filter_map(|columns| columns.iter().find(of_source).copied()).collect();
        let single = explained.iter().flatten().filter(of_source).map(std::slice::from_ref);
        for key in Some(&whole[..]).filter(|key| key.len() > 1).into_iter().chain(single) {
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
        from_statements: evidence.from_statements,
        keys: evidence.keys as u64,
        from_rows: source.kept_rows() as u64,
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
        statements: again as u64,
        shape: shape.text.clone(),
        ..Finding::bare(Kind::Repeated)
    })
}

fn idle(page: &Page) -> Option<Finding> {
    let (longest, others) = page.transactions.blocking?;
    Some(Finding {
        note: format!(
            "A transaction was idle for {} ms while {others} other connection{} waited.",
            longest.as_millis(),
            if others == 1 { "" } else { "s" }
        ),
        ..Finding::bare(Kind::IdleTransaction)
    })
}

#[cfg(test)]
mod tests;
