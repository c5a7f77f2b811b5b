//! Formats a recording as a self-contained HTML page, which opens in any browser without network access.
//!
//! This module collects the data; `waterfall.js` draws it and `waterfall.css` styles it. The data is stored
//! by column, with one list for each property of a statement. This limits the page for 33,001 statements to
//! about 2 MB.

use serde::Serialize;

use super::json_lines::micros;
use super::tape::Tape;
use super::totals::SLOW;
use crate::advice::Advice;
use crate::report::Report;
use crate::sql::{Summary, shortened};

const PAGE: &str = include_str!("waterfall.html");
const STYLE: &str = include_str!("waterfall.css");
const SCRIPT: &str = include_str!("waterfall.js");

#[derive(Serialize)]
struct Figures<'a> {
    totals: TotalFigures,
    shapes: Vec<ShapeFigures<'a>>,
    places: Vec<String>,
    lanes: Vec<LaneFigures>,
    statements: Columns<'a>,
    findings: Vec<String>,
    advice: String,
}

/// The totals. Times are in microseconds, here and in the following structs.
#[derive(Serialize)]
struct TotalFigures {
    statements: u64,
    not_kept: u64,
    failed: u64,
    rows: u64,
    elapsed: f64,
    slowest: f64,
    round_trip: f64,
    waits: bool,
    over: &'static [f64],
    slow: Vec<u64>,
}

#[derive(Serialize)]
struct ShapeFigures<'a> {
    sql: &'a str,
    short: String,
    summary: String,
    statements: u64,
    rows: u64,
    elapsed: f64,
    slowest: f64,
}

#[derive(Serialize)]
struct LaneFigures {
    label: String,
    parent: Option<usize>,
    cohorts: u64,
    rows: u64,
}

#[derive(Serialize, Default)]
struct Columns<'a> {
    number: Vec<u64>,
    start: Vec<f64>,
    elapsed: Vec<f64>,
    waited: Vec<f64>,
    rows: Vec<u64>,
    changed: Vec<u64>,
    shape: Vec<usize>,
    place: Vec<usize>,
    lane: Vec<usize>,
    cohort: Vec<u64>,
    parents: Vec<u64>,
    values: Vec<&'a str>,
    control: Vec<u8>,
    failed: Vec<u8>,
}

pub(super) fn page(tape: &Tape, report: &Report, advice: &Advice) -> String {
    // Escape `<` and the line separators, so that recorded text cannot end or break the script element.
    let figures = serde_json::to_string(&figures(tape, report, advice)).unwrap_or_default();
    let figures =
        figures.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    // Insert the data last: it can contain the text of a placeholder, which must not be replaced.
    PAGE.replace("{{style}}", STYLE).replace("{{script}}", SCRIPT).replacen("{{figures}}", &figures, 1)
}

fn figures<'a>(tape: &'a Tape, report: &Report, advice: &Advice) -> Figures<'a> {
    let totals = &tape.totals;
    let shapes = tape.shapes.iter().map(|(sql, shape)| ShapeFigures {
        sql,
        short: shortened(sql),
        summary: Summary::of(sql).text(),
        statements: shape.statements,
        rows: shape.rows,
        elapsed: micros(shape.elapsed),
        slowest: micros(shape.slowest),
    });
    let lanes = tape.lanes.all().iter().map(|lane| LaneFigures {
        label: lane.label(),
        parent: lane.parent,
        cohorts: lane.cohorts,
        rows: lane.rows,
    });
    Figures {
        totals: TotalFigures {
            statements: totals.statements,
            not_kept: tape.not_kept(),
            failed: totals.failed,
            rows: totals.rows,
            elapsed: micros(totals.elapsed),
            slowest: micros(totals.slowest),
            round_trip: micros(totals.round_trip),
            waits: totals.waited,
            over: &SLOW,
            slow: totals.over.to_vec(),
        },
        shapes: shapes.collect(),
        places: tape.places.iter().map(ToString::to_string).collect(),
        lanes: lanes.collect(),
        statements: columns(tape),
        findings: report.sections(),
        advice: advice.to_string(),
    }
}

fn columns(tape: &Tape) -> Columns<'_> {
    let mut columns = Columns::default();
    for statement in tape.in_order() {
        columns.number.push(statement.number);
        columns.start.push(micros(statement.start));
        columns.elapsed.push(micros(statement.elapsed));
        columns.waited.push(if statement.waited { micros(statement.round_trip) } else { 0.0 });
        columns.rows.push(statement.rows);
        columns.changed.push(statement.changed);
        columns.shape.push(statement.shape);
        columns.place.push(statement.place);
        columns.lane.push(statement.lane);
        columns.cohort.push(statement.parents);
        columns.parents.push(statement.parents_statement);
        columns.values.push(&statement.values);
        let is_control = tape.places[statement.place].kind == eagerly::Kind::Control;
        columns.control.push(u8::from(is_control));
        columns.failed.push(u8::from(statement.failed));
    }
    columns
}
