//! Formats a recording as a self-contained HTML page, which opens in any browser without network access.
//!
//! This module collects the data. The crate [`waterfall`] draws it, and also draws the statements of programs that
//! do not use this ORM.

use std::time::Duration;

use eagerly::Kind;
use waterfall::{Lane, Network, Shape, Statement, Totals, Waterfall};

use super::tape::{Recorded, Tape};
use crate::advice::Advice;
use crate::report::Report;

pub(super) fn page(tape: &Tape, report: &Report, advice: &Advice) -> String {
    let totals = &tape.totals;
    let shapes = tape.shapes.iter().map(|(sql, shape)| Shape {
        sql: sql.to_owned(),
        statements: shape.statements,
        rows: shape.rows,
        in_database: shape.elapsed,
        slowest: shape.slowest,
    });
    let lanes = tape.lanes.all().iter().map(|lane| Lane { label: lane.label().into(), parent: lane.parent });
    waterfall::page(&Waterfall {
        network: match totals.waited {
            true => Network::Waited,
            false => Network::Modelled { round_trip: totals.round_trip },
        },
        totals: Totals {
            statements: totals.statements,
            not_kept: tape.not_kept(),
            failed: totals.failed,
            rows: totals.rows,
            in_database: totals.elapsed,
            slowest: totals.slowest,
            slow: totals.slow,
        },
        shapes: shapes.collect(),
        places: tape.places.iter().map(ToString::to_string).collect(),
        lanes: lanes.collect(),
        statements: tape.in_order().into_iter().map(|recorded| statement(tape, recorded)).collect(),
        findings: report.findings(),
        advice: Some(advice.to_string()),
        ..Waterfall::default()
    })
}

fn statement(tape: &Tape, recorded: &Recorded) -> Statement {
    Statement {
        number: recorded.number,
        start: recorded.start,
        in_database: recorded.elapsed,
        from_server: if recorded.waited { recorded.round_trip } else { Duration::ZERO },
        rows: recorded.rows,
        changed: recorded.changed,
        shape: recorded.shape,
        values: recorded.values.clone(),
        place: Some(recorded.place),
        lane: recorded.lane,
        group: recorded.parents,
        parent: (recorded.parents_statement > 0).then_some(recorded.parents_statement),
        is_control: tape.places[recorded.place].kind == Kind::Control,
        failed: recorded.failed,
        ..Statement::default()
    }
}
