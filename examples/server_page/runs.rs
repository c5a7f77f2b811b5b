//! Runs the page in each way. The session, the server and the wire count what it costs, each by itself.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use eagerly_wire::{Finding, Recorder};

use crate::database::Database;
use crate::progress::Progress;
use crate::slow_log::{self, Slow};
use crate::statistics::Entry;
use crate::ways::{self, Way, checksum, page_or_refusal};

pub struct Run {
    pub way: Way,
    pub statements: u64,
    /// The number of `BEGIN` and `COMMIT` statements, which `statements` excludes.
    pub control: u64,
    /// The rows that the statements returned.
    pub rows: u64,
    /// The round trips of all statements, including `BEGIN` and `COMMIT`.
    pub round_trips: u64,
    /// The time of the whole page.
    pub measured: Duration,
    /// The server's statistics of this way, the most calls first, if they can be read.
    pub entries: Option<Vec<Entry>>,
    /// The statements that this way added to the slow-query log, if the server is a throw-away server.
    pub slow: Option<Vec<Slow>>,
    /// What passed on the wire, if there is a proxy.
    pub wire: Option<OnTheWire>,
    /// The lines of the page.
    pub lines: u64,
    /// Empty if there is no page.
    pub checksum: String,
    /// The error of `raise`, which returns no page.
    pub error: Option<String>,
}

/// What the proxy counted and found.
pub struct OnTheWire {
    pub statements: u64,
    pub control: u64,
    pub round_trips: u64,
    pub findings: Vec<Finding>,
}

impl OnTheWire {
    /// Returns what the proxy has recorded since it was cleared.
    fn of(recorder: &Recorder) -> Self {
        let report = recorder.report();
        Self {
            statements: report.statements(),
            control: report.control(),
            round_trips: report.round_trips(),
            findings: report.pages.into_iter().flat_map(|page| page.findings).collect(),
        }
    }
}

impl Run {
    /// Returns the number of statements that the server ran, without `BEGIN` and `COMMIT`.
    pub fn calls(&self) -> Option<u64> {
        self.entries.as_ref().map(|entries| entries.iter().map(Entry::calls).sum())
    }

    /// Returns the time in which the server worked on the statements.
    pub fn server_time(&self) -> Option<Duration> {
        self.entries.as_ref().map(|entries| entries.iter().map(Entry::time).sum())
    }

    /// Returns the number of bytes that the way added to the slow-query log.
    pub fn slow_bytes(&self) -> Option<u64> {
        self.slow.as_ref().map(|slow| slow.iter().map(|slow| slow.bytes).sum())
    }
}

pub fn run_all(database: &Database, ways: &[Way]) -> Result<Vec<Run>> {
    ways::run_all(ways, |way| run(database, way), |run| &run.checksum)
}

/// Runs the page once in one way, and counts and measures at the same time.
///
/// A statement waits for the network, and the observers add less than a microsecond to it.
fn run(database: &Database, way: Way) -> Result<Run> {
    let session = &database.page;
    let [customers, orders, _] = database.rows;
    let expected = way.expected(customers, orders);
    let progress = Rc::new(Progress::of(&format!("measuring {}", way.name()), expected, !database.echoes)?);
    let before = match &database.statistics {
        Ok(statistics) => Some((statistics, statistics.so_far()?)),
        Err(_) => None,
    };
    let log = match &database.server {
        Some(server) => Some((server, slow_log::length(server)?)),
        None => None,
    };
    if let Some(wire) = &database.wire {
        wire.recorder.clear();
    }
    let observation = session.observe(Rc::<Progress>::clone(&progress));
    let tally = session.tally();
    let round_trips = session.round_trips();
    let start = Instant::now();
    let (page, error) = page_or_refusal(way, session)?;
    let measured = start.elapsed();
    let round_trips = session.round_trips() - round_trips;
    drop(observation);
    progress.clear();
    Ok(Run {
        way,
        statements: tally.statements(),
        control: tally.control(),
        rows: tally.rows(),
        round_trips,
        measured,
        entries: before.map(|(statistics, before)| statistics.since(&before)).transpose()?,
        slow: log.map(|(server, length)| slow_log::since(server, length)).transpose()?,
        wire: database.wire.as_ref().map(|wire| OnTheWire::of(&wire.recorder)),
        lines: page.len() as u64,
        checksum: if error.is_some() { String::new() } else { checksum(page) },
        error,
    })
}
