//! The toolbar. Closed, it shows what the page cost. Open, it shows why.

use eagerly::numbers::{count, counted, time};
use maud::{Markup, html};

use super::panels;
use crate::build::Built;
use crate::settings::Settings;

/// With more statements than this, the number has the alarm colour.
const MANY: u64 = 100;

/// Renders the toolbar with its panels.
pub fn bar(settings: &Settings, built: &Built) -> Markup {
    html! {
        details #tools {
            summary {
                (figures(settings, built))
                span.more { "Tools" }
            }
            (panels::panels(settings, built))
        }
    }
}

/// Renders the five figures of the toolbar.
pub fn figures(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    let findings = findings(built);
    html! {
        (figure("statements", &count(run.statements), run.statements > MANY, Some(run.statements)))
        (figure("rows read", &count(run.rows), false, None))
        (figure("measured", &time(run.measured), false, None))
        @if settings.really_waits() {
            (figure("spent in round trips", &time(run.round_trips), run.round_trips.as_secs() > 0, None))
        } @else {
            span.figure.modelled.alarm[run.round_trips.as_secs() > 0] data-statements=(run.statements) {
                b { (time(run.round_trips)) } " "
                span { "modelled, at " span.at { (time(settings.round_trip)) } }
            }
        }
        (figure(if findings == 1 { "finding" } else { "findings" }, &count(findings), findings > 0, None))
    }
}

fn figure(name: &str, value: &str, is_alarming: bool, number: Option<u64>) -> Markup {
    html! {
        span.figure.alarm[is_alarming] data-number=[number] { b { (value) } " " span { (name) } }
    }
}

/// Returns the number of findings. Hints do not count.
fn findings(built: &Built) -> u64 {
    (built.report.n_plus_one.len() + built.report.wasted.len()) as u64
}

/// Returns the figures as a sentence, for screen readers.
pub fn words(settings: &Settings, built: &Built) -> String {
    let run = &built.run;
    let trips = match settings.really_waits() {
        true => "spent in round trips",
        false => "modelled",
    };
    format!(
        "{}, {} read, {} measured, {} {trips}, {}",
        counted(run.statements, "statement"),
        counted(run.rows, "row"),
        time(run.measured),
        time(run.round_trips),
        counted(findings(built), "finding")
    )
}
