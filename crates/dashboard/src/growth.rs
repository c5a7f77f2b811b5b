//! The growth of a page: how many statements it sends for 1, 5, 50, 500 and all customers.
//!
//! The page runs for each point, without waiting for round trips, so each number is counted and not computed.

use std::sync::Arc;

use eagerly::{Result, Strategy};
use serde::Serialize;

use crate::build;
use crate::settings::Settings;
use crate::shops::Shop;
use crate::stop::Stop;

/// The numbers of customers, besides all of them.
const CUSTOMERS: [u64; 4] = [1, 5, 50, 500];

/// The ways that are always drawn. The others send as many statements as one of these.
const WAYS: [Strategy; 3] = [Strategy::Lazy, Strategy::Selectin, Strategy::Joined];

/// The statements of one way to load the page, for each number of customers.
#[derive(Debug, Serialize)]
pub struct Line {
    pub name: String,
    /// Pairs of customers and statements.
    pub points: Vec<(u64, u64)>,
    /// Whether this is the way that the page uses.
    pub is_chosen: bool,
}

/// Runs the page in each way and for each number of customers.
///
/// # Errors
/// If the database cannot be opened.
pub fn lines(shop: &Shop, settings: &Settings, stop: &Arc<Stop>) -> Result<Vec<Line>> {
    let mut ways: Vec<_> = WAYS.map(|strategy| (strategy.name().to_owned(), settings.by(strategy))).into();
    let chosen = settings.way();
    if !ways.iter().any(|(name, _)| *name == chosen) {
        ways.push((chosen.clone(), settings.clone()));
    }
    let all = settings.customers.unwrap_or(shop.rows[0]);
    let mut sizes: Vec<_> = CUSTOMERS.into_iter().filter(|size| *size < all).chain([all]).collect();
    sizes.retain(|size| *size > 0);
    let mut lines = Vec::new();
    for (name, settings) in ways {
        let is_chosen = name == chosen;
        let points = sizes.iter().map(|customers| statements(shop, &settings, *customers, stop));
        let points: Option<Vec<_>> = points.collect::<Result<_>>()?;
        // A page that fails, as with `raise`, sends few statements because it is no page.
        lines.extend(points.map(|points| Line { name, points, is_chosen }));
    }
    Ok(lines)
}

/// Runs the page for this number of customers. Returns it with the number of statements, or `None` if the page failed.
fn statements(
    shop: &Shop,
    settings: &Settings,
    customers: u64,
    stop: &Arc<Stop>,
) -> Result<Option<(u64, u64)>> {
    let settings =
        Settings { customers: Some(customers), size: None, page: 1, waits: false, ..settings.clone() };
    let open = shop.open_directly(stop)?;
    let run = build::run(&open, &settings, stop, Box::new(|_| {}));
    Ok(run.lines.is_ok().then_some((customers, run.statements)))
}
