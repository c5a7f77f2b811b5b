//! What one sees first, from the last row of a classroom: the number of statements, the seconds, and the fix.

use eagerly::numbers::{count, counted, time};
use eagerly::{Kind, Strategy};
use eagerly_watch::NPlusOne;
use maud::{Markup, html};

use super::{code, copied, link, story};
use crate::build::Built;
use crate::settings::{Settings, Stage, in_milliseconds};

/// With more statements than this, the number has the alarm colour.
const MANY: u64 = 100;

/// Renders the figures of a page and its fix.
pub fn hero(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    let seconds = time(run.total());
    html! {
        section #hero.untold[settings.step.is_some_and(|step| step < story::CAUSE)] aria-label="What the page cost" data-statements=(run.statements) data-seconds=[run.lines.is_ok().then_some(&seconds)] {
            p.figure.alarm[run.statements > MANY] data-number=(run.statements) {
                b { (count(run.statements)) } " " span {
                    @if run.statements == 1 { "statement, " } @else { "statements, " } (counted(run.rows, "row")) " read"
                }
            }
            @if run.lines.is_ok() {
                p.figure.seconds.alarm[run.total().as_secs() > 0] { b { (seconds) } " " span { (parts(settings, built)) } }
            } @else {
                p.figure.alarm { b { "no page" } " " span { @if is_refused(built) { "stopped on purpose" } @else { "and so no time" } } }
            }
            p.question { @if settings.stage == Stage::Development { "Few statements, so the page is fast." } @else { "Why does the page take this long?" } }
            div.verdict { (verdict(settings, built)) }
        }
    }
}

/// Returns whether the page failed as it should, by the strategy `raise`.
fn is_refused(built: &Built) -> bool {
    built.run.lines.as_ref().is_err_and(|failed| failed.is_raised)
}

/// Renders what the time consists of. The script updates the modelled part when the round trip changes.
fn parts(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    html! {
        @if run.waited {
            "measured, " (time(run.round_trips)) " of it in round trips"
        } @else {
            (time(run.measured)) " measured"
            span.modelled data-statements=(run.statements) data-measured=(in_milliseconds(run.measured)) {
                " + " b { (time(run.round_trips)) } " modelled, at " span.at { (time(settings.round_trip)) } " for each round trip"
            }
        }
    }
}

/// Renders what is wrong with the page, and the line that fixes it.
fn verdict(settings: &Settings, built: &Built) -> Markup {
    let run = &built.run;
    let report = &built.report;
    let failed = run.lines.as_ref().err();
    html! {
        @if let Some(failed) = failed.filter(|failed| failed.is_raised) {
            p { b { "Refused." } " The strategy " code { "raise" } " stops at " (refused(&failed.words)) ", the first relation that is not loaded. "
                span.lead { "The line that loads all that the page reads:" } }
            (fix(settings, if settings.spend { "selectin(Customer::ORDERS).selectin(Order::ITEMS)" } else { "selectin(Customer::ORDERS)" }))
        } @else if let Some(failed) = failed {
            p { @if failed.is_stopped { b { "Stopped." } " The page is not complete." } @else { b { "Failed." } " " (first_line(&failed.words)) } }
        } @else if let Some(longest) = report.n_plus_one.iter().max_by_key(|finding| finding.load_path.len()) {
            p { b { "N+1." } " 1 statement returns a list. Then " (more(&report.n_plus_one)) ", one for each row. " span.lead { "The fix is one line:" } }
            (fix(settings, &longest.load_path))
        } @else if let Some(wasted) = report.wasted.first() {
            p { b { "No N+1, but loaded and not read: " } code { (wasted.relation) } ", " (counted(wasted.rows, "row")) "." }
        } @else if run.rows == 0 {
            p { "No rows, so there is nothing to load." }
        } @else {
            p.good { b { "No N+1." } " " (sentence(built)) }
        }
        p.before hidden {}
    }
}

/// Describes the statements that are sent one by one, such as `3,000 more load Customer.orders`.
fn more(found: &[NPlusOne]) -> String {
    let of = |finding: &NPlusOne| {
        let verb = if finding.statements == 1 { "loads" } else { "load" };
        format!("{} {verb} {}", count(finding.statements), finding.relation)
    };
    found.iter().map(of).collect::<Vec<_>>().join(" and ")
}

/// Renders the load path that fixes the page, with buttons that apply and copy it.
fn fix(settings: &Settings, path: &str) -> Markup {
    let fixed = settings.by(Strategy::Selectin);
    html! {
        (copied("the fix", html! { pre.fix tabindex="0" { code { (code::with(path)) } } }))
        p { a.main href=(link("/", &fixed.query())) data-show data-key="f" { "Apply the fix " kbd { "f" } } }
    }
}

/// Describes how the page was loaded.
fn sentence(built: &Built) -> String {
    let eager =
        built.run.shapes.iter().filter(|shape| shape.kind == Kind::Eager).map(|shape| shape.statements);
    match (built.run.statements, eager.sum::<u64>()) {
        (1, _) => "One statement returns everything that the page shows.".to_owned(),
        (_, 0) => "The page sends no statement for each row.".to_owned(),
        (_, eager) if eager < 10 => {
            "Each relation is loaded by one statement, for all rows together.".to_owned()
        }
        (_, eager) => format!(
            "But {} load relations, one row at a time: eager, but no fewer.",
            counted(eager, "statement")
        ),
    }
}

/// Returns the relation in the error of `raise`, such as `Customer.orders`.
fn refused(words: &str) -> &str {
    words.split(',').next().unwrap_or(words)
}

fn first_line(words: &str) -> &str {
    words.lines().next().unwrap_or_default()
}

/// Returns the number of findings. Hints do not count.
pub fn findings(built: &Built) -> u64 {
    (built.report.n_plus_one.len() + built.report.wasted.len()) as u64
}

/// Returns the figures as a sentence, for screen readers.
pub fn words(built: &Built) -> String {
    let run = &built.run;
    if let Err(failed) = &run.lines {
        let why = match (failed.is_raised, failed.is_stopped) {
            (true, _) => "refused",
            (_, true) => "stopped",
            _ => "failed",
        };
        return format!("No page: {why} after {}", counted(run.statements, "statement"));
    }
    let trips = match run.waited {
        true => "of it in round trips",
        false => "modelled for round trips",
    };
    format!(
        "The page is ready: {}, {} read, {} measured, {} {trips}, {}",
        counted(run.statements, "statement"),
        counted(run.rows, "row"),
        time(run.measured),
        time(run.round_trips),
        counted(findings(built), "finding")
    )
}
