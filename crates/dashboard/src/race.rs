//! The race: the same page in every way. The ways run one after the other, so that none slows down another.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use eagerly::numbers::{count, time};
use eagerly::{Network, Result, Strategy};
use serde::Serialize;

use crate::build::{self, Run};
use crate::meter::Progress;
use crate::settings::{SQL, Settings, in_milliseconds};
use crate::shops::Shop;
use crate::stop::Stop;
use crate::work::Teller;

/// The progress of the way that is running.
#[derive(Serialize)]
struct Underway {
    way: &'static str,
    statements: String,
    /// The time so far, measured plus modelled.
    milliseconds: f64,
    /// The estimated time at the end, for the scale of the bars. `None` if it cannot be estimated.
    expected: Option<f64>,
}

/// The result of one way.
#[derive(Debug, Serialize)]
pub struct Finish {
    way: &'static str,
    statements: String,
    rows: String,
    /// The times of the page, and a checksum of its lines. `None` if the page failed: an error wins no race.
    page: Option<Page>,
    /// The error message. `raise` always has one.
    error: Option<String>,
}

/// A page that was built.
#[derive(Debug, Serialize)]
struct Page {
    measured: String,
    modelled: String,
    total: String,
    milliseconds: f64,
    lines: String,
}

/// Returns every way to load the page: its name in the race, and its settings.
pub fn ways(settings: &Settings) -> impl Iterator<Item = (&'static str, Settings)> {
    let strategies = Strategy::ALL.into_iter().map(|strategy| (strategy.name(), settings.by(strategy)));
    strategies.chain([(SQL, settings.by_sql())])
}

/// Runs the page in every way, and sends an event for each result.
///
/// # Errors
/// If the database cannot be opened.
pub fn run(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, teller: &Teller) -> Result<()> {
    for (way, settings) in ways(settings) {
        if stop.is_requested() {
            break;
        }
        // A new session for each way, so that none reuses the prepared statements of another.
        let open = shop.open(&settings, stop)?;
        let network = open.network(&settings);
        let listener = {
            let teller = teller.clone();
            move |progress| teller.now("underway", &underway(way, network, progress))
        };
        let run = build::run(&open, &settings, stop, Box::new(listener));
        teller.surely("finish", &finish(way, run));
    }
    teller.surely("end", &());
    Ok(())
}

fn underway(way: &'static str, network: Option<Network>, progress: Progress) -> Underway {
    let modelled = network.filter(|network| !network.waits());
    let modelled = modelled.map(|network| network.modelled(progress.statements));
    let milliseconds = progress.milliseconds as f64 + in_milliseconds(modelled.unwrap_or_default());
    let share = progress.share.filter(|share| *share > 0.0);
    Underway {
        way,
        statements: count(progress.statements),
        milliseconds,
        expected: share.map(|share| milliseconds / share),
    }
}

fn finish(way: &'static str, run: Run) -> Finish {
    let total = run.total();
    let modelled = match run.waited {
        true => "–".to_owned(),
        false => time(run.round_trips),
    };
    let (page, error) = match run.lines {
        Ok(lines) => {
            let page = Page {
                measured: time(run.measured),
                modelled,
                total: time(total),
                milliseconds: in_milliseconds(total),
                lines: digest(&lines),
            };
            (Some(page), None)
        }
        Err(failed) => (None, Some(failed.words)),
    };
    Finish { way, statements: count(run.statements), rows: count(run.rows), page, error }
}

/// Returns a short checksum of the lines, so that a reader can see that they are the same.
pub fn digest(lines: &[shop::page::PageRow]) -> String {
    let mut hasher = DefaultHasher::new();
    for line in lines {
        (&line.first_name, &line.last_name, line.orders, line.total).hash(&mut hasher);
    }
    format!("{:08x}", hasher.finish() >> 32)
}
