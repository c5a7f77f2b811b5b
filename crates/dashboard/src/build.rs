//! Building a page: a session of its own, the tools attached, the page run, and what they saw carried off.
//!
//! A session cannot leave its thread, and neither can what it loads. What comes out of here can: lines, figures, texts.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Error, PlanStep, Result, Session, Shape};
use eagerly_watch::{Detector, Recording, Report, SlowLog, SlowStatement};
use shop::page::PageRow;

use crate::customers;
use crate::meter::{Listener, Meter, THRESHOLDS};
use crate::settings::Settings;
use crate::stop::Stop;

/// A page that ran, to its end or not, and what it cost.
pub struct Run {
    /// The lines; or why there are none.
    pub lines: Result<Vec<PageRow>, Failed>,
    /// The statements, without transaction control.
    pub statements: u64,
    /// The rows that were read.
    pub rows: u64,
    /// From the query to the last line, the tools' own work included.
    pub measured: Duration,
    /// In the database.
    pub elapsed: Duration,
    /// The round trips: reckoned, or waited for and then part of `measured`.
    pub round_trips: Duration,
    /// The slowest statement.
    pub slowest: Duration,
    /// The statements by shape.
    pub shapes: Vec<Shape>,
    /// For each of the [thresholds](THRESHOLDS), how many statements took longer.
    pub over: [u64; THRESHOLDS.len()],
}

/// Why a page has no lines.
pub struct Failed {
    /// In words.
    pub words: String,
    /// Whether `raise` refused an access, which is what it is for.
    pub is_raised: bool,
    /// Whether somebody stopped it.
    pub is_stopped: bool,
}

/// A page with all that the bar of tools shows.
pub struct Built {
    /// The page itself.
    pub run: Run,
    /// How many customers there are to page through.
    pub matching: u64,
    /// What the detector found.
    pub report: Report,
    /// What was slow.
    pub slow: Vec<SlowStatement>,
    /// How many were.
    pub slow_ones: u64,
    /// The plan: its statements, and their number as a sum; or why there is none.
    pub plan: Result<(Vec<PlanStep>, String), String>,
}

/// Runs the page with all tools attached.
///
/// # Errors
/// If the database cannot be opened or counted.
pub fn build(file: &Path, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Result<Built> {
    let session = open(file, stop)?;
    let matching = session.count(customers::matching(settings))?;
    let plan = customers::plan(&session, settings);
    let detector = Detector::attach(&session);
    let slow = SlowLog::over(&session, settings.slow);
    let run = run(&session, settings, stop, listener);
    Ok(Built {
        run,
        matching: settings.customers.map_or(matching, |most| most.min(matching)),
        report: detector.report().at_round_trip(settings.round_trip),
        slow: slow.statements(),
        slow_ones: slow.slow(),
        plan: match plan {
            Ok(plan) => {
                let formula = plan.formula();
                Ok((plan.steps, formula))
            }
            Err(error) => Err(error.to_string()),
        },
    })
}

/// Runs the page once more, and draws what it sends. Nothing is waited for: the picture can reckon by itself.
///
/// # Errors
/// If the database cannot be opened.
pub fn waterfall(file: &Path, settings: &Settings, stop: &Arc<Stop>) -> Result<String> {
    let session = open(file, stop)?;
    let settings = Settings {
        waits: false,
        ..settings.clone()
    };
    let recording = Recording::start(&session);
    run(&session, &settings, stop, Box::new(|_| {}));
    Ok(recording.to_html())
}

/// A session that can be stopped.
///
/// # Errors
/// If the database cannot be opened.
pub fn open(file: &Path, stop: &Stop) -> Result<Session> {
    let session = Session::open(file)?;
    stop.reaches(session.interrupter()?);
    Ok(session)
}

/// Runs the page, counted and metered.
pub fn run(session: &Session, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Run {
    session.model_network(settings.network());
    let meter = Rc::new(Meter::new(Arc::clone(stop), listener));
    let metering = session.observe(Rc::<Meter>::clone(&meter));
    let tally = session.tally();
    let start = Instant::now();
    let lines = customers::lines(session, settings);
    let measured = start.elapsed();
    drop(metering);
    Run {
        lines: lines.map_err(|error| Failed {
            words: error.to_string(),
            is_raised: matches!(error, Error::Raised { .. }),
            is_stopped: stop.is_requested(),
        }),
        statements: tally.statements(),
        rows: tally.rows(),
        measured,
        elapsed: tally.elapsed(),
        round_trips: tally.round_trips(),
        slowest: tally.slowest(),
        shapes: tally.shapes(),
        over: meter.over(),
    }
}
