//! What each way costs.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use eagerly::Shape;

use crate::database::Database;
use crate::echo::Notes;
use crate::progress::Progress;
use crate::ways::{self, Way, checksum, page_or_refusal};

/// What a way costs.
pub struct Run {
    pub way: Way,
    pub statements: u64,
    /// The number of `BEGIN` and `COMMIT` statements, which `statements` excludes.
    pub control: u64,
    /// The rows that the statements returned.
    pub rows: u64,
    /// The time of the slowest statement.
    pub slowest: Duration,
    /// The number of statements that a slow-query log would list.
    pub slow: u64,
    /// The time of the whole page, or the time until its error.
    pub measured: Duration,
    /// The lines of the page.
    pub lines: u64,
    /// Empty if there is no page.
    pub checksum: String,
    /// The error of `raise`, which returns no page.
    pub error: Option<String>,
    pub shapes: Vec<Shape>,
    pub first_statements: Vec<String>,
}

impl Run {
    /// Returns the time that the round trips to a database server would add: statements × round trip.
    pub fn modelled(&self, round_trip: Duration) -> Duration {
        let seconds = self.statements as f64 * round_trip.as_secs_f64();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    pub fn total(&self, round_trip: Duration) -> Duration {
        self.measured.saturating_add(self.modelled(round_trip))
    }
}

pub fn run_all(database: &Database, ways: &[Way]) -> Result<Vec<Run>> {
    ways::run_all(ways, |way| run(database, way), |run| &run.checksum)
}

/// Runs a way once, and counts and measures at the same time, so that all figures are of one run.
///
/// The observers add about 1 % to the time of the lazy page (measured: the fastest of 25 runs takes 454 ms with them and
/// 450 ms without). A second run without them would show times that do not belong to the counts.
fn run(database: &Database, way: Way) -> Result<Run> {
    let session = &database.session;
    let expected = way.expected(database.customers, database.orders);
    let progress = Rc::new(Progress::of(&format!("running {}", way.name()), expected, !database.echoes)?);
    let notes = Rc::new(Notes::default());
    let observations =
        [session.observe(Rc::<Progress>::clone(&progress)), session.observe(Rc::<Notes>::clone(&notes))];
    let tally = session.tally();
    let start = Instant::now();
    let (page, error) = page_or_refusal(way, session)?;
    let measured = start.elapsed();
    drop(observations);
    progress.clear();
    Ok(Run {
        way,
        statements: tally.statements(),
        control: tally.control(),
        rows: tally.rows(),
        slowest: tally.slowest(),
        slow: notes.slow(),
        measured,
        lines: page.len() as u64,
        checksum: if error.is_some() { String::new() } else { checksum(page) },
        error,
        shapes: tally.shapes(),
        first_statements: notes.take_first(),
    })
}
