//! The controls. They are a plain form: it works without a script, which only saves loading the whole page anew.

use eagerly::text::{count, time};
use eagerly::{Network, Strategy};
use maud::{Markup, html};

use crate::settings::{
    CUSTOMERS, LAST_PAGE, LONGEST_NAME, LONGEST_ROUND_TRIP, Settings, Stage, in_milliseconds, or_all,
};

/// The sizes that are offered for a page.
const SIZES: [u64; 4] = [10, 50, 500, 3_000];

/// The form of the settings.
pub fn form(settings: &Settings) -> Markup {
    html! {
        form #settings action="/" method="get" aria-label="Settings" {
            (loading(settings))
            (rows(settings))
            (network(settings))
            p.actions {
                button.main type="submit" { "Show the page" }
                a href="/" { "Start over" }
            }
        }
    }
}

fn loading(settings: &Settings) -> Markup {
    html! {
        fieldset {
            legend { "How it loads" }
            (strategies("orders", "Orders", settings.orders))
            (strategies("items", "Items", settings.items))
            label for="spend" { "The page shows" }
            select #spend name="spend" {
                option value="yes" selected[settings.spend] { "orders and total spend" }
                option value="no" selected[!settings.spend] { "the number of orders alone" }
            }
        }
    }
}

fn strategies(name: &str, label: &str, chosen: Strategy) -> Markup {
    html! {
        label for=(name) { (label) }
        select id=(name) name=(name) {
            @for strategy in Strategy::ALL {
                option value=(strategy) selected[strategy == chosen] { (strategy) ": " (in_short(strategy)) }
            }
        }
    }
}

/// When a strategy loads, and for whom.
fn in_short(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Lazy => "on access, one parent",
        Strategy::Immediate => "up front, one by one",
        Strategy::Batch => "on first access, all",
        Strategy::Selectin => "up front, all, by IN",
        Strategy::Subquery => "up front, all, by the query again",
        Strategy::Joined => "in the same statement",
        _ => "never",
    }
}

fn rows(settings: &Settings) -> Markup {
    html! {
        fieldset {
            legend { "What it lists" }
            label for="shop" { "Database" }
            select #shop name="shop" {
                @for stage in Stage::ALL {
                    option value=(stage.name()) selected[stage == settings.stage] { (stage.name()) }
                }
            }
            label for="customers" { "Customers" }
            select #customers name="customers" { (numbers(&CUSTOMERS, settings.customers)) }
            label for="size" { "Rows on a page" }
            select #size name="size" { (numbers(&SIZES, settings.size)) }
            label for="page" { "Page" }
            input #page name="page" type="number" min="1" max=(LAST_PAGE) value=(settings.page) inputmode="numeric";
            label for="name" { "Name contains" }
            input #name name="name" type="search" maxlength=(LONGEST_NAME) value=(settings.name) autocomplete="off";
        }
    }
}

/// Numbers to choose from, and all. One that the link says is among them, too.
fn numbers(offered: &[u64], chosen: Option<u64>) -> Markup {
    let mut numbers = offered.to_vec();
    numbers.extend(chosen.filter(|number| !offered.contains(number)));
    numbers.sort_unstable();
    html! {
        @for number in numbers {
            option value=(number) selected[chosen == Some(number)] { (count(number)) }
        }
        option value="all" selected[chosen.is_none()] { (or_all(None)) }
    }
}

fn network(settings: &Settings) -> Markup {
    let trip = in_milliseconds(settings.round_trip);
    html! {
        fieldset {
            legend { "The way to the database" }
            label for="trip" { "Round trip: " output #trip-value for="trip" { (time(settings.round_trip)) } }
            input #trip name="trip" type="range" min="0" max=(LONGEST_ROUND_TRIP) step="0.05" value=(trip);
            label for="preset" { "Network" }
            select #preset {
                option value="0" selected[trip == 0.0] { "this process: none" }
                @for (name, network) in Network::PRESETS {
                    @let of_preset = in_milliseconds(network.round_trip());
                    option value=(of_preset) selected[of_preset == trip] { (name) ": " (time(network.round_trip())) }
                }
                option value="" hidden selected[!is_preset(settings)] { "another network" }
            }
            label.check { input name="wait" type="checkbox" value="yes" checked[settings.waits]; " Really wait for it" }
        }
    }
}

fn is_preset(settings: &Settings) -> bool {
    let is_it = |(_, network): &(&str, Network)| network.round_trip() == settings.round_trip;
    settings.round_trip.is_zero() || Network::PRESETS.iter().any(is_it)
}
