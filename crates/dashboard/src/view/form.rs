//! The controls, as one slim line: links for the ways to load the page, and a form, of which most is folded away. They work
//! without JavaScript. The script only avoids a full reload.

use eagerly::numbers::{count, counted, time};
use eagerly::{Network, Strategy};
use maud::{Markup, html};

use super::link;
use crate::race;
use crate::settings::{
    CUSTOMERS, LAST_PAGE, LONGEST_NAME, LONGEST_ROUND_TRIP, SQL, Settings, Stage, in_milliseconds, or_all,
};

/// The page sizes that the form offers.
const SIZES: [u64; 4] = [10, 50, 500, 3_000];

/// The key of each way to load the page, in the order of [`race::ways`]. `u` is for `subquery`, since `s` is taken.
const KEYS: [&str; 8] = ["l", "i", "b", "s", "u", "j", "r", "g"];

/// Renders the ways to load the page, and the form of the settings.
pub fn controls(settings: &Settings) -> Markup {
    html! {
        div.line {
            nav #ways aria-label="Loading strategies" {
                @for ((way, its_settings), key) in race::ways(settings).zip(KEYS) {
                    @let is_chosen = way == SQL && settings.sql || settings.strategy().is_some_and(|strategy| strategy.name() == way);
                    a href=(link("/", &its_settings.query())) data-show data-key=(key) aria-current=[is_chosen.then_some("true")] title=(summary(way)) {
                        @if way == SQL { "SQL GROUP BY" } @else { (way) } " " kbd { (key) }
                    }
                }
            }
            label { span.visually-hidden { "Database" } (stages(settings)) }
            label { span.visually-hidden { "Customers" } select #customers form="settings" name="customers" { (numbers(&CUSTOMERS, settings.customers, "customer")) } }
            label { span.visually-hidden { "Network" } (presets(settings)) }
        }
        details #more {
            summary { "More" }
            form #settings.line action="/" method="get" aria-label="Settings" { (more(settings)) }
        }
    }
}

/// Describes a way in a few words.
fn summary(way: &str) -> &'static str {
    let strategy = way.parse::<Strategy>();
    strategy.map_or("One SQL statement computes the page, without objects", Strategy::summary)
}

fn strategies(name: &str, label: &str, chosen: Strategy, is_sql: bool) -> Markup {
    html! {
        label {
            (label) " "
            select id=(name) name=(name) {
                @for strategy in Strategy::ALL {
                    option value=(strategy) selected[strategy == chosen && !is_sql] title=(strategy.summary()) { (strategy) }
                }
                @if name == "orders" { option value=(SQL) selected[is_sql] { "SQL GROUP BY" } }
            }
        }
    }
}

fn stages(settings: &Settings) -> Markup {
    html! {
        select #shop form="settings" name="shop" {
            @for stage in Stage::ALL {
                option value=(stage.name()) selected[stage == settings.stage] { (stage.name()) }
            }
        }
    }
}

fn presets(settings: &Settings) -> Markup {
    let trip = in_milliseconds(settings.round_trip);
    html! {
        select #preset {
            option value="0" selected[trip == 0.0] { "no network" }
            @for (name, network) in Network::PRESETS {
                @let of_preset = in_milliseconds(network.round_trip());
                option value=(of_preset) selected[of_preset == trip] { (name) ": " (time(network.round_trip())) }
            }
            option value="" hidden selected[!is_preset(settings)] { "another network" }
        }
    }
}

fn is_preset(settings: &Settings) -> bool {
    let is_it = |(_, network): &(&str, Network)| network.round_trip() == settings.round_trip;
    settings.round_trip.is_zero() || Network::PRESETS.iter().any(is_it)
}

fn more(settings: &Settings) -> Markup {
    let trip = in_milliseconds(settings.round_trip);
    html! {
        (strategies("orders", "Orders", settings.orders, settings.sql))
        (strategies("items", "Items", settings.items, false))
        label { "Round trip " input #trip name="trip" type="range" min="0" max=(LONGEST_ROUND_TRIP) step="0.05" value=(trip); }
        output #trip-value for="trip" { (time(settings.round_trip)) }
        label { input name="wait" type="checkbox" value="yes" checked[settings.waits]; " Really wait for it" }
        label {
            "The page shows "
            select #spend name="spend" {
                option value="yes" selected[settings.spend] { "orders and total spend" }
                option value="no" selected[!settings.spend] { "the number of orders only" }
            }
        }
        label { "Rows per page " select #size name="size" { (numbers(&SIZES, settings.size, "")) } }
        label { "Page " input name="page" type="number" min="1" max=(LAST_PAGE) value=(settings.page) inputmode="numeric"; }
        label { "Name contains " input #name name="name" type="search" maxlength=(LONGEST_NAME) value=(settings.name) autocomplete="off"; }
        input type="hidden" name="slow" value=(in_milliseconds(settings.slow));
        button.main type="submit" { "Show the page" }
        a href="/" { "Reset" }
    }
}

/// Renders the options for a number of things, with `all` as the last one. A chosen number that is not offered is
/// added.
fn numbers(offered: &[u64], chosen: Option<u64>, things: &str) -> Markup {
    let mut numbers = offered.to_vec();
    numbers.extend(chosen.filter(|number| !offered.contains(number)));
    numbers.sort_unstable();
    html! {
        @for number in numbers {
            option value=(number) selected[chosen == Some(number)] { @if things.is_empty() { (count(number)) } @else { (counted(number, things)) } }
        }
        option value="all" selected[chosen.is_none()] { (or_all(None)) @if !things.is_empty() { " " (things) "s" } }
    }
}
