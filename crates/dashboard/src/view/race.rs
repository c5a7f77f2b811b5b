//! The page of the race. Its script fetches the figures and draws the bars.

use eagerly::numbers::time;
use maud::{Markup, html};

use super::{copied, frame, link};
use crate::race::ways;
use crate::settings::{SQL, Settings};
use crate::shops::Shop;

/// Renders the page of the race, before it starts.
pub fn page(settings: &Settings, shop: &Shop) -> Markup {
    let trips = match shop.waits(settings) {
        true => format!(
            "Each statement really makes a round trip of {}, which is part of the measured time",
            time(settings.round_trip)
        ),
        false => format!(
            "The total is the measured time plus {} for each round trip (modelled)",
            time(settings.round_trip)
        ),
    };
    let table = html! {
        table #lanes {
            thead {
                tr {
                    th scope="col" { "Way" }
                    th.bars scope="col" { "Time" }
                    @for name in ["Statements", "Rows", "Measured", "Modelled", "Total", "Lines"] {
                        th.number scope="col" { (name) }
                    }
                }
            }
            tbody { @for (way, _) in ways(settings) { (lane(way)) } }
        }
    };
    let content = html! {
        h1 { "The race" }
        p.about { "The same page runs in every way, one after the other. " (trips) "." }
        p.actions {
            button #start.main type="button" data-key="Enter" data-address=(link("/race/run", &settings.query())) { "Start " kbd { "Enter" } }
            button #stop type="button" hidden { "Stop" }
            " " a href=(link("/", &settings.query())) { "Change the settings" }
        }
        p #announcement role="status" aria-live="polite" {}
        (copied("the table", table))
        p.place { "Lines: a checksum of the page’s lines. If the checksums are equal, the lines are equal." }
        div #errors {}
        noscript { p.notice { "The race needs JavaScript." } }
    };
    frame("Race", settings, &["/race.js"], &content)
}

fn lane(way: &str) -> Markup {
    html! {
        tr data-way=(way) {
            th scope="row" { @if way == SQL { "SQL GROUP BY" } @else { (way) } }
            td.bars { div.lane { div.fill {} } }
            @for name in ["statements", "rows", "measured", "modelled", "total", "lines"] {
                td.number data-figure=(name) data-name=(name) {}
            }
        }
    }
}
