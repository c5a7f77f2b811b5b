//! The code that ran. It marks the line that the settings change and the lines that sent statements.

use eagerly::{Dialect, Strategy};
use maud::{Markup, html};

use super::copied;
use crate::build::Built;
use crate::customers;
use crate::settings::Settings;

/// A part of a source file, as it was compiled.
struct Excerpt {
    file: &'static str,
    text: &'static str,
}

/// The code of the page, and below the code of the page without the total spend.
const PAGE: Excerpt =
    Excerpt { file: "crates/shop/src/page.rs", text: include_str!("../../../shop/src/page.rs") };
const WITHOUT_SPEND: Excerpt =
    Excerpt { file: "crates/dashboard/src/customers.rs", text: include_str!("../customers.rs") };

/// The lines between these two comments are shown.
const BEGIN: &str = "// ANCHOR: page";
const END: &str = "// ANCHOR_END: page";

/// Renders the query, and the code of the page that reads its result.
pub fn code(settings: &Settings, built: &Built) -> Markup {
    let page = if settings.spend { PAGE } else { WITHOUT_SPEND };
    html! {
        section.code {
            h2 { "The code" }
            p.place { @if settings.sql { "One statement computes the page." } @else { "The query. A strategy changes only the marked line." } }
            (copied("the query", html! { pre tabindex="0" { code { (query(settings)) } } }))
            @if !settings.sql {
                p.place { "The page is the same for every strategy: " (page.file) ". The marked lines sent statements." }
                (copied("the code", html! { pre tabindex="0" { code { (excerpt(&page, built)) } } }))
            }
        }
    }
}

/// Renders the query as a developer would write it.
pub fn query(settings: &Settings) -> Markup {
    if settings.sql {
        return html! { (customers::report_sql(Dialect::Sqlite, settings)) };
    }
    let path = load_path(settings.orders, settings.items);
    html! {
        "let customers = session.all(\n"
        "    " @if path.is_none() { mark { "Customer::select()" } } @else { "Customer::select()" }
        @if !settings.name.is_empty() {
            @for (index, name) in customers::spellings(&settings.name).iter().enumerate() {
                @let name = format!("{name:?}");
                @if index == 0 { "\n        .filter(Customer::FIRST_NAME.contains(" } @else { "\n            .or(Customer::FIRST_NAME.contains(" }
                (name) ").or(Customer::LAST_NAME.contains(" (name) "))"
                @if index == 1 { "))" }
            }
        }
        @if let Some((limit, offset)) = settings.window() {
            @if limit <= i64::MAX as u64 { "\n        .limit(" (limit) ")" }
            @if offset > 0 { "\n        .offset(" (offset) ")" }
        }
        @if let Some(path) = path { "\n        " mark { (with(&path)) } }
        ",\n)?;\n"
        @if settings.spend { "page::rows(&customers)" } @else { "without_spend(&customers)" }
    }
}

/// Renders the line that adds a load path to a query. It may break before a step of the path, and nowhere else.
pub fn with(path: &str) -> Markup {
    html! {
        ".with("
        @for (index, step) in path.split(").").enumerate() { @if index > 0 { ")" wbr; "." } (step) }
        ")"
    }
}

/// Returns the load path as code, or `None` if it only repeats the default.
fn load_path(orders: Strategy, items: Strategy) -> Option<String> {
    match (orders, items) {
        (Strategy::Lazy, Strategy::Lazy) => None,
        (orders, Strategy::Lazy) => Some(format!("{orders}(Customer::ORDERS)")),
        (orders, items) => Some(format!("{orders}(Customer::ORDERS).{items}(Order::ITEMS)")),
    }
}

/// Renders the lines of an excerpt, with their line numbers in the file.
fn excerpt(page: &Excerpt, built: &Built) -> Markup {
    let lines = (1_u32..).zip(page.text.lines());
    let shown = lines.skip_while(|(_, line)| *line != BEGIN).skip(1).take_while(|(_, line)| *line != END);
    html! {
        @for (number, line) in shown {
            span.line-number { (format!("{number:>3}  ")) }
            @let code = line.trim_start();
            (line[..line.len() - code.len()])
            @if sends(page, built, number) { mark { (code) } } @else { (code) }
            "\n"
        }
    }
}

/// Returns whether a line sent statements.
fn sends(page: &Excerpt, built: &Built, number: u32) -> bool {
    let mut places = built.run.shapes.iter().flat_map(|shape| &shape.places);
    places.any(|(place, _)| {
        place.at.line() == number && place.at.file().replace('\\', "/").ends_with(page.file)
    })
}
