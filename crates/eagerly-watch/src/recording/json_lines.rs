//! Formats a recording as JSON lines, for `jq`, a spreadsheet, or your own program.

use serde::Serialize;

use super::tape::{Recorded, Tape};

/// One line of the output: a statement. Times are in microseconds.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    start_us: f64,
    elapsed_us: f64,
    round_trip_us: f64,
    /// Whether the session waited for the round trip. If not, the round trip is modelled.
    waited: bool,
    rows: u64,
    changed: u64,
    sql: &'a str,
    values: &'a str,
    call: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    /// The number of runs from which an advisor learned the strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned_from: Option<u32>,
    file: &'a str,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    parents_statement: Option<u64>,
    failed: bool,
}

pub(super) fn lines(tape: &Tape) -> String {
    let lines = tape.in_order().into_iter().map(|statement| {
        // The line contains only strings, numbers and booleans, so the serialization cannot fail.
        serde_json::to_string(&line(tape, statement)).unwrap_or_default() + "\n"
    });
    lines.collect()
}

fn line<'a>(tape: &'a Tape, statement: &'a Recorded) -> Line<'a> {
    let place = &tape.places[statement.place];
    Line {
        number: statement.number,
        start_us: micros(statement.start),
        elapsed_us: micros(statement.elapsed),
        round_trip_us: micros(statement.round_trip),
        waited: statement.waited,
        rows: statement.rows,
        changed: statement.changed,
        sql: tape.shapes.sql(statement.shape),
        values: &statement.values,
        call: place.call,
        relation: place.relation.map(ToString::to_string),
        learned_from: place.learned_from,
        file: place.at.file(),
        line: place.at.line(),
        parents_statement: (statement.parents_statement > 0).then_some(statement.parents_statement),
        failed: statement.failed,
    }
}

/// Converts a time to microseconds, rounded to one decimal. More digits would only enlarge the output.
pub(super) fn micros(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}
