//! The data of a page as JSON, which the page's script reads.
//!
//! Times are in microseconds. The statements are stored by column, with one list for each property. This limits
//! the page for 33,001 statements to about 2 MB.

use std::time::Duration;

use serde::Serialize;

use crate::data::{Finding, Lane, Network, Shape, Statement, THRESHOLDS, Totals, Waterfall};
use crate::micros::{in_micros, micros};
use crate::sql::{Summary, shortened};

#[derive(Serialize)]
struct Figures<'a> {
    network: Network,
    totals: &'a Totals,
    /// The thresholds of `totals.slow`.
    thresholds: [u64; THRESHOLDS.len()],
    shapes: Vec<ShapeFigures<'a>>,
    places: &'a [String],
    lanes: &'a [Lane],
    statements: Columns<'a>,
    findings: &'a [Finding],
    advice: Option<&'a str>,
}

#[derive(Serialize)]
struct ShapeFigures<'a> {
    sql: &'a str,
    short: String,
    summary: String,
    statements: u64,
    rows: u64,
    #[serde(serialize_with = "micros")]
    in_database: Duration,
    #[serde(serialize_with = "micros")]
    slowest: Duration,
}

/// The properties of the statements. The flags are 0 or 1. A missing parent is 0, and a missing place is null.
#[derive(Serialize, Default)]
struct Columns<'a> {
    number: Vec<u64>,
    start: Vec<f64>,
    to_server: Vec<f64>,
    in_database: Vec<f64>,
    from_server: Vec<f64>,
    rows: Vec<u64>,
    changed: Vec<u64>,
    shape: Vec<usize>,
    values: Vec<&'a str>,
    place: Vec<Option<usize>>,
    lane: Vec<usize>,
    group: Vec<u64>,
    parent: Vec<u64>,
    control: Vec<u8>,
    failed: Vec<u8>,
}

/// Formats the data so that no text in it can end the script element or break a line of the script.
pub(crate) fn of(waterfall: &Waterfall) -> String {
    let figures = Figures {
        network: waterfall.network,
        totals: &waterfall.totals,
        thresholds: THRESHOLDS,
        shapes: waterfall.shapes.iter().map(shape).collect(),
        places: &waterfall.places,
        lanes: &waterfall.lanes,
        statements: columns(&waterfall.statements),
        findings: &waterfall.findings,
        advice: waterfall.advice.as_deref(),
    };
    // The data contains only strings, numbers and lists, so the serialization cannot fail.
    let figures = serde_json::to_string(&figures).unwrap_or_default();
    figures.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn shape(shape: &Shape) -> ShapeFigures<'_> {
    ShapeFigures {
        sql: &shape.sql,
        short: shortened(&shape.sql),
        summary: Summary::of(&shape.sql).text(),
        statements: shape.statements,
        rows: shape.rows,
        in_database: shape.in_database,
        slowest: shape.slowest,
    }
}

fn columns(statements: &[Statement]) -> Columns<'_> {
    let mut columns = Columns::default();
    for statement in statements {
        columns.number.push(statement.number);
        columns.start.push(in_micros(statement.start));
        columns.to_server.push(in_micros(statement.to_server));
        columns.in_database.push(in_micros(statement.in_database));
        columns.from_server.push(in_micros(statement.from_server));
        columns.rows.push(statement.rows);
        columns.changed.push(statement.changed);
        columns.shape.push(statement.shape);
        columns.values.push(&statement.values);
        columns.place.push(statement.place);
        columns.lane.push(statement.lane);
        columns.group.push(statement.group);
        columns.parent.push(statement.parent.unwrap_or(0));
        columns.control.push(u8::from(statement.is_control));
        columns.failed.push(u8::from(statement.failed));
    }
    columns
}
