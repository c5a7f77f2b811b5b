//! Building a page: open a session, attach the tools, run the page, and collect the results.
//!
//! A session and its entities cannot leave their thread. So this module returns only plain data: lines,
//! numbers and texts.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Error, PlanStep, Result, Shape};
use eagerly_watch::{Detector, Recording, Report, SlowLog, SlowStatement};
use shop::page::PageRow;

use crate::customers;
use crate::meter::{Interval, Listener, Meter, THRESHOLDS};
use crate::on_server::OnServer;
use crate::settings::Settings;
use crate::shops::{Open, Shop};
use crate::stop::Stop;

/// The lines of a page that ran, or its error, and what it cost.
pub struct Run {
    pub lines: Result<Vec<PageRow>, Failed>,
    /// The number of statements, without transaction control.
    pub statements: u64,
    pub rows: u64,
    /// The time from the query to the last line. It includes the work of the tools.
    pub measured: Duration,
    /// The time spent in the database. On a server it includes the round trips.
    pub elapsed: Duration,
    /// The time of all round trips of a modelled network. If the page waited for them, they are part of `measured`. On a
    /// server it is zero: see `server`.
    pub round_trips: Duration,
    /// The time of the slowest statement.
    pub slowest: Duration,
    /// The statements by shape (a statement's text without its values).
    pub shapes: Vec<Shape>,
    /// For each of the [thresholds](THRESHOLDS), the number of statements that took longer.
    pub over: [u64; THRESHOLDS.len()],
    /// The times of the first 2,000 statements.
    #[allow(dead_code, reason = "the views are about to show it")]
    pub intervals: Vec<Interval>,
    /// What the server and the wire counted. `None` for SQLite.
    #[allow(dead_code, reason = "the views are about to show it")]
    pub server: Option<OnServer>,
}

/// Why a page has no lines.
pub struct Failed {
    /// The error message.
    pub words: String,
    /// Whether the strategy `raise` refused an access. The page shows this as intended, not as a failure.
    pub is_raised: bool,
    pub is_stopped: bool,
}

/// A page and everything that the toolbar shows.
pub struct Built {
    pub run: Run,
    /// The number of customers on all pages together.
    pub matching: u64,
    pub report: Report,
    /// The statements in the slow-query log.
    pub slow: Vec<SlowStatement>,
    /// The number of slow statements. The log keeps only the latest of them.
    pub slow_ones: u64,
    /// The steps of the plan and its number of statements as a formula, or the error message.
    pub plan: Result<(Vec<PlanStep>, String), String>,
}

/// Runs the page with all tools attached.
///
/// # Errors
/// If the database cannot be opened or counted.
pub fn build(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Result<Built> {
    let open = shop.open(settings, stop)?;
    let matching = open.aside().count(customers::matching(settings))?;
    let plan = customers::plan(open.aside(), settings);
    let detector = Detector::attach(&open.session);
    let slow = SlowLog::over(&open.session, settings.slow);
    let run = run(&open, settings, stop, listener);
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

/// Runs the page once more and returns the waterfall of its statements. It never waits for round trips: the
/// waterfall models them.
///
/// # Errors
/// If the database cannot be opened.
pub fn waterfall(shop: &Shop, settings: &Settings, stop: &Arc<Stop>) -> Result<String> {
    let open = shop.open_directly(stop)?;
    let settings = Settings { waits: false, ..settings.clone() };
    let recording = Recording::start(&open.session);
    run(&open, &settings, stop, Box::new(|_| {}));
    Ok(recording.to_html())
}

/// Runs the page in the open session, and counts and times its statements.
pub fn run(open: &Open, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Run {
    let session = &open.session;
    session.model_network(open.network(settings));
    let watch = open.watch();
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
        intervals: meter.take_intervals(),
        server: watch.end(meter.started()),
    }
}
