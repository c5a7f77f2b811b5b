//! The race: the frame of it. Its script asks for the figures and draws the bars.

use eagerly::Strategy;
use eagerly::text::time;
use maud::{Markup, html};

use super::{frame, link};
use crate::settings::Settings;

/// The page of the race, before it starts.
pub fn page(settings: &Settings) -> Markup {
    let trips = match settings.really_waits() {
        true => format!("{} a round trip, really waited for", time(settings.round_trip)),
        false => format!(
            "measured time, and {} for each round trip, modelled",
            time(settings.round_trip)
        ),
    };
    let content = html! {
        h1 { "The race" }
        p.about { "The same page by every strategy, one after the other: " (trips) "." }
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
        p.place { "Lines: a number that is the same where the lines of the page are." }
        p.actions { button #copy type="button" disabled { "Copy the table" } }
        div #errors {}
        noscript { p.notice { "The race takes JavaScript." } }
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
