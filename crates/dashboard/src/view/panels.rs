//! The panels of the toolbar: findings, statements by shape, plan, slow-query log and waterfall.

use std::time::Duration;

use eagerly::numbers::{count, counted, time};
use eagerly::{PlanStep, Shape, Strategy};
use maud::{Markup, html};

use super::link;
use crate::build::Built;
use crate::meter::THRESHOLDS;
use crate::settings::{Settings, in_milliseconds};

/// Renders the panels.
pub fn panels(settings: &Settings, built: &Built) -> Markup {
    html! {
        div.panels {
            p.place {
                "Measured times come from this process, with these tools attached. Modelled time is the number of statements times "
                "the round trip. A database server on the network would add it."
            }
            (findings(settings, built))
            (shapes(&built.run.shapes))
            (plan(&built.plan))
            (slow_log(settings, built))
            (waterfall(settings))
        }
    }
}

fn findings(settings: &Settings, built: &Built) -> Markup {
    let fixed = settings.by(Strategy::Selectin);
    html! {
        section.panel {
            h2 { "Findings" }
            @for finding in built.report.to_string().split("\n\n") {
                pre.finding.(kind(finding)) { (finding) }
            }
            @if !built.report.n_plus_one.is_empty() {
                p { a.main href=(link("/", &fixed.query())) data-show { "Apply this fix and run the page again" } }
            }
        }
    }
}

/// Returns the CSS class of a finding.
fn kind(finding: &str) -> &'static str {
    match finding {
        _ if finding.starts_with("No N+1") => "clean",
        _ if finding.starts_with("Hint") => "hint",
        _ => "alarm",
    }
}

/// Renders the statements by shape (a statement's text without its values). The table is sorted by total time
/// first, because that shows where the time went. Sorted by the slowest statement, as in a slow-query log, it
/// looks harmless.
fn shapes(shapes: &[Shape]) -> Markup {
    let mut shapes: Vec<_> = shapes.iter().collect();
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.elapsed));
    html! {
        section.panel {
            h2 { "Statements by shape" }
            p.place { "Sorted by total, the table shows where the time went. Sorted by slowest, it shows what a slow-query log sees." }
            div.scroll tabindex="0" role="group" aria-label="Statements by shape" {
                table #shapes {
                    thead {
                        tr {
                            th scope="col" { "Shape" }
                            (heading("Statements", false)) (heading("Rows", false))
                            (heading("Total", true)) (heading("Slowest", false))
                        }
                    }
                    tbody { @for shape in shapes { (shape_row(shape)) } }
                }
            }
        }
    }
}

fn heading(name: &str, is_sorted: bool) -> Markup {
    html! {
        th.number scope="col" aria-sort=[is_sorted.then_some("descending")] { button type="button" data-sort { (name) } }
    }
}

fn shape_row(shape: &Shape) -> Markup {
    html! {
        tr {
            td {
                code { (shape.sql) }
                @for (place, statements) in &shape.places {
                    div.place { @if *statements != shape.statements { (count(*statements)) " × " } (place) }
                }
            }
            td.number data-value=(shape.statements) { (count(shape.statements)) }
            td.number data-value=(shape.rows) { (count(shape.rows)) }
            td.number data-value=(shape.elapsed.as_nanos()) { (time(shape.elapsed)) }
            td.number data-value=(shape.slowest.as_nanos()) { (time(shape.slowest)) }
        }
    }
}

fn plan(plan: &Result<(Vec<PlanStep>, String), String>) -> Markup {
    html! {
        section.panel {
            h2 { "The plan, made before the page runs" }
            @match plan {
                Ok((steps, formula)) => {
                    ol.plan { @for step in steps { (plan_step(step)) } }
                    p { "Total: " b { (formula) } @if formula == "1" { " statement." } @else { " statements." } }
                }
                Err(words) => pre.finding.alarm { (words) },
            }
        }
    }
}

fn plan_step(step: &PlanStep) -> Markup {
    html! {
        li {
            b { (step.loads) }
            @if !step.sql.is_empty() {
                div { code { (step.sql) } }
                div.place {
                    "keyed by " (step.keyed_by) ", "
                    @if step.statements == "1" { "sent once" } @else { "sent for each row of " (step.statements) }
                }
                @for line in &step.explained { div.explained { (line) } }
            }
        }
    }
}

fn slow_log(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    let step = nearest_threshold(settings.slow);
    let thresholds = THRESHOLDS.map(|threshold| threshold.to_string()).join(" ");
    let over = run.over.map(|over| over.to_string()).join(" ");
    html! {
        section.panel {
            h2 { "The slow-query log" }
            p #slow-log.empty[built.slow_ones == 0] data-thresholds=(thresholds) data-over=(over) {
                @if built.slow_ones == 0 { b { "EMPTY. " } }
                (counted(built.slow_ones, "statement")) " over " (time(settings.slow)) "."
            }
            label for="threshold" { "Threshold" }
            input #threshold type="range" min="0" max=(THRESHOLDS.len() - 1) value=(step) aria-describedby="slow-log";
            input type="hidden" name="slow" form="settings" value=(in_milliseconds(settings.slow));
            p.place {
                "The slowest of " (counted(run.statements, "statement")) " took " (time(run.slowest)) ". Together they took "
                (time(run.elapsed)) ". To list the statements over another threshold, show the page again."
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
}

/// Returns the position of the slider for a threshold.
fn nearest_threshold(slow: Duration) -> usize {
    let milliseconds = in_milliseconds(slow);
    let before = THRESHOLDS.iter().take_while(|threshold| **threshold < milliseconds);
    before.count().min(THRESHOLDS.len() - 1)
}

fn waterfall(settings: &Settings) -> Markup {
    let address = link("/waterfall", &settings.query());
    html! {
        section.panel {
            h2 { "The waterfall" }
            p.place { "The page runs once more and is recorded. The waterfall models the round trips, with a slider." }
            p {
                button #draw type="button" data-address=(address) { "Draw it here" } " "
                a href=(address) target="_blank" { "Open it on its own page" }
            }
            div #waterfall {}
        }
    }
}
