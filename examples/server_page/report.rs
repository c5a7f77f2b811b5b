//! The figures as one JSON object: those of `admin_page`, and what the server reports.

use std::time::Duration;

use anyhow::Result;
use eagerly::Strategy;
use serde::Serialize;
use terminal::println;

use crate::database::Database;
use crate::runs::Run;
use crate::screen::milliseconds;
use crate::slow_log::THRESHOLD;
use crate::ways::Way;

#[derive(Serialize)]
struct Report<'a> {
    database: &'a str,
    customers: u64,
    orders: u64,
    items: u64,
    /// The value of `--round-trip`.
    round_trip_ms: f64,
    /// The median that the proxy measured at its start. Null without a proxy.
    round_trip_measured_ms: Option<f64>,
    runs: Vec<ReportedRun<'a>>,
    /// Null if the server belongs to the user.
    slow_log: Option<SlowLog>,
}

#[derive(Serialize)]
struct ReportedRun<'a> {
    strategy: &'a str,
    statements: u64,
    control: u64,
    rows: u64,
    round_trips: u64,
    /// Null if the statistics cannot be read. Then `server_ms` is missing.
    server_calls: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_ms: Option<f64>,
    /// Null without a proxy. So are the other figures of the wire.
    wire_statements: Option<u64>,
    wire_control: Option<u64>,
    wire_round_trips: Option<u64>,
    /// The shapes of the statements that are sent for each row.
    wire_n_plus_one: Option<Vec<&'a str>>,
    /// Missing if the way ends in an error, which is no page. So are `server_ms` and `modelled_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_ms: Option<f64>,
    /// Statements × `round_trip_ms`, to compare it with the measured time.
    #[serde(skip_serializing_if = "Option::is_none")]
    modelled_ms: Option<f64>,
    checksum: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct SlowLog {
    threshold_ms: u128,
    /// The number of bytes that the lazy page added. Null if it did not run.
    lazy_bytes: Option<u64>,
}

/// Prints the results as one JSON object.
pub fn print(database: &Database, runs: &[Run]) -> Result<()> {
    let [customers, orders, items] = database.rows;
    let round_trip = database.wire.as_ref().map_or(Duration::ZERO, |wire| wire.proxy.round_trip());
    let reported = |run| reported(run, round_trip);
    let lazy = runs.iter().find(|run| run.way == Way::Objects(Strategy::Lazy));
    let report = Report {
        database: &database.version,
        customers,
        orders,
        items,
        round_trip_ms: milliseconds(round_trip),
        round_trip_measured_ms: database.wire.as_ref().map(|wire| milliseconds(wire.proxy.measured())),
        runs: runs.iter().map(reported).collect(),
        slow_log: database.server.as_ref().map(|_| SlowLog {
            threshold_ms: THRESHOLD.as_millis(),
            lazy_bytes: lazy.and_then(Run::slow_bytes),
        }),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn reported(run: &Run, round_trip: Duration) -> ReportedRun<'_> {
    let (wire, is_page) = (run.wire.as_ref(), run.error.is_none());
    ReportedRun {
        strategy: run.way.name(),
        statements: run.statements,
        control: run.control,
        rows: run.rows,
        round_trips: run.round_trips,
        server_calls: run.calls(),
        server_ms: run.server_time().filter(|_| is_page).map(milliseconds),
        wire_statements: wire.map(|wire| wire.statements),
        wire_control: wire.map(|wire| wire.control),
        wire_round_trips: wire.map(|wire| wire.round_trips),
        wire_n_plus_one: wire
            .map(|wire| wire.findings.iter().map(|finding| finding.shape.as_str()).collect()),
        measured_ms: is_page.then(|| milliseconds(run.measured)),
        modelled_ms: is_page.then(|| run.statements as f64 * milliseconds(round_trip)),
        checksum: &run.checksum,
        error: run.error.as_deref(),
    }
}
