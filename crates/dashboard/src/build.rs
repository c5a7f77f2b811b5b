//! Building a page: open a session, attach the tools, run the page, and collect the results.
//!
//! A session and its entities cannot leave their thread. So this module returns only plain data: lines,
//! numbers and texts.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Error, PlanStep, Result, Shape};
use eagerly_watch::{Recording, Report, SlowLog, SlowStatement};
use shop::page::PageRow;

use crate::customers;
use crate::journal::{Journal, Kept};
use crate::meter::{Listener, Meter, THRESHOLDS};
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
    /// The time of all round trips. If the page waited for them, they are part of `measured`. On a server it is the time by
    /// which the proxy delayed them.
    pub round_trips: Duration,
    /// Whether the page waited for its round trips, so that they are measured.
    pub waited: bool,
    /// The time of the slowest statement.
    pub slowest: Duration,
    /// The statements by shape (a statement's text without its values).
    pub shapes: Vec<Shape>,
    /// For each of the [thresholds](THRESHOLDS), the number of statements that took longer.
    pub over: [u64; THRESHOLDS.len()],
    /// The first statements, and how many were sent by when.
    pub journal: Kept,
    /// What the server and the wire counted. `None` for SQLite.
    pub server: Option<OnServer>,
}

impl Run {
    /// Returns the time of the page with all round trips, measured or modelled.
    #[must_use]
    pub fn total(&self) -> Duration {
        match self.waited {
            true => self.measured,
            false => self.measured.saturating_add(self.round_trips),
        }
    }
}

/// Why a page has no lines.
pub struct Failed {
    /// The error message.
    pub words: String,
    /// Whether the strategy `raise` refused an access. The page shows this as intended, not as a failure.
    pub is_raised: bool,
    pub is_stopped: bool,
}

/// A page and everything that is shown about it.
pub struct Built {
    pub run: Run,
    /// The number of customers on all pages together.
    pub matching: u64,
    pub report: Report,
    /// The statements in the slow-query log.
    pub slow: Vec<SlowStatement>,
    /// The number of slow statements. The log keeps only the latest of them.
    pub slow_ones: u64,
    /// The steps of the plan and its number of statements as a formula, or the error message. `None` if one SQL statement
    /// computes the page: an ORM's plan is for objects.
    pub plan: Option<Result<(Vec<PlanStep>, String), String>>,
    /// The waterfall of this run, as a page of its own.
    pub waterfall: String,
}

/// Runs the page with all tools attached.
///
/// # Errors
/// If the database cannot be opened or counted.
pub fn build(shop: &Shop, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Result<Built> {
    let open = shop.open(settings, stop)?;
    let matching = open.aside().count(customers::matching(settings))?;
    let plan = (!settings.sql).then(|| match customers::plan(open.aside(), settings) {
        Ok(plan) => {
            let formula = plan.formula();
            Ok((plan.steps, formula))
        }
        Err(error) => Err(error.to_string()),
    });
    let recording = Recording::start(&open.session);
    let slow = SlowLog::over(&open.session, settings.slow);
    let run = run(&open, settings, stop, listener);
    Ok(Built {
        run,
        matching: settings.customers.map_or(matching, |most| most.min(matching)),
        report: recording.report().at_round_trip(settings.round_trip),
        slow: slow.statements(),
        slow_ones: slow.slow(),
        plan,
        waterfall: recording.to_html(),
    })
}

/// Runs the page in the open session, and counts and times its statements.
pub fn run(open: &Open, settings: &Settings, stop: &Arc<Stop>, listener: Listener) -> Run {
    let session = &open.session;
    let network = open.network(settings);
    session.model_network(network);
    let watch = open.watch();
    let meter = Rc::new(Meter::new(Arc::clone(stop), listener));
    let journal = Rc::new(Journal::new(settings.round_trip, open.is_on_server()));
    let observations =
        (session.observe(Rc::<Meter>::clone(&meter)), session.observe(Rc::<Journal>::clone(&journal)));
    let tally = session.tally();
    let start = Instant::now();
    let lines = customers::lines(session, settings);
    let measured = start.elapsed();
    drop(observations);
    let server = watch.end(start);
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
        round_trips: server.as_ref().map_or_else(|| tally.round_trips(), |server| server.wire.delayed),
        waited: server.is_some() || network.is_some_and(eagerly::Network::waits),
        slowest: tally.slowest(),
        shapes: tally.shapes(),
        over: meter.over(),
        journal: journal.take(),
        server,
    }
}
