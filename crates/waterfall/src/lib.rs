//! # waterfall
//!
//! A timeline of database statements as one HTML page. It opens in any browser without network access.
//!
//! A page has a lane for each kind of statement, a bar for each statement, and arrows from the statement that
//! returned rows to the statements that were sent for them. An N+1 is visible as a comb of short bars. Below the
//! timeline is a table of the statements by shape (their text without values), and a slow-query log.
//!
//! Two kinds of programs draw it:
//!
//! - The recordings of `eagerly-watch` come from inside a program. They contain the line of code that sent a
//!   statement, but an embedded database has no network. So a slider adds a *modelled* round trip to each statement.
//! - A proxy between a program and a server sees no code, but it *measures* the time on the wire and the time in
//!   the server. Then the page has no slider, and a bar shows both times.
//!
//! The crate only draws, and depends on no database. A program that saw statements fills a [`Waterfall`] and calls
//! [`page`]. This is the second kind:
//!
//! ```
//! use std::time::Duration;
//! use waterfall::{Label, Lane, Network, Shape, Statement, Totals, Waterfall};
//!
//! let (way, took) = (Duration::from_micros(500), Duration::from_micros(120));
//! let waterfall = Waterfall {
//!     heading: "Page 3: statements on the wire".into(),
//!     network: Network::Measured { round_trips: 1, on_the_wire: 2 * way },
//!     totals: Totals { statements: 1, rows: 3, in_database: took, slowest: took, ..Totals::default() },
//!     shapes: vec![Shape {
//!         sql: "SELECT id FROM orders".into(),
//!         statements: 1,
//!         rows: 3,
//!         in_database: took,
//!         slowest: took,
//!     }],
//!     lanes: vec![Lane { label: Label::Shape(0), parent: None }],
//!     statements: vec![Statement {
//!         number: 1,
//!         to_server: way,
//!         in_database: took,
//!         from_server: way,
//!         rows: 3,
//!         ..Statement::default()
//!     }],
//!     ..Waterfall::default()
//! };
//! let page = waterfall::page(&waterfall);
//! assert!(page.contains("<h1>Page 3: statements on the wire</h1>"));
//! ```
//!
//! ## How to read the source
//!
//! - `data` holds the structs that a program fills.
//! - `json` formats them for the page.
//! - `waterfall.js` draws the data, `waterfall.css` styles it, and `waterfall.html` holds both.
//! - [`sql`] shortens statements for labels.

/// The program in the README runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod data;
mod json;
mod micros;
pub mod sql;

pub use data::{Finding, FindingKind, Label, Lane, Network, Shape, SlowCounts, Statement, Totals, Waterfall};

const PAGE: &str = include_str!("waterfall.html");
const STYLE: &str = include_str!("waterfall.css");
const SCRIPT: &str = include_str!("waterfall.js");

/// Returns the page as HTML, to be written to a file or sent to a browser.
///
/// It is one self-contained document in UTF-8. Its script and its style are inside, so a server that sends a
/// content security policy has to allow `'unsafe-inline'` for both. No text of the data can become markup.
#[must_use]
pub fn page(waterfall: &Waterfall) -> String {
    let figures = json::of(waterfall);
    // The page is filled in one pass, because the data can contain the text of a placeholder.
    let mut parts = PAGE.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once("}}").unwrap_or((part, ""));
        match name {
            "title" => page += &escaped(&waterfall.title),
            "heading" => page += &escaped(&waterfall.heading),
            "style" => page += STYLE,
            "script" => page += SCRIPT,
            "figures" => page += &figures,
            _ => {}
        }
        page += after;
    }
    page
}

/// Escapes text for HTML, outside of attributes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
