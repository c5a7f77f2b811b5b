//! Finds repeated statements whose cause is unknown: raw SQL, and queries in a loop.
//!
//! Tools that see only the text of statements use this method for every N+1. A repetition can be an N+1
//! written by hand, or a loop that is necessary. So the report lists it as a hint, separate from the N+1
//! findings.
//!
//! - *similar*: one call sends the same statement many times with different values. The values can be bound, or
//!   written into the text (`literals.rs`).
//! - *duplicate*: the same statement is sent again with the same values, and no row was changed in between.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher};

use eagerly::{CallSite, Event, Kind};

use crate::bounded::Bounded;
use crate::literals::Shape;

/// The minimum number of statements for a [`Similar`] hint.
const SIMILAR: u64 = 5;

/// The capacity for statements, and for calls. Older ones are evicted.
const REMEMBERED: usize = 10_000;

/// The maximum number of [`Duplicate`] hints.
const DUPLICATES: usize = 1_000;

/// A call that sent at least five statements of the same shape (the same text, apart from values).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Similar {
    /// The SQL text, cut off after 300 characters. If the statements differ in values in their text, it has a `?` in
    /// place of each value or list of values.
    pub sql: String,
    /// The name of the called method: `query`, `get`, …
    pub call: &'static str,
    /// The line that calls it.
    pub at: CallSite,
    /// The number of statements.
    pub statements: u64,
    /// Whether the statements differ in values that are written into their text, instead of being bound.
    pub has_written_values: bool,
    /// A hash of the values in the first text.
    values: u64,
}

/// A statement that was sent again with the same values, although no row had changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Duplicate {
    /// The SQL text, cut off after 300 characters.
    pub sql: String,
    /// The values of the first repetition, separated by commas.
    pub values: String,
    /// The line that caused the repetition.
    pub at: CallSite,
    /// The number of repetitions. The first statement does not count.
    pub repetitions: u64,
}

pub(crate) struct Repeats {
    calls: Bounded<(CallSite, u64), Similar>,
    seen: Bounded<u64, ()>,
    duplicates: Vec<Duplicate>,
}

impl Repeats {
    pub(crate) fn new() -> Self {
        Self { calls: Bounded::new(REMEMBERED), seen: Bounded::new(REMEMBERED), duplicates: Vec::new() }
    }

    /// Records a statement that is not part of an N+1.
    pub(crate) fn statement(&mut self, event: &Event<'_>) {
        if let eagerly::Cause::Explicit { call, at } = event.cause
            && !matches!(call, "insert_all" | "upsert_all" | "check_tables")
        {
            let shape = Shape::of(event.sql);
            let similar = self.calls.entry((at, hash_of(&shape.text)), || Similar {
                sql: beginning(event.sql),
                call,
                at,
                statements: 0,
                has_written_values: false,
                values: shape.values,
            });
            similar.statements += 1;
            if !similar.has_written_values && similar.values != shape.values {
                similar.has_written_values = true;
                similar.sql = beginning(&shape.text);
            }
        }
        if event.changed > 0 {
            // The next read can return different rows, so it is not a duplicate.
            self.seen.clear();
            return;
        }
        // An eager load repeats only if its query does, and the query is recorded.
        let may_repeat = matches!(event.cause.kind(), Kind::Explicit | Kind::Access);
        // Of hidden values, it is not known whether they are the same.
        if may_repeat && event.error.is_none() && event.rows > 0 && !event.redacted {
            self.look_for_its_like(event);
        }
    }

    /// Records transaction control. After a rollback, a read can return different rows, so it is not a
    /// duplicate.
    pub(crate) fn control(&mut self, event: &Event<'_>) {
        if event.sql.starts_with("ROLLBACK") {
            self.seen.clear();
        }
    }

    fn look_for_its_like(&mut self, event: &Event<'_>) {
        let identity = identity(event);
        if self.seen.get(&identity).is_none() {
            self.seen.entry(identity, || ());
            return;
        }
        let at = event.cause.at();
        let sql = beginning(event.sql);
        let is_it = |known: &&mut Duplicate| known.at == at && known.sql == sql;
        if let Some(known) = self.duplicates.iter_mut().find(is_it) {
            known.repetitions += 1;
        } else if self.duplicates.len() < DUPLICATES {
            self.duplicates.push(Duplicate { sql, values: event.shown_values(), at, repetitions: 1 });
        }
    }

    pub(crate) fn similar(&self) -> Vec<Similar> {
        let calls = self.calls.iter().map(|(_, similar)| similar);
        calls.filter(|similar| similar.statements >= SIMILAR).cloned().collect()
    }

    pub(crate) fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }
}

/// Returns the first 300 characters of a statement: raw SQL can be of any length.
fn beginning(sql: &str) -> String {
    const SHOWN: usize = 300;
    match sql.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &sql[..end]),
        None => sql.to_owned(),
    }
}

fn hash_of(sql: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    sql.hash(&mut hasher);
    hasher.finish()
}

/// Hashes a statement with its values. A hash bounds the memory, because a statement can be of any length.
fn identity(event: &Event<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.sql.hash(&mut hasher);
    event.values.hash(&mut hasher);
    hasher.finish()
}
