//! The page of many users at once. Its script fetches the figures and draws the chart.

use eagerly::numbers::{counted, time};
use maud::{Markup, html};

use super::{copied, frame, link};
use crate::level::{CONNECTIONS, TIME, USERS};
use crate::settings::Settings;
use crate::shops::Shop;
use crate::users::ways;

/// Renders the page before the measurement starts.
pub fn page(settings: &Settings, shop: &Shop) -> Markup {
    let content = html! {
        h1 { "Many users" }
        @if shop.is_on_server() { (measurement(settings)) } @else {
            p.notice {
                "Many users at once need a database server, whose connections wait for a network. Start the dashboard on PostgreSQL: "
                code { "cargo dashboard-server" }
            }
        }
    };
    frame("Many users", settings, &["/users.js"], &content)
}

fn measurement(settings: &Settings) -> Markup {
    let ways = ways(settings);
    let customers = ways[0].1.window().map_or(0, |(customers, _)| customers);
    let table = html! {
        div.scroll tabindex="0" role="group" aria-label="The figures" { table #levels {
            thead {
                tr {
                    th scope="col" { "Way" }
                    @for name in ["Users", "Pages a second", "Median time", "95 % within", "Waits for a connection, on average", "Holds it, on average", "Busy connections", "Busy processors"] {
                        th.number scope="col" { (name) }
                    }
                }
            }
            tbody {}
        } }
    };
    html! {
        p.about {
            "Up to " (USERS[USERS.len() - 1]) " users show the same page at once, with " (counted(customers, "customer")) ". They share " (CONNECTIONS)
            " connections. A page holds its connection while it waits for a round trip of " (time(settings.round_trip))
            ". Each number of users is measured for " (time(TIME)) "."
        }
        p.actions {
            button #start.main type="button" data-key="Enter" data-address=(link("/users/run", &settings.query())) { "Start " kbd { "Enter" } }
            button #stop type="button" hidden { "Stop" }
            " " a href=(link("/", &settings.query())) { "Change the settings" }
        }
        p #announcement role="status" aria-live="polite" {}
        progress #done max=(USERS.len() * ways.len()) value="0" aria-label="How much is measured" {}
        section.chart {
            h2 { "The time of a page, for more and more users" }
            div #users-chart {}
        }
        (copied("the table", table))
        noscript { p.notice { "The measurement needs JavaScript." } }
    }
}
