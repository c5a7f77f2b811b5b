//! The HTML: the frame of every page, and the admin page.
//!
//! `maud` renders all text. It escapes everything that comes from the database or from a link.

mod bar;
mod code;
mod form;
mod panels;
pub mod race;
mod table;
pub mod then_and_now;

use eagerly::numbers::count;
use maud::{DOCTYPE, Markup, html};
use serde::Serialize;

use crate::build::Built;
use crate::settings::Settings;

/// Renders the frame of a page: its head, and the links to the other pages.
fn frame(title: &str, settings: &Settings, script: &str, content: &Markup) -> Markup {
    let query = settings.query();
    let places = [("The page", "/"), ("Race", "/race"), ("Development and production", "/then-and-now")];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · eagerly" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
                script src=(script) defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header {
                    p.brand { "eagerly " span { "the shop's admin" } }
                    nav aria-label="Pages" {
                        @for (name, path) in places {
                            a href=(link(path, &query)) aria-current=[(name == title).then_some("page")] data-path=(path) { (name) }
                        }
                    }
                }
                main #content tabindex="-1" { (content) }
            }
        }
    }
}

/// Returns the address of `path` with the settings in `query`.
fn link(path: &str, query: &str) -> String {
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    }
}

/// Renders the admin page. Without a result, its script fetches one.
pub fn page(settings: &Settings, shop: [u64; 3], built: Option<&Built>) -> Markup {
    let [customers, orders, items] = shop.map(count);
    let content = html! {
        h1 { "Customers" }
        p.about {
            (customers) " customers, " (orders) " orders, " (items) " items, in a SQLite file. The page lists each customer with "
            "the number of orders and the total spend."
        }
        (form::form(settings))
        (progress())
        div #result data-wanted[built.is_none()] {
            @match built {
                Some(built) => (result(settings, built)),
                None => noscript { p.notice { "A page that really waits for its round trips is shown while it is built. This needs JavaScript." } },
            }
        }
    };
    frame("The page", settings, "/app.js", &content)
}

/// Renders the progress of a page, hidden until the script shows it.
fn progress() -> Markup {
    html! {
        section #progress aria-label="Progress" hidden {
            progress #progress-bar max="1" aria-label="How much of the page is built" {}
            p #progress-text {}
            button #stop type="button" { "Stop" }
        }
        p #announcement .visually-hidden role="status" aria-live="polite" {}
    }
}

/// Renders a page that was built: the toolbar, the code, and the page itself.
fn result(settings: &Settings, built: &Built) -> Markup {
    html! {
        (bar::bar(settings, built))
        div.beside {
            (code::code(settings, built))
            (table::table(settings, built))
        }
    }
}

/// The event that the script receives when a page is built.
#[derive(Serialize)]
pub struct Told {
    /// The HTML of the result.
    html: String,
    /// The query of the page's link.
    query: String,
    /// The announcement for screen readers.
    words: String,
}

/// Returns the event for a page that was built.
pub fn told(settings: &Settings, built: &Built) -> Told {
    Told {
        html: result(settings, built).into_string(),
        query: settings.query(),
        words: bar::words(settings, built),
    }
}

/// Renders an error message, with a link back to the page.
pub fn failure(words: &str) -> Markup {
    let content = html! {
        h1 { "The request failed" }
        div.notice.alarm { @for line in words.lines() { p { (line) } } }
        p { a href="/" { "Back to the page with its default settings" } }
    };
    frame("The request failed", &Settings::default(), "/app.js", &content)
}
