//! The ways to get the page's data, and what each costs.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use eagerly::{Session, Shape, Strategy, by};
use indicatif::ProgressBar;
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::echo::FirstStatements;

/// How the page gets its data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through objects, both relations by one strategy.
    Objects(Strategy),
    /// By one SQL statement, without objects.
    Report,
}

impl Way {
    /// Every way, in the order of the table.
    pub fn all() -> Vec<Self> {
        let objects = Strategy::ALL.map(Self::Objects);
        objects.into_iter().chain([Self::Report]).collect()
    }

    /// The name, as an option and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Objects(strategy) => strategy.name(),
            Self::Report => "sql",
        }
    }

    /// The name as a table shows it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Report => "SQL GROUP BY",
            other => other.name(),
        }
    }

    /// The whole page: the query, and what is made of it. Only the query differs between the strategies.
    pub fn page(self, session: &Session) -> eagerly::Result<Vec<PageRow>> {
        match self {
            Self::Objects(strategy) => {
                let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
                page::rows(&session.all(Customer::select().with(path))?)
            }
            Self::Report => page::report(session),
        }
    }
}

/// What a way costs.
pub struct Run {
    pub way: Way,
    pub statements: u64,
    /// `BEGIN`, `COMMIT`.
    pub control: u64,
    /// The rows that the statements returned.
    pub rows: u64,
    /// The time of the slowest statement.
    pub slowest: Duration,
    /// The time of the whole page.
    pub measured: Duration,
    /// The lines of the page.
    pub lines: u64,
    pub checksum: String,
    /// The error that the way gives: `raise` does.
    pub error: Option<String>,
    pub shapes: Vec<Shape>,
    pub first_statements: Vec<String>,
}

impl Run {
    /// What the round trips to a database server would add: statements × round trip.
    pub fn modelled(&self, round_trip: Duration) -> Duration {
        let seconds = self.statements as f64 * round_trip.as_secs_f64();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    pub fn total(&self, round_trip: Duration) -> Duration {
        self.measured.saturating_add(self.modelled(round_trip))
    }
}

/// Runs every way and makes sure that all give the same page, but for `raise`, which gives none.
pub fn run_all(session: &Session, ways: &[Way]) -> Result<Vec<Run>> {
    let runs = ways.iter().map(|way| run(session, *way));
    let runs = runs.collect::<Result<Vec<Run>>>()?;
    let pages: Vec<_> = runs.iter().filter(|run| run.error.is_none()).collect();
    for pair in pages.windows(2) {
        ensure!(
            pair[0].checksum == pair[1].checksum,
            "{} and {} give different pages: this is a fault of eagerly's",
            pair[0].way.name(),
            pair[1].way.name()
        );
    }
    Ok(runs)
}

/// Runs a way twice: first counted, then timed with nobody listening.
fn run(session: &Session, way: Way) -> Result<Run> {
    let waiting = ProgressBar::new_spinner().with_message(format!("the page, {}", way.name()));
    waiting.enable_steady_tick(Duration::from_millis(100));
    let first = Rc::new(FirstStatements::default());
    let listening = session.observe(Rc::<FirstStatements>::clone(&first));
    let tally = session.tally();
    let (page, error) = page_or_refusal(way, session)?;
    let run = Run {
        way,
        statements: tally.statements(),
        control: tally.control(),
        rows: tally.rows(),
        slowest: tally.slowest(),
        measured: Duration::ZERO,
        lines: page.len() as u64,
        checksum: if error.is_some() {
            String::new()
        } else {
            checksum(page)
        },
        error,
        shapes: tally.shapes(),
        first_statements: first.take(),
    };
    drop((tally, listening));

    let start = Instant::now();
    drop(page_or_refusal(way, session)?);
    let measured = start.elapsed();
    waiting.finish_and_clear();
    Ok(Run { measured, ..run })
}

/// The page; or the error with which `raise` refuses to load lazily, which is what it is for.
fn page_or_refusal(way: Way, session: &Session) -> Result<(Vec<PageRow>, Option<String>)> {
    match way.page(session) {
        Ok(page) => Ok((page, None)),
        Err(refusal @ eagerly::Error::Raised { .. }) => Ok((Vec::new(), Some(refusal.to_string()))),
        Err(error) => Err(error.into()),
    }
}

/// A number for the rows, whatever their order.
fn checksum(mut rows: Vec<PageRow>) -> String {
    rows.sort();
    let mut hasher = crc32fast::Hasher::new();
    for row in rows {
        let PageRow {
            first_name,
            last_name,
            orders,
            total,
        } = row;
        hasher.update(format!("{first_name}\t{last_name}\t{orders}\t{total}\n").as_bytes());
    }
    format!("{:08x}", hasher.finalize())
}
