//! Units for criterion other than time: counts that are exact and the same on every machine.

use criterion::Throughput;
use criterion::measurement::{Measurement, ValueFormatter};
use eagerly::Session;
use eagerly::numbers::count;

/// A count of a session as a unit of measurement.
pub struct Counted {
    /// Returns the count so far.
    pub counter: Box<dyn Fn() -> u64>,
    /// The name of the unit, such as `statements`.
    pub unit: &'static str,
}

impl Counted {
    /// Counts the statements of a session, without `BEGIN` and `COMMIT`.
    pub fn statements(session: &Session) -> Self {
        let tally = session.tally();
        Self { counter: Box::new(move || tally.statements()), unit: "statements" }
    }

    /// Counts the rows that a session reads.
    pub fn rows(session: &Session) -> Self {
        let tally = session.tally();
        Self { counter: Box::new(move || tally.rows()), unit: "rows" }
    }
}

impl Measurement for Counted {
    type Intermediate = u64;
    type Value = u64;

    fn start(&self) -> u64 {
        (self.counter)()
    }

    fn end(&self, start: u64) -> u64 {
        (self.counter)() - start
    }

    fn add(&self, one: &u64, other: &u64) -> u64 {
        one + other
    }

    fn zero(&self) -> u64 {
        0
    }

    fn to_f64(&self, value: &u64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Counted {
    fn format_value(&self, value: f64) -> String {
        format!("{} {}", count(value.round() as u64), self.unit)
    }

    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        self.unit
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        self.unit
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        self.unit
    }
}
