//! The code that ran, with the line marked that the settings change, and those that the findings name.

use eagerly::Strategy;
use maud::{Markup, html};

use crate::build::Built;
use crate::settings::Settings;

/// The file with the page's own code, and the part of it that is shown.
const PAGE: &str = include_str!("../../../shop/src/page.rs");
const PAGE_FILE: &str = "crates/shop/src/page.rs";
const BEGIN: &str = "// ANCHOR: page";
const END: &str = "// ANCHOR_END: page";

/// The code: the query, and the page that reads what it gives.
pub fn code(settings: &Settings, built: &Built) -> Markup {
    html! {
        section.code {
            h2 { "The code" }
            p.place { "The query. The marked line is all that the settings change." }
            pre { code { (query(settings)) } }
            @if settings.spend {
                p.place { "The page, the same for all: " (PAGE_FILE) ". Marked is where statements were sent from." }
                pre { code { (page(built)) } }
            } @else {
                p.place { "The page, which reads no items." }
                pre { code { "for customer in &customers {\n    let orders = customer.orders()?.len();\n    …\n}" } }
            }
        }
    }
}

/// The query as one would write it.
fn query(settings: &Settings) -> Markup {
    let path = load_path(settings.orders, settings.items);
    html! {
        "let customers = session.all(\n"
        @if path.is_none() { mark { "    Customer::select()" } } @else { "    Customer::select()" }
        @if !settings.name.is_empty() {
            @let pattern = format!("%{}%", settings.name);
            "\n        .filter(Customer::FIRST_NAME.like(" (format!("{pattern:?}")) ").or(Customer::LAST_NAME.like(" (format!("{pattern:?}")) ")))"
        }
        @if let Some((limit, offset)) = settings.window() {
            @if limit <= i64::MAX as u64 { "\n        .limit(" (limit) ")" }
            @if offset > 0 { "\n        .offset(" (offset) ")" }
        }
        @if let Some(path) = path { "\n" mark { "        .with(" (path) ")" } }
        ",\n)?;\n"
        @if settings.spend { "page::rows(&customers)" } @else { "orders_alone(&customers)" }
    }
}

/// The load path in words of code; `None` where it says what is so by itself.
fn load_path(orders: Strategy, items: Strategy) -> Option<String> {
    match (orders, items) {
        (Strategy::Lazy, Strategy::Lazy) => None,
        (orders, Strategy::Lazy) => Some(format!("{orders}(Customer::ORDERS)")),
        (orders, items) => Some(format!("{orders}(Customer::ORDERS).{items}(Order::ITEMS)")),
    }
}

/// The page's own code, its lines numbered as in the file.
fn page(built: &Built) -> Markup {
    let lines = (1_u32..).zip(PAGE.lines());
    let shown = lines
        .skip_while(|(_, line)| *line != BEGIN)
        .skip(1)
        .take_while(|(_, line)| *line != END);
    html! {
        @for (number, line) in shown {
            span.line-number { (format!("{number:>3}  ")) }
            @if sends(built, number) { mark { (line) } } @else { (line) }
            "\n"
        }
    }
}

/// Whether statements were sent from a line of the page's code.
fn sends(built: &Built, number: u32) -> bool {
    let mut places = built.run.shapes.iter().flat_map(|shape| &shape.places);
    places.any(|(place, _)| place.at.line() == number && place.at.file().replace('\\', "/").ends_with(PAGE_FILE))
}
