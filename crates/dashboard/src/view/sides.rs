//! Two pages side by side, live, on one time axis: lazy and eager, or development and production.
//!
//! Each side runs in its own stream, and each of its statements really makes a round trip. The script draws both.

use eagerly::Strategy;
use eagerly::numbers::time;
use maud::{Markup, html};

use super::{code, frame, link};
use crate::settings::{Settings, Stage};

/// A page of two sides.
pub struct Sides {
    title: &'static str,
    about: &'static str,
    sides: [(String, Settings); 2],
    /// The colours of the sides: 0 for the slow one.
    colours: [u8; 2],
}

impl Sides {
    /// Returns the page as it is, beside the page with the fix.
    #[must_use]
    pub fn strategies(settings: &Settings) -> Self {
        Self {
            title: "Side by side",
            about: match settings.strategy() {
                Some(Strategy::Raise) => {
                    "Both pages show the same lines. Only the query differs. With raise there is no page, so this is lazy."
                }
                _ => "Both pages show the same lines. Only the query differs.",
            },
            colours: [0, 1],
            sides: settings.beside_the_fix(),
        }
    }

    /// Returns the page on the developer's database, beside the page in production.
    #[must_use]
    pub fn stages(settings: &Settings) -> Self {
        let at = |stage: Stage| (stage.name().to_owned(), Settings { stage, ..settings.clone() });
        Self {
            title: "Development and production",
            about: "The same code runs on two databases. Only the number of rows differs.",
            colours: [1, 0],
            sides: [at(Stage::Development), at(Stage::Production)],
        }
    }
}

/// Renders the page before the sides start.
pub fn page(settings: &Settings, sides: &Sides) -> Markup {
    let content = html! {
        h1 { (sides.title) }
        p.about {
            (sides.about) " Each statement really makes a round trip of " (time(settings.round_trip)) ", so the times are measured."
        }
        p.actions {
            button #start.main type="button" data-key="Enter" { "Start both " kbd { "Enter" } }
            button #stop type="button" hidden { "Stop" }
            a href=(link("/", &settings.query())) { "Change the settings" }
        }
        p #announcement .visually-hidden role="status" aria-live="polite" {}
        div #sides {
            @for ((name, settings), colour) in sides.sides.iter().zip(sides.colours) { (side(colour, name, settings)) }
        }
        section.chart {
            h2 { "Statements while the pages load" }
            div #curve {}
        }
        section.chart {
            h2 { "The wire, in slow motion" }
            p.place {
                "A line down is a message on its way to the database. A line up is the answer. "
                "Between them, the database works. On a server, a statement that runs for the first time is prepared, "
                "which takes a round trip more."
            }
            p.actions { button #replay type="button" disabled { "Replay" } }
            div #wire {}
        }
        noscript { p.notice { "This page needs JavaScript." } }
    };
    frame(sides.title, settings, &["/sides.js"], &content)
}

fn side(colour: u8, name: &str, settings: &Settings) -> Markup {
    html! {
        section.side data-colour=(colour) data-name=(name) data-address=(link("/side", &settings.query())) aria-label=(name) {
            h2 { (name) }
            p.figure { b data-figure="statements" { "0" } " " span { "statements" } }
            p.figure { b data-figure="time" { "0 ms" } " " span data-figure="state" { "not started" } }
            progress max="1" value="0" aria-label={ "How much of " (name) " is done" } {}
            pre tabindex="0" { code { (code::query(settings)) } }
        }
    }
}
