//! Totals over all statements, and per shape (a statement's text without its values).
//!
//! They are exact: they include the statements that are too old to be kept.

use std::time::Duration;

use eagerly::{Event, Kind};
use waterfall::SlowCounts;

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
    pub(super) slow: SlowCounts,
}

impl Totals {
    pub(super) fn add(&mut self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            self.control += 1;
            return;
        }
        self.statements += 1;
        self.slow.add(event.elapsed);
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

/// The totals of one shape.
#[derive(Default)]
pub(super) struct ShapeTotals {
    pub(super) statements: u64,
    pub(super) rows: u64,
    pub(super) elapsed: Duration,
    pub(super) slowest: Duration,
}

impl ShapeTotals {
    pub(super) fn add(&mut self, event: &Event<'_>) {
        self.statements += 1;
        self.rows += event.rows;
        self.elapsed += event.elapsed;
        self.slowest = self.slowest.max(event.elapsed);
    }
}
