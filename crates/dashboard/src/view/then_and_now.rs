//! The same page on the development database and in production, side by side.

use eagerly::numbers::{count, counted};
use maud::{Markup, html};

use super::{bar, frame, link, table};
use crate::build::Built;
use crate::settings::{Settings, Stage};

/// The page on one database: its settings, the row counts of the three tables, and the result.
type Side = (Settings, [u64; 3], Built);

/// Renders the page on both databases, side by side.
pub fn page(settings: &Settings, sides: &[Side; 2]) -> Markup {
    let [then, now] = sides;
    let content = html! {
        h1 { "Development and production" }
        p.about {
            "The same code runs on two databases, with " code { (settings.orders) } " for the orders and " code { (settings.items) }
            " for the items. In development, it sends " (counted(then.2.run.statements, "statement")) ". In production, it sends "
            (counted(now.2.run.statements, "statement")) "."
        }
        div.sides { @for side in sides { (one(side)) } }
        p { a href=(link("/", &settings.query())) { "Change the settings" } }
    };
    frame("Development and production", settings, "/app.js", &content)
}

fn one((settings, rows, built): &Side) -> Markup {
    let [customers, orders, items] = rows.map(count);
    html! {
        section aria-label=(settings.stage.name()) {
            h2 { @match settings.stage { Stage::Development => "Development", Stage::Production => "Production" } }
            p.about { (customers) " customers, " (orders) " orders, " (items) " items" }
            div.tiles { (bar::figures(settings, built)) }
            div.window tabindex="0" role="group" aria-label="Customers" { (table::table(settings, built)) }
        }
    }
}
