//! Statements that repeat, and of which nobody knows the reason: raw SQL, and queries in a loop.
//!
//! This is what other tools go by for everything, since text is all they have. It may be an N+1 written by hand, or a
//! loop that has to be one; so it is a hint, kept apart from what is known.
//!
//! - *similar*: one call, again and again, with other values;
//! - *duplicate*: the same statement with the same values, with no change to any row in between.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher};

use eagerly::{CallSite, Event, Kind, Value};

use crate::bounded::Bounded;

/// From how many on statements are called similar.
const SIMILAR: u64 = 5;

/// How many statements, and how many calls, are kept in mind at a time.
const REMEMBERED: usize = 10_000;

/// How many duplicates are kept.
const DUPLICATES: usize = 1_000;

/// A call that sent statements of one shape five times or more.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Similar {
    /// The text, or the beginning of a long one.
    pub sql: String,
    /// What was called: `query`, `get`, …
    pub call: &'static str,
    /// Where.
    pub at: CallSite,
    /// How many times.
    pub statements: u64,
}

/// A statement that was sent several times with the same values, although nothing had changed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Duplicate {
    /// The text, or the beginning of a long one.
    pub sql: String,
    /// The values of the first that came twice.
    pub values: String,
    /// Where the repetition was asked for.
    pub at: CallSite,
    /// How many statements told nothing new.
    pub repetitions: u64,
}

/// Finds repetitions.
pub(crate) struct Repeats {
    calls: Bounded<(CallSite, u64), Similar>,
    seen: Bounded<u64, ()>,
    duplicates: Vec<Duplicate>,
}

impl Repeats {
    pub(crate) fn new() -> Self {
        Self {
            calls: Bounded::new(REMEMBERED),
            seen: Bounded::new(REMEMBERED),
            duplicates: Vec::new(),
        }
    }

    /// Takes note of a statement.
    pub(crate) fn statement(&mut self, event: &Event<'_>) {
        if let eagerly::Cause::Explicit { call, at } = event.cause
            && call != "insert_all"
        {
            let similar = self.calls.entry((at, hash_of(event.sql)), || Similar {
                sql: beginning(event.sql),
                call,
                at,
                statements: 0,
            });
            similar.statements += 1;
        }
        if event.changed > 0 {
            // What is read from now on may be new.
            self.seen.clear();
            return;
        }
        // An eager load repeats because its query does, and that is told of.
        let may_repeat = matches!(event.cause.kind(), Kind::Explicit | Kind::Access);
        if may_repeat && event.error.is_none() && event.rows > 0 {
            self.look_for_its_like(event);
        }
    }

    /// Takes note of transaction control. What is read after something was undone may differ from what was read before.
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
            let values: Vec<_> = event.values.iter().map(ToString::to_string).collect();
            self.duplicates.push(Duplicate {
                sql,
                values: values.join(", "),
                at,
                repetitions: 1,
            });
        }
    }

    pub(crate) fn similar(&self) -> Vec<Similar> {
        let calls = self.calls.iter().map(|(_, similar)| similar);
        calls
            .filter(|similar| similar.statements >= SIMILAR)
            .cloned()
            .collect()
    }

    pub(crate) fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }
}

/// As much of a text as is shown: raw SQL may be of any length.
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

/// A number for a statement with its values.
fn identity(event: &Event<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    event.sql.hash(&mut hasher);
    event.values.iter().for_each(|value| hash(value, &mut hasher));
    hasher.finish()
}

fn hash(value: &Value<'_>, hasher: &mut impl Hasher) {
    match value {
        Value::Null => 0.hash(hasher),
        Value::Integer(integer) => (1, integer).hash(hasher),
        Value::Real(real) => (2, real.to_bits()).hash(hasher),
        Value::Text(text) => (3, text).hash(hasher),
        Value::Blob(bytes) => (4, bytes).hash(hasher),
        Value::Array(array) => {
            (5, array.len()).hash(hasher);
            array.iter().for_each(|value| hash(&value, hasher));
        }
    }
}
