//! The page of the race. Its script fetches the figures and draws the bars.

use eagerly::Strategy;
use eagerly::numbers::time;
use maud::{Markup, html};

use super::{frame, link};
use crate::settings::Settings;

/// Renders the page of the race, before it starts.
pub fn page(settings: &Settings) -> Markup {
    let trips = match settings.really_waits() {
        true => format!("Each statement really waits {} for its round trip", time(settings.round_trip)),
        false => format!(
            "The total is the measured time plus {} for each round trip (modelled)",
            time(settings.round_trip)
        ),
    };
    let content = html! {
        h1 { "The race" }
        p.about { "The same page runs with every strategy, one after the other. " (trips) "." }
        p.actions {
            button #start.main type="button" data-address=(link("/race/run", &settings.query())) { "Start" }
            button #stop type="button" hidden { "Stop" }
            " " a href=(link("/", &settings.query())) { "Change the settings" }
        }
        p #announcement role="status" aria-live="polite" {}
        table #lanes {
            thead {
                tr {
                    th scope="col" { "Strategy" }
                    th.bars scope="col" { "Time" }
                    @for name in ["Statements", "Rows", "Measured", "Modelled", "Total", "Lines"] {
                        th.number scope="col" { (name) }
                    }
                }
            }
            tbody { @for strategy in Strategy::ALL { (lane(strategy)) } }
        }
        p.place { "Lines: a checksum of the page's lines. If the checksums are equal, the lines are equal." }
        p.actions { button #copy type="button" disabled { "Copy the table" } }
        div #errors {}
        noscript { p.notice { "The race needs JavaScript." } }
    };
    frame("Race", settings, "/race.js", &content)
}

fn lane(strategy: Strategy) -> Markup {
    html! {
        tr data-strategy=(strategy) {
            th scope="row" { (strategy) }
            td.bars { div.lane { div.fill {} } }
            @for name in ["statements", "rows", "measured", "modelled", "total", "lines"] {
                td.number data-figure=(name) data-name=(name) {}
            }
        }
    }
}
