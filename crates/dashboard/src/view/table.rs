//! The table of the admin page: a line for each customer.

use eagerly::numbers::{count, counted};
use maud::{Markup, html};
use shop::page::PageRow;

use super::link;
use crate::build::{Built, Failed};
use crate::settings::Settings;

/// The most lines that are rendered. A browser becomes slow with larger tables.
const SHOWN: usize = 5_000;

/// Renders the lines of the page, or its error.
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
        div.scroll tabindex="0" role="group" aria-label="Customers" {
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
        @if lines.len() > SHOWN { p { "… and " (counted((lines.len() - SHOWN) as u64, "more line")) ", built but not shown." } }
        @if lines.is_empty() { p { "No customers here. Search for another name, or go to an earlier page." } }
    }
}

/// Renders the links to the previous and the next page.
fn pages(settings: &Settings, matching: u64) -> Markup {
    let Some(size) = settings.size else {
        return html! {};
    };
    let last = matching.div_ceil(size).max(1);
    let to = |page: u64| {
        let settings = Settings { page, ..settings.clone() };
        link("/", &settings.query())
    };
    html! {
        nav.pages aria-label="Pages of customers" {
            @if settings.page > 1 { a href=(to((settings.page - 1).min(last))) data-show rel="prev" { "← previous" } }
            span {
                "page " (count(settings.page))
                @if settings.page <= last { " of " (count(last)) } @else { ", beyond the last page (" (count(last)) ")" }
            }
            @if settings.page < last { a href=(to(settings.page + 1)) data-show rel="next" { "next →" } }
        }
    }
}

fn failure(failed: &Failed) -> Markup {
    html! {
        @if failed.is_stopped {
            h2 { "Stopped" }
            p.notice { "The page was stopped before it was complete. The figures above show what it cost until then. The findings show why." }
        } @else if failed.is_raised {
            h2 { "The lazy load was refused" }
            p { "With " code { "raise" } ", accessing an unloaded relation is an error. It prevents an N+1. "
                "The message names the relation, both lines of code, and the fix:" }
            pre.finding.alarm { (failed.words) }
        } @else {
            h2 { "The page failed" }
            pre.finding.alarm { (failed.words) }
        }
    }
}

/// Formats cents as an amount, such as `1,234.56`.
fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", count(cents / 100), cents % 100)
}
