//! The HTML: the frame of every page, and the admin page.
//!
//! `maud` renders all text. It escapes everything that comes from the database or from a link.

mod code;
mod findings;
mod form;
mod hero;
mod log;
mod on_server;
mod plan;
pub mod race;
pub mod sides;
mod statements;
mod story;
mod table;
mod tabs;
pub mod users;

use eagerly::numbers::count;
use maud::{DOCTYPE, Markup, html};
use serde::Serialize;

use crate::build::Built;
use crate::settings::Settings;
use crate::shops::Shop;

/// The pages: their titles and addresses.
const PLACES: [(&str, &str); 5] = [
    ("The page", "/"),
    ("Side by side", "/side-by-side"),
    ("Race", "/race"),
    ("Development and production", "/then-and-now"),
    ("Many users", "/users"),
];

/// Renders the frame of a page: its head, the links to the other pages, and the story.
fn frame(title: &str, settings: &Settings, scripts: &[&str], content: &Markup) -> Markup {
    let query = Settings { step: None, ..settings.clone() }.query();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · eagerly" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
                script type="module" src="/frame.js" {}
                @for script in scripts { script type="module" src=(script) {} }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header {
                    p.brand { "eagerly " span { "the shop’s admin" } }
                    nav aria-label="Pages" {
                        @for (name, path) in PLACES {
                            a href=(link(path, &query)) aria-current=[(name == title).then_some("page")] data-path=(path) { (name) }
                        }
                    }
                    p.keys {
                        button #presenter type="button" aria-pressed="false" data-key="p" { "Presenter size " kbd { "p" } }
                        button #keys type="button" data-key="?" { "Keys and words " kbd { "?" } }
                    }
                }
                (story::strip(settings))
                main #content tabindex="-1" { (content) }
                (keys())
            }
        }
    }
}

/// Renders the list of the keys.
fn keys() -> Markup {
    let keys = [
        ("l i b s u j r", "load by lazy, immediate, batch, selectin, subquery, joined, raise"),
        ("g", "compute the page by SQL GROUP BY"),
        ("1 2 3 …", "open a tab"),
        ("f", "apply the fix"),
        ("← →", "go to the previous or next step of the story"),
        ("p", "switch to a larger size, for a projector"),
        ("Esc", "stop the page that is being built"),
    ];
    html! {
        dialog #key-list aria-label="Keys and words" {
            h2 { "Keys" }
            table { tbody { @for (key, does) in keys { tr { th scope="row" { kbd { (key) } } td { (does) } } } } }
            p { label { input #keys-on type="checkbox" checked; " React to these keys" } }
            h2 { "Words" }
            dl {
                @for (word, meaning) in WORDS { dt { (word) } dd { (meaning) } }
                @for strategy in eagerly::Strategy::ALL { dt { (strategy) } dd { (strategy.summary()) } }
            }
            form method="dialog" { button.main { "Close" } }
        }
    }
}

/// The words that the pages use.
const WORDS: [(&str, &str); 8] = [
    ("statement", "one SQL text that is sent to the database and answered"),
    ("round trip", "the way of a message to the database and of the answer back"),
    ("relation", "rows that belong to a row, such as the orders of a customer, who is their parent"),
    ("N+1", "1 statement returns N rows, and then each row sends 1 statement more"),
    ("lazy loading", "a relation is loaded when the program accesses it"),
    ("eager loading", "a relation is loaded together with the rows, for all of them"),
    ("measured", "a time that passed on this machine"),
    ("modelled", "the number of statements times the round trip; no time passes"),
];

/// Returns the address of `path` with the settings in `query`.
fn link(path: &str, query: &str) -> String {
    match query.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{query}"),
    }
}

/// Renders `content` with a button that copies its text.
fn copied(what: &str, content: Markup) -> Markup {
    html! {
        div.copied {
            (content)
            button.copy type="button" data-copy aria-label={ "Copy " (what) } { "Copy" }
        }
    }
}

/// Renders the admin page. Without a result, its script fetches one.
pub fn page(settings: &Settings, shop: &Shop, built: Option<(&Built, u64)>) -> Markup {
    let query = settings.query();
    let content = html! {
        h1.visually-hidden { "The admin page: customers, orders and total spend" }
        div #controls { (form::controls(settings)) }
        (progress())
        div #result data-wanted[built.is_none()] {
            @match built {
                Some((built, number)) => (result(settings, shop, built, number)),
                None => noscript {
                    p.notice { a href=(link("/", &format!("plain=yes&{query}"))) { "Show the page without JavaScript" } }
                },
            }
        }
    };
    frame("The page", settings, &["/app.js"], &content)
}

/// Renders the progress of a page, hidden until the script shows it.
fn progress() -> Markup {
    html! {
        section #progress aria-label="Progress" hidden {
            p.figure { b #progress-statements { "0" } " " span { "statements" } }
            p.figure.seconds { b #progress-time { "0 ms" } " " span #progress-text { "The page is being built." } }
            div {
                progress #progress-bar max="1" aria-label="How much of the page is built" {}
                div #progress-curve {}
                button #stop type="button" { "Stop " kbd { "Esc" } }
            }
        }
        p #announcement .visually-hidden role="status" aria-live="polite" {}
    }
}

/// Renders a page that was built: what it cost, and the tabs.
fn result(settings: &Settings, shop: &Shop, built: &Built, number: u64) -> Markup {
    let [customers, orders, items] = shop.rows.map(count);
    html! {
        (hero::hero(settings, built))
        (tabs::tabs(settings, built, number))
        p.about {
            "The " (settings.stage.name()) " database has " (customers) " customers, " (orders) " orders and " (items) " items, in "
            (shop.place()) ". The times include the work of the tools in the tabs."
        }
    }
}

/// The event that the script receives when a page is built.
#[derive(Serialize)]
pub struct Told {
    /// The HTML of the result.
    html: String,
    /// The HTML of the links that choose a way, with the current one marked.
    controls: String,
    /// The query of the page's link.
    query: String,
    /// The announcement for screen readers.
    words: String,
}

/// Returns the event for a page that was built.
pub fn told(settings: &Settings, shop: &Shop, built: &Built, number: u64) -> Told {
    Told {
        html: result(settings, shop, built, number).into_string(),
        controls: form::controls(settings).into_string(),
        query: settings.query(),
        words: hero::words(built),
    }
}

/// Renders an error message, with a link back to the page.
pub fn failure(words: &str) -> Markup {
    let content = html! {
        h1 { "The request failed" }
        div.notice.alarm { @for line in words.lines() { p { (line) } } }
        p { a href="/" { "Back to the page with its default settings" } }
    };
    frame("The request failed", &Settings::default(), &[], &content)
}
