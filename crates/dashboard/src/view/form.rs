//! The controls. They are a plain HTML form, which works without JavaScript. The script only avoids a full
//! reload.

use eagerly::numbers::{count, time};
use eagerly::{Network, Strategy};
use maud::{Markup, html};

use crate::settings::{
    CUSTOMERS, LAST_PAGE, LONGEST_NAME, LONGEST_ROUND_TRIP, Settings, Stage, in_milliseconds, or_all,
};

/// The page sizes that the form offers.
const SIZES: [u64; 4] = [10, 50, 500, 3_000];

/// Renders the form of the settings.
pub fn form(settings: &Settings) -> Markup {
    html! {
        form #settings action="/" method="get" aria-label="Settings" {
            (loading(settings))
            (rows(settings))
            (network(settings))
            p.actions {
                button.main type="submit" { "Show the page" }
                a href="/" { "Reset" }
            }
        }
    }
}

fn loading(settings: &Settings) -> Markup {
    html! {
        fieldset {
            legend { "Loading" }
            (strategies("orders", "Orders", settings.orders))
            (strategies("items", "Items", settings.items))
            label for="spend" { "The page shows" }
            select #spend name="spend" {
                option value="yes" selected[settings.spend] { "orders and total spend" }
                option value="no" selected[!settings.spend] { "the number of orders only" }
            }
        }
    }
}

fn strategies(name: &str, label: &str, chosen: Strategy) -> Markup {
    html! {
        label for=(name) { (label) }
        select id=(name) name=(name) {
            @for strategy in Strategy::ALL {
                option value=(strategy) selected[strategy == chosen] { (strategy) ": " (strategy.summary()) }
            }
        }
    }
}

fn rows(settings: &Settings) -> Markup {
    html! {
        fieldset {
            legend { "Rows" }
            label for="shop" { "Database" }
            select #shop name="shop" {
                @for stage in Stage::ALL {
                    option value=(stage.name()) selected[stage == settings.stage] { (stage.name()) }
                }
            }
            label for="customers" { "Customers" }
            select #customers name="customers" { (numbers(&CUSTOMERS, settings.customers)) }
            label for="size" { "Rows per page" }
            select #size name="size" { (numbers(&SIZES, settings.size)) }
            label for="page" { "Page" }
            input #page name="page" type="number" min="1" max=(LAST_PAGE) value=(settings.page) inputmode="numeric";
            label for="name" { "Name contains" }
            input #name name="name" type="search" maxlength=(LONGEST_NAME) value=(settings.name) autocomplete="off";
        }
    }
}

/// Renders the options for a number, with `all` as the last one. A chosen number that is not offered is
/// added.
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
            legend { "Round trips" }
            label for="trip" { "Round trip: " output #trip-value for="trip" { (time(settings.round_trip)) } }
            input #trip name="trip" type="range" min="0" max=(LONGEST_ROUND_TRIP) step="0.05" value=(trip);
            label for="preset" { "Network" }
            select #preset {
                option value="0" selected[trip == 0.0] { "in this process: none" }
                @for (name, network) in Network::PRESETS {
                    @let of_preset = in_milliseconds(network.round_trip());
                    option value=(of_preset) selected[of_preset == trip] { (name) ": " (time(network.round_trip())) }
                }
                option value="" hidden selected[!is_preset(settings)] { "other" }
            }
            label.check { input name="wait" type="checkbox" value="yes" checked[settings.waits]; " Really wait for it" }
        }
    }
}

fn is_preset(settings: &Settings) -> bool {
    let is_it = |(_, network): &(&str, Network)| network.round_trip() == settings.round_trip;
    settings.round_trip.is_zero() || Network::PRESETS.iter().any(is_it)
}
