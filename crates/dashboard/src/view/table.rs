//! The admin page itself: a line for each customer.

use eagerly::text::{count, counted};
use maud::{Markup, html};
use shop::page::PageRow;

use super::link;
use crate::build::{Built, Failed};
use crate::settings::Settings;

/// How many lines are written out: a browser has its limits, too.
const SHOWN: usize = 5_000;

/// The page, or why there is none.
pub fn table(settings: &Settings, built: &Built) -> Markup {
    html! {
        section.customers {
            @match &built.run.lines {
                Ok(lines) => (lines_table(settings, lines, built.matching)),
                Err(failed) => (failure(failed)),
            }
        }
    }
}

fn lines_table(settings: &Settings, lines: &[PageRow], matching: u64) -> Markup {
    let first = settings.window().map_or(0, |(_, before)| before) + 1;
    html! {
        h2 { (counted(lines.len() as u64, "customer")) @if lines.len() as u64 != matching { " of " (count(matching)) } }
        (pages(settings, matching))
        div.scroll {
            table {
                thead {
                    tr {
                        th.number scope="col" { "#" }
                        th scope="col" { "Customer" }
                        th.number scope="col" { "Orders" }
                        @if settings.spend { th.number scope="col" { "Total spend" } }
                    }
                }
                tbody {
                    @for (number, line) in (first..).zip(lines.iter().take(SHOWN)) {
                        tr {
                            td.number { (count(number)) }
                            td { (line.first_name) " " (line.last_name) }
                            td.number { (line.orders) }
                            @if settings.spend { td.number { (money(line.total)) } }
                        }
                    }
                }
            }
        }
        @if lines.len() > SHOWN { p { "… and " (counted((lines.len() - SHOWN) as u64, "more line")) ", which were built, and are not shown." } }
        @if lines.is_empty() { p { "Nobody: look for another name, or go to an earlier page." } }
    }
}

/// The ways to the pages before and after.
fn pages(settings: &Settings, matching: u64) -> Markup {
    let Some(size) = settings.size else {
        return html! {};
    };
    let last = matching.div_ceil(size).max(1);
    let to = |page: u64| {
        let settings = Settings {
            page,
            ..settings.clone()
        };
        link("/", &settings.query())
    };
    html! {
        nav.pages aria-label="Pages of customers" {
            @if settings.page > 1 { a href=(to((settings.page - 1).min(last))) data-show rel="prev" { "← before" } }
            span { "page " (count(settings.page)) " of " (count(last)) }
            @if settings.page < last { a href=(to(settings.page + 1)) data-show rel="next" { "after →" } }
        }
    }
}

fn failure(failed: &Failed) -> Markup {
    html! {
        @if failed.is_stopped {
            h2 { "Stopped" }
            p.notice { "The page was stopped before it was done. The bar shows how far it came, and the findings say why it took so long." }
        } @else if failed.is_raised {
            h2 { "Refused, and that is the point" }
            p { "With " code { "raise" } ", a relation that was not loaded stays so. What would have been an N+1 is an error, "
                "which names the relation, both lines, and what to write:" }
            pre.finding.alarm { (failed.words) }
        } @else {
            h2 { "The page failed" }
            pre.finding.alarm { (failed.words) }
        }
    }
}

/// Cents as an amount: `1,234.56`.
fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", count(cents / 100), cents % 100)
}
