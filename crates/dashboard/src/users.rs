//! The page for many users at once, with two strategies, as a stream of events.

use std::sync::Arc;

use anyhow::Result;
use eagerly::numbers::time;
use serde::Serialize;

use crate::level::{CONNECTIONS, Level, TIME, USERS};
use crate::load;
use crate::settings::{Settings, in_milliseconds};
use crate::shops::Shop;
use crate::stop::Stop;
use crate::work::Teller;

/// The number of customers on the page, unless the settings choose another. With all customers, a lazy page takes longer than a
/// measurement.
const CUSTOMERS: u64 = 20;

/// What was measured for a number of users.
#[derive(Serialize)]
struct Measured {
    way: String,
    users: u16,
    milliseconds: f64,
    statements: u64,
    /// The texts of the table: pages in a second, median, 95 %, wait for a connection, its time in use, busy connections,
    /// busy processors.
    cells: [String; 7],
}

/// Returns the two ways that are compared, each with its name: the page as it is, and `selectin`.
#[must_use]
pub fn ways(settings: &Settings) -> [(String, Settings); 2] {
    match settings.window() {
        Some(_) => settings.beside_the_fix(),
        None => Settings { customers: Some(CUSTOMERS), ..settings.clone() }.beside_the_fix(),
    }
}

/// Measures both ways, and sends an event for each number of users.
///
/// # Errors
/// If the database is a SQLite file, or if a page fails.
pub fn run(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, teller: &Teller) -> Result<()> {
    for (way, settings) in ways(settings) {
        load::run(shop, &settings, &USERS, TIME, stop, |level| {
            teller.surely("level", &measured(&way, &level));
        })?;
    }
    teller.surely("end", &());
    Ok(())
}

fn measured(way: &str, level: &Level) -> Measured {
    Measured {
        way: way.to_owned(),
        users: level.users,
        milliseconds: in_milliseconds(level.median),
        statements: level.statements,
        cells: [
            format!("{:.1}", level.pages_per_second),
            time(level.median),
            time(level.p95),
            time(level.waiting),
            time(level.held),
            format!("{:.1} of {}", level.busy, CONNECTIONS),
            level.processors.map_or_else(|| "unknown".to_owned(), |busy| format!("{busy:.2}")),
        ],
    }
}
