//! Then and now: the same code on the development database and in production.

use eagerly::text::{count, counted};
use maud::{Markup, html};

use super::{bar, frame, link, table};
use crate::build::Built;
use crate::settings::{Settings, Stage};

/// A database with what the page cost there: the settings, the rows of the three tables, the page.
type Side = (Settings, [u64; 3], Built);

/// Both, side by side.
pub fn page(settings: &Settings, sides: &[Side; 2]) -> Markup {
    let [then, now] = sides;
    let content = html! {
        h1 { "Then and now" }
        p.about {
            "The same code, by " code { (settings.orders) } " and " code { (settings.items) } ", on two databases. In development, "
            (counted(then.2.run.statements, "statement")) ": nobody notices. In production, "
            (counted(now.2.run.statements, "statement")) "."
        }
        div.sides { @for side in sides { (one(side)) } }
        p { a href=(link("/", &settings.query())) { "Change the settings" } }
    };
    frame("Then and now", settings, "/app.js", &content)
}

fn one((settings, rows, built): &Side) -> Markup {
    let [customers, orders, items] = rows.map(count);
    html! {
        section aria-label=(settings.stage.name()) {
            h2 { @match settings.stage { Stage::Development => "Then: development", Stage::Production => "Now: production" } }
            p.about { (customers) " customers, " (orders) " orders, " (items) " items" }
            div.tiles { (bar::figures(settings, built)) }
            div.window tabindex="0" role="group" aria-label="Customers" { (table::table(settings, built)) }
        }
    }
}
