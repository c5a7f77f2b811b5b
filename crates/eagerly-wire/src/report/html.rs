//! The waterfall of a page, as a file for a browser.
//!
//! Each shape has a lane. The lane of statements that were caused by rows is below the lane of these rows. So the waterfall
//! shows the flow of data.

use std::sync::Arc;
use std::time::Duration;

use waterfall::{Label, Lane, Network, Shape, Statement, Totals, Waterfall};

use super::Report;
use crate::findings::{Cause, Found, Kind};
use crate::page::{Page, Times};

impl Report {
    /// Returns the waterfall of the page that waited longest, as a file that opens in any browser without a network.
    ///
    /// It contains at most 100,000 statements. Returns `None` if no page has passed.
    #[must_use]
    pub fn to_html(&self) -> Option<String> {
        self.longest.as_ref().map(|(_, waterfall)| waterfall::page(waterfall))
    }
}

/// Returns the waterfall of a page.
pub(super) fn waterfall(page: &Page, found: &[Found]) -> Arc<Waterfall> {
    let cause =
        |shape: usize| found.iter().find(|one| one.shape == Some(shape)).and_then(|one| one.cause.as_ref());
    let lanes = page.shapes.iter().enumerate().map(|(number, _)| Lane {
        label: Label::Shape(number),
        // A shape can be its own source, when it walks down a tree.
        parent: cause(number).map(|cause| cause.source).filter(|source| *source < number),
    });
    let start = page.times.first().map(|times| times.ended.sent);
    let statements = page.times.iter().enumerate().map(|(position, times)| {
        let result = result(cause(times.shape), times);
        let source = result.map(|(source, result)| &page.shapes[source].results[result]);
        Statement {
            number: position as u64 + 1,
            start: start.map_or(Duration::ZERO, |start| times.ended.sent.saturating_duration_since(start)),
            to_server: times.ended.to_server,
            in_database: times.ended.server,
            from_server: times.ended.from_server,
            rows: times.ended.rows,
            shape: times.shape,
            lane: times.shape,
            group: source.map_or(0, |source| source.position as u64 + 1),
            parent: source
                .map(|source| source.position as u64 + 1)
                .filter(|number| *number <= page.times.len() as u64),
            is_control: times.is_control,
            failed: times.ended.is_failed,
            ..Statement::default()
        }
    });
    let shapes = page.shapes.iter().map(|shape| Shape {
        sql: shape.text.clone(),
        statements: shape.statements,
        rows: shape.rows,
        in_database: shape.server,
        slowest: shape.slowest,
    });
    let findings = found.iter().map(|one| {
        let text = one.finding.to_string();
        if one.finding.is_hint || one.finding.kind == Kind::Repeated {
            waterfall::Finding::hint(text)
        } else {
            waterfall::Finding::problem(text)
        }
    });
    let name = page.name.as_ref().map(|name| format!(": {name}")).unwrap_or_default();
    Arc::new(Waterfall {
        title: "Waterfall on the wire".to_owned(),
        heading: format!("Statements on the wire{name}"),
        network: Network::Measured { round_trips: page.round_trips, on_the_wire: page.wire },
        totals: totals(page),
        shapes: shapes.collect(),
        lanes: lanes.collect(),
        statements: statements.collect(),
        findings: findings.collect(),
        ..Waterfall::default()
    })
}

/// Returns the shape and the number of the result whose row caused a statement.
fn result(cause: Option<&Cause>, times: &Times) -> Option<(usize, usize)> {
    let cause = cause?;
    let result = *cause.results.get(times.execution?)?;
    Some((cause.source, result?))
}

fn totals(page: &Page) -> Totals {
    let mut totals = Totals {
        statements: page.statements,
        not_kept: (page.statements + page.control).saturating_sub(page.times.len() as u64),
        failed: page.failed,
        rows: page.rows,
        ..Totals::default()
    };
    for times in page.times.iter().filter(|times| !times.is_control) {
        totals.in_database += times.ended.server;
        totals.slowest = totals.slowest.max(times.ended.server);
        totals.slow.add(times.ended.server);
    }
    totals
}
