//! The race: the same page with every strategy. They run one after the other, so that none slows down
//! another.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use eagerly::numbers::{count, time};
use eagerly::{Network, Result, Strategy};
use serde::Serialize;

use crate::build::{self, Run};
use crate::meter::Progress;
use crate::settings::{Settings, in_milliseconds};
use crate::shops::Shop;
use crate::stop::Stop;
use crate::work::Teller;

/// The progress of the strategy that is running.
#[derive(Serialize)]
struct Underway {
    strategy: &'static str,
    statements: String,
    /// The time so far, measured plus modelled.
    milliseconds: f64,
    /// The estimated time at the end, for the scale of the bars. `None` if it cannot be estimated.
    expected: Option<f64>,
}

/// The result of one strategy.
#[derive(Debug, Serialize)]
pub struct Finish {
    strategy: &'static str,
    statements: String,
    rows: String,
    measured: String,
    modelled: String,
    total: String,
    milliseconds: f64,
    /// The error message. `raise` always has one.
    error: Option<String>,
    /// A checksum of the lines, or `none`.
    lines: String,
}

/// Runs the page with every strategy, and sends an event for each result.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, teller: &Teller) -> Result<()> {
    for strategy in Strategy::ALL {
        if stop.is_requested() {
            break;
        }
        // A new session for each strategy, so that none reuses the prepared statements of another.
        let settings = settings.by(strategy);
        let open = shop.open(&settings, stop)?;
        let network = open.network(&settings);
        let listener = {
            let teller = teller.clone();
            move |progress| teller.now("underway", &underway(strategy, network, progress))
        };
        let run = build::run(&open, &settings, stop, Box::new(listener));
        teller.surely("finish", &finish(strategy, shop.waits(&settings), &run));
    }
    teller.surely("end", &());
    Ok(())
}

fn underway(strategy: Strategy, network: Option<Network>, progress: Progress) -> Underway {
    let modelled = network.filter(|network| !network.waits());
    let modelled = modelled.map(|network| network.modelled(progress.statements));
    let milliseconds = progress.milliseconds as f64 + in_milliseconds(modelled.unwrap_or_default());
    let share = progress.share.filter(|share| *share > 0.0);
    Underway {
        strategy: strategy.name(),
        statements: count(progress.statements),
        milliseconds,
        expected: share.map(|share| milliseconds / share),
    }
}

/// Returns the result of a strategy that waited for its round trips, or not.
fn finish(strategy: Strategy, waited: bool, run: &Run) -> Finish {
    let total = match waited {
        true => run.measured,
        false => run.measured.saturating_add(run.round_trips),
    };
    Finish {
        strategy: strategy.name(),
        statements: count(run.statements),
        rows: count(run.rows),
        measured: time(run.measured),
        modelled: match waited {
            true => "waited for".to_owned(),
            false => time(run.round_trips),
        },
        total: time(total),
        milliseconds: in_milliseconds(total),
        error: run.lines.as_ref().err().map(|failed| failed.words.clone()),
        lines: run.lines.as_ref().map_or_else(|_| "none".to_owned(), |lines| digest(lines)),
    }
}

/// Returns a short checksum of the lines, so that a reader can see that they are the same.
pub fn digest(lines: &[shop::page::PageRow]) -> String {
    let mut hasher = DefaultHasher::new();
    for line in lines {
        (&line.first_name, &line.last_name, line.orders, line.total).hash(&mut hasher);
    }
    format!("{:08x}", hasher.finish() >> 32)
}
