//! Totals over all statements, and per shape (a statement's text without its values).
//!
//! They are exact: they include the statements that are too old to be kept.

use std::collections::HashMap;
use std::time::Duration;

use eagerly::{Event, Kind};

use super::DISTINCT;

/// The totals over all statements.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) statements: u64,
    pub(super) control: u64,
    pub(super) failed: u64,
    pub(super) rows: u64,
    pub(super) elapsed: Duration,
    pub(super) slowest: Duration,
    /// The last modelled round trip.
    pub(super) round_trip: Duration,
    /// Whether the session waited for any round trip.
    pub(super) waited: bool,
    /// For each threshold of [`SLOW`], the number of statements that took longer.
    pub(super) over: [u64; SLOW.len()],
}

/// The thresholds of the slow-query log on the waterfall page, in milliseconds.
pub(super) const SLOW: [f64; 16] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
];

impl Totals {
    pub(super) fn add(&mut self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            self.control += 1;
            return;
        }
        self.statements += 1;
        let milliseconds = event.elapsed.as_secs_f64() * 1e3;
        let over = SLOW
            .iter()
            .take_while(|threshold| milliseconds > **threshold)
            .count();
        self.over[..over].iter_mut().for_each(|count| *count += 1);
        self.failed += u64::from(event.error.is_some());
        self.rows += event.rows;
        self.elapsed += event.elapsed;
        self.slowest = self.slowest.max(event.elapsed);
        match event.network {
            Some(network) if network.waits() => self.waited = true,
            Some(network) => self.round_trip = network.round_trip(),
            None => {}
        }
    }
}

/// The shapes, numbered in the order of their first statement.
#[derive(Default)]
pub(super) struct Shapes {
    all: Vec<ShapeTotals>,
    numbers: HashMap<String, usize>,
}

/// The totals of one shape.
pub(super) struct ShapeTotals {
    pub(super) sql: String,
    pub(super) statements: u64,
    pub(super) rows: u64,
    pub(super) elapsed: Duration,
    pub(super) slowest: Duration,
}

impl Shapes {
    pub(super) fn all(&self) -> &[ShapeTotals] {
        &self.all
    }

    pub(super) fn sql(&self, number: usize) -> &str {
        &self.all[number].sql
    }

    /// Adds a statement to the totals of its shape, and sets `guess` to the number of this shape.
    ///
    /// If `guess` is already correct, one comparison replaces the hash lookup.
    pub(super) fn add(&mut self, event: &Event<'_>, guess: &mut usize) {
        let is_guessed = self.all.get(*guess).is_some_and(|shape| shape.sql == event.sql);
        if !is_guessed {
            *guess = self.number(event.sql);
        }
        let shape = &mut self.all[*guess];
        shape.statements += 1;
        shape.rows += event.rows;
        shape.elapsed += event.elapsed;
        shape.slowest = shape.slowest.max(event.elapsed);
    }

    fn number(&mut self, sql: &str) -> usize {
        if let Some(number) = self.numbers.get(sql) {
            return *number;
        }
        let sql = match self.all.len() < DISTINCT {
            true => sql,
            false => "(other statements)",
        };
        let all = &mut self.all;
        *self.numbers.entry(sql.to_owned()).or_insert_with(|| {
            all.push(ShapeTotals {
                sql: sql.to_owned(),
                statements: 0,
                rows: 0,
                elapsed: Duration::ZERO,
                slowest: Duration::ZERO,
            });
            all.len() - 1
        })
    }
}
