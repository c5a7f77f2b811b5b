//! The report as one JSON object.
//!
//! ```text
//! {"pages": [{"statements", "round_trips", "rows", "wire_ms", "server_ms", …, "findings": [{"kind", …}]}]}
//! ```

use serde::Serialize;

use super::{Page, Report, Transaction};
use crate::findings::{Finding, Kind};

#[derive(Serialize)]
struct All<'r> {
    pages: Vec<OnePage<'r>>,
    pages_left_out: u64,
    messages_not_understood: u64,
}

#[derive(Serialize)]
struct OnePage<'r> {
    page: u64,
    connection: u64,
    name: Option<&'r str>,
    statements: u64,
    control_statements: u64,
    failed: u64,
    round_trips: u64,
    rows: u64,
    wire_ms: f64,
    server_ms: f64,
    elapsed_ms: f64,
    transactions: Vec<OneTransaction>,
    idle_in_transaction_ms: f64,
    shapes: Vec<OneShape<'r>>,
    findings: Vec<OneFinding<'r>>,
    values_left_out: u64,
}

#[derive(Serialize)]
struct OneTransaction {
    statements: u64,
    control_statements: u64,
    round_trips: u64,
    rows: u64,
    wire_ms: f64,
    server_ms: f64,
    idle_ms: f64,
}

#[derive(Serialize)]
struct OneShape<'r> {
    shape: &'r str,
    control: bool,
    statements: u64,
    rows: u64,
    server_ms: f64,
    slowest_ms: f64,
}

#[derive(Serialize)]
struct OneFinding<'r> {
    kind: &'static str,
    hint: bool,
    statements: u64,
    shape: &'r str,
    parameter: &'r str,
    from_shape: &'r str,
    from_column: &'r str,
    from_statement: Option<u64>,
    note: &'r str,
}

impl Kind {
    /// Returns the name of the kind in JSON, for example `n+1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NPlusOne => "n+1",
            Self::LoopOfWrites => "loop-of-writes",
            Self::Repeated => "repeated",
            Self::IdleTransaction => "idle-transaction",
        }
    }
}

impl Report {
    /// Returns the report as one JSON object, on one line. Times are in milliseconds.
    ///
    /// ```
    /// use eagerly_wire::{Recorder, Settings};
    ///
    /// let recorder = Recorder::new(Settings::default());
    /// let json = recorder.report().to_json();
    /// assert_eq!(json, r#"{"pages":[],"pages_left_out":0,"messages_not_understood":0}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let all = All {
            pages: self.pages.iter().map(page).collect(),
            pages_left_out: self.pages_left_out,
            messages_not_understood: self.not_understood,
        };
        // Only a map with keys that are no texts can fail.
        serde_json::to_string(&all).unwrap_or_default()
    }
}

fn page(page: &Page) -> OnePage<'_> {
    let shapes = page.shapes.iter().map(|shape| OneShape {
        shape: &shape.text,
        control: shape.is_control,
        statements: shape.statements,
        rows: shape.rows,
        server_ms: milliseconds(shape.server),
        slowest_ms: milliseconds(shape.slowest),
    });
    OnePage {
        page: page.number,
        connection: page.connection,
        name: page.name.as_deref(),
        statements: page.statements,
        control_statements: page.control,
        failed: page.failed,
        round_trips: page.round_trips,
        rows: page.rows,
        wire_ms: milliseconds(page.wire),
        server_ms: milliseconds(page.server),
        elapsed_ms: milliseconds(page.elapsed),
        transactions: page.transactions.iter().map(transaction).collect(),
        idle_in_transaction_ms: milliseconds(page.idle_in_transaction),
        shapes: shapes.collect(),
        findings: page.findings.iter().map(finding).collect(),
        values_left_out: page.values_left_out,
    }
}

fn transaction(one: &Transaction) -> OneTransaction {
    OneTransaction {
        statements: one.statements,
        control_statements: one.control,
        round_trips: one.round_trips,
        rows: one.rows,
        wire_ms: milliseconds(one.wire),
        server_ms: milliseconds(one.server),
        idle_ms: milliseconds(one.idle),
    }
}

fn finding(finding: &Finding) -> OneFinding<'_> {
    OneFinding {
        kind: finding.kind.name(),
        hint: finding.is_hint,
        statements: finding.statements,
        shape: &finding.shape,
        parameter: &finding.parameter,
        from_shape: &finding.from_shape,
        from_column: &finding.from_column,
        from_statement: finding.from_statement,
        note: &finding.note,
    }
}

/// Returns a time in milliseconds, to the microsecond.
fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}
