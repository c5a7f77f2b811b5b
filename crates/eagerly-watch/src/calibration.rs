//! Measures the constants of a [`CostModel`] in less than a second.
//!
//! It reads no table of the program and changes nothing. It sends:
//!
//! - a statement that finds one row by its key, in a table that every database has (`sqlite_schema`, or `pg_class`);
//! - on PostgreSQL, the same in a snapshot. `COMMIT` is then one more round trip, and does nothing else;
//! - generated rows, narrow and wide.
//!
//! The rows become structs through [`Session::query`], because a row also costs the work of decoding it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use eagerly::{Dialect, Event, FromRow, Network, Observer, Result, Session, params};

use crate::cost::CostModel;

/// The longest time of each of the four measurements. A repetition that runs is not stopped.
const BUDGET: Duration = Duration::from_millis(200);

/// The most repetitions of each measurement, of which the fastest counts.
const REPETITIONS: u32 = 40;

/// The number of statements of one repetition.
const STATEMENTS: u32 = 8;

const NARROW: Rows = Rows { rows: 2_000, bytes: 14 };
const WIDE: Rows = Rows { rows: 500, bytes: 2_000 };

/// A number of generated rows, with a text of `bytes`.
struct Rows {
    rows: u32,
    bytes: usize,
}

/// A generated row. It has two numbers and a text, like the row of a small entity.
#[derive(FromRow)]
struct Generated {
    #[expect(dead_code)]
    id: i64,
    #[expect(dead_code)]
    parent_id: i64,
    #[expect(dead_code)]
    text: String,
}

#[derive(FromRow)]
struct Number {
    #[expect(dead_code)]
    number: i64,
}

impl CostModel {
    /// Measures the constants on the database of a session, in less than a second if a round trip takes at most 10 ms.
    ///
    /// It sends about 1,000 statements that read generated rows and the database's own catalog. The statements are
    /// counted like all others, so calibrate before a tally or a recording starts.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// use eagerly_watch::CostModel;
    ///
    /// let model = CostModel::calibrate(&session)?;
    /// assert!(model.statement > 0.0 && model.row > 0.0);
    /// assert_eq!(model.round_trip, 0.0); // SQLite is in the process
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`](eagerly::Error::Statement) if a statement fails, for example because another one is running.
    pub fn calibrate(session: &Session) -> Result<Self> {
        // The first statements of a session are prepared, and PostgreSQL plans the first five again.
        repeated(|| statements(session, STATEMENTS), 1)?;
        let statement = micros(fastest(|| statements(session, STATEMENTS))?) / f64::from(STATEMENTS);
        let (round_trip, commit) = match session.dialect() {
            Dialect::Sqlite => (waited(session)?, 0),
            _ => round_trip(session, statement)?,
        };
        let of_row = |rows: &Rows| -> Result<f64> {
            let time = fastest(|| generated(session, rows))?;
            Ok((micros(time) - statement).max(0.0) / f64::from(rows.rows))
        };
        let (narrow, wide) = (of_row(&NARROW)?, of_row(&WIDE)?);
        let byte = ((wide - narrow) / (WIDE.bytes - NARROW.bytes) as f64).max(0.0);
        // The two numbers of a row are 16 bytes.
        let row = (narrow - byte * (16 + NARROW.bytes) as f64).max(0.0);
        Ok(Self { round_trip, statement: (statement - round_trip).max(0.0), row, byte, commit })
    }
}

/// Sends a few statements, one after the other.
fn statements(session: &Session, number: u32) -> Result<()> {
    let sql = match session.dialect() {
        Dialect::Sqlite => "SELECT rootpage AS number FROM sqlite_schema WHERE rowid = ?1",
        _ => "SELECT oid::int8 AS number FROM pg_class WHERE oid = $1::int8::oid",
    };
    // In PostgreSQL, 1259 is `pg_class` itself.
    (0..number).try_for_each(|_| session.query::<Number>(sql, params![1_259]).map(drop))
}

fn generated(session: &Session, rows: &Rows) -> Result<()> {
    let sql = match session.dialect() {
        Dialect::Sqlite => {
            "WITH RECURSIVE numbers(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
             SELECT n AS id, n / 8 AS parent_id, ?2 AS text FROM numbers"
        }
        _ => {
            "SELECT n AS id, n % 8 AS parent_id, $2::text AS text FROM generate_series(1, $1::int8) AS n
             ORDER BY parent_id, id"
        }
    };
    let text = "x".repeat(rows.bytes);
    session.query::<Generated>(sql, params![i64::from(rows.rows), text]).map(drop)
}

/// Measures the round trip to a server, and counts how many a snapshot adds. The time of the statement in it is known.
fn round_trip(session: &Session, statement: f64) -> Result<(f64, u64)> {
    let in_snapshot = || session.snapshot(|session| statements(session, 1));
    in_snapshot()?;
    let before = session.round_trips();
    in_snapshot()?;
    let commit = (session.round_trips() - before).saturating_sub(1);
    let time = fastest(|| (0..STATEMENTS).try_for_each(|_| in_snapshot()))?;
    let more = micros(time) / f64::from(STATEMENTS) - statement;
    Ok((more.max(0.0) / commit.max(1) as f64, commit))
}

/// Returns the mean time that a statement waits for a modelled network; 0 if there is none, or if it does not wait.
fn waited(session: &Session) -> Result<f64> {
    #[derive(Default)]
    struct Waits(Cell<Duration>);
    impl Observer for Waits {
        fn statement(&self, event: &Event<'_>) {
            if event.network.is_some_and(Network::waits) {
                self.0.set(self.0.get() + event.round_trip);
            }
        }
    }
    let waits = Rc::new(Waits::default());
    let _observation = session.observe(Rc::<Waits>::clone(&waits));
    statements(session, STATEMENTS)?;
    Ok(micros(waits.0.get()) / f64::from(STATEMENTS))
}

/// Returns the time of the fastest repetition.
fn fastest(work: impl Fn() -> Result<()>) -> Result<Duration> {
    repeated(work, REPETITIONS)
}

fn repeated(work: impl Fn() -> Result<()>, most: u32) -> Result<Duration> {
    let begin = Instant::now();
    let mut fastest = Duration::MAX;
    for _ in 0..most {
        let start = Instant::now();
        work()?;
        fastest = fastest.min(start.elapsed());
        if begin.elapsed() > BUDGET {
            break;
        }
    }
    Ok(fastest)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
