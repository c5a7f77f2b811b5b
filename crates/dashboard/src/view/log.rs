//! The tab of the logs: the first statements with the lines that caused them, and the slow-query log.

use std::time::Duration;

use eagerly::numbers::{count, counted, time};
use maud::{Markup, html};

use super::copied;
use crate::build::Built;
use crate::journal::Entry;
use crate::meter::THRESHOLDS;
use crate::settings::{Settings, in_milliseconds};

/// Renders both logs.
pub fn logs(settings: &Settings, built: &Built) -> Markup {
    html! {
        section.panel {
            h2 { "The slow-query log" }
            (slow_log(settings, built))
        }
        section.panel {
            h2 { "Every statement, as " code { "session.echo(true)" } " prints it" }
            (echo(built))
        }
    }
}

/// Renders the first statements.
fn echo(built: &Built) -> Markup {
    let first = &built.run.journal.first;
    let rest = built.run.statements.saturating_sub(first.len() as u64);
    let list = html! {
        ol.echo tabindex="0" aria-label="The first statements" { @for entry in first { (line(entry)) } }
    };
    html! {
        (copied("the statements", list))
        @if rest > 0 { p { "… and " b { (counted(rest, "more statement")) } ", of the same shapes." } }
    }
}

fn line(entry: &Entry) -> Markup {
    // Without the list of columns, the rest of the statement fits on the screen.
    let sql = match entry.sql.find(" FROM ") {
        Some(from) if entry.sql.starts_with("SELECT ") => format!("SELECT …{}", &entry.sql[from..]),
        _ => entry.sql.clone(),
    };
    html! {
        li {
            code { (sql) @if !entry.values.is_empty() { " " b { "[" (entry.values) "]" } } }
            div.place { (entry.cause) ", " (counted(entry.rows, "row")) }
        }
    }
}

fn slow_log(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    let step = nearest_threshold(settings.slow);
    let thresholds = THRESHOLDS.map(|threshold| threshold.to_string()).join(" ");
    let over = run.over.map(|over| over.to_string()).join(" ");
    html! {
        p #slow-log.empty[built.slow_ones == 0] data-thresholds=(thresholds) data-over=(over) {
            @if built.slow_ones == 0 { b { "EMPTY. " } }
            (counted(built.slow_ones, "statement")) " over " (time(settings.slow)) "."
        }
        label { "Threshold " input #threshold type="range" min="0" max=(THRESHOLDS.len() - 1) value=(step) aria-describedby="slow-log"; }
        p.place {
            "Measured, in the database: "
            @if run.statements == 1 { "the statement took " (time(run.slowest)) "." } @else {
                "the slowest of " (counted(run.statements, "statement")) " took " (time(run.slowest)) ", all together "
                (time(run.elapsed)) "."
            }
        }
        @if !built.slow.is_empty() {
            ol.slow {
                @for slow in built.slow.iter().rev().take(50) {
                    li { b { (time(slow.elapsed)) } " #" (count(slow.number)) " " code { (slow.sql) } div.place { (slow.place) } }
                }
            }
        }
    }
}

/// Returns the position of the slider for a threshold.
fn nearest_threshold(slow: Duration) -> usize {
    let milliseconds = in_milliseconds(slow);
    let before = THRESHOLDS.iter().take_while(|threshold| **threshold < milliseconds);
    before.count().min(THRESHOLDS.len() - 1)
}
