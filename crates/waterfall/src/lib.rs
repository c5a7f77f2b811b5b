//! # waterfall
//!
//! A timeline of database statements as one HTML page. It opens in any browser without network access.
//!
//! A page has a lane for each kind of statement, a bar for each statement, and arrows from the statement that
//! returned rows to the statements that were sent for them. An N+1 is visible as a comb of short bars. Below the
//! timeline is a table of the statements by shape (their text without values), and a slow-query log.
//!
//! The crate only draws. A program that saw statements fills a [`Waterfall`] and calls [`page`]:
//!
//! ```
//! use std::time::Duration;
//! use waterfall::{Lane, Shape, Statement, Totals, Waterfall};
//!
//! let took = Duration::from_micros(120);
//! let waterfall = Waterfall {
//!     totals: Totals { statements: 1, rows: 3, in_database: took, slowest: took, ..Totals::default() },
//!     shapes: vec![Shape { sql: "SELECT id FROM orders".into(), statements: 1, rows: 3, in_database: took, slowest: took }],
//!     lanes: vec![Lane { label: "the orders".into(), ..Lane::default() }],
//!     places: vec!["src/page.rs:31".into()],
//!     statements: vec![Statement { number: 1, in_database: took, rows: 3, ..Statement::default() }],
//!     ..Waterfall::default()
//! };
//! let page = waterfall::page(&waterfall);
//! assert!(page.starts_with("<!doctype html>"));
//! ```
//!
//! ## How to read the source
//!
//! - `data` holds the structs that a program fills.
//! - `json` formats them for the page.
//! - `waterfall.js` draws the data, `waterfall.css` styles it, and `waterfall.html` holds both.
//! - [`sql`] shortens statements for labels.

mod data;
mod json;
pub mod sql;

pub use data::{Finding, FindingKind, Lane, Network, Shape, SlowCounts, Statement, Totals, Waterfall};

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
