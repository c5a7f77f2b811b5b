//! Measures the constants of a [`CostModel`] in about a second.
//!
//! It reads no table of the program and changes nothing. It sends:
//!
//! - statements that find one row by its key, in a table that every database has (`sqlite_schema`, or `pg_class`), each
//!   alone and several in a snapshot;
//! - `SELECT 1` on PostgreSQL, whose time is nearly all round trip;
//! - generated rows, narrow and wide, and the same beside the columns of a parent, as a join returns them.
//!
//! The rows become structs through [`Session::query`], because a row also costs the work of decoding it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use eagerly::{Dialect, Event, FromRow, Network, Observer, Result, Session, params};

use crate::cost::CostModel;

/// The time of each of the seven measurements. A repetition that has begun is finished.
const BUDGET: Duration = Duration::from_millis(90);

/// The number of statements of one repetition.
const STATEMENTS: u32 = 4;

const NARROW: Rows = Rows { rows: 10_000, bytes: 14 };
// 4 MB do not fit into the memory that an allocator keeps for the next repetition, and not into the memory that PostgreSQL
// sorts in. So a byte costs what it costs in a large page.
const WIDE: Rows = Rows { rows: 4_000, bytes: 1_000 };

/// The bytes of the numbers of a row, beside its text.
const NUMBERS: usize = 16;

/// A number of generated rows, with a text of `bytes`.
struct Rows {
    rows: u32,
    bytes: usize,
}

/// A generated row, like the row of a small entity.
#[derive(FromRow)]
#[expect(dead_code)]
struct Alone {
    id: i64,
    parent_id: i64,
    text: String,
}

/// A generated row beside the columns of a parent. A join reads the parent's key in each row, but its text only once.
#[derive(FromRow)]
#[expect(dead_code)]
struct Joined {
    key: i64,
    id: i64,
    parent_id: i64,
    text: String,
}

#[derive(FromRow)]
#[expect(dead_code)]
struct Number {
    number: i64,
}

impl CostModel {
    /// Measures the constants on the database of a session. It takes about a second if a round trip takes at most 10 ms.
    ///
    /// It sends statements that read generated rows and the database's own catalog. They are counted like all others, so
    /// calibrate before a tally or a recording starts.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// use eagerly_watch::CostModel;
    ///
    /// let model = CostModel::calibrate(&session)?;
    /// assert!(model.statement > 0.0 && model.row > 0.0);
    /// assert_eq!(model.round_trip, 0.0); // SQLite runs in the process.
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`](eagerly::Error::Statement) if a statement fails.
    pub fn calibrate(session: &Session) -> Result<Self> {
        let number = f64::from(STATEMENTS);
        let (round_trip, commit) = match session.dialect() {
            Dialect::Sqlite => (waited(session)?, 0),
            _ => (server_round_trip(session)?, commit(session)?),
        };
        let alone = fastest(|| lookups(session))? / number;
        let of_row = |rows: &Rows, is_joined| -> Result<f64> {
            let time = fastest(|| generated(session, rows, is_joined))?;
            Ok((time - alone) / f64::from(rows.rows))
        };
        let times = Times {
            round_trip,
            commit,
            alone,
            together: fastest(|| session.snapshot(lookups))?,
            narrow: of_row(&NARROW, false)?,
            wide: of_row(&WIDE, false)?,
            narrow_joined: of_row(&NARROW, true)?,
            wide_joined: of_row(&WIDE, true)?,
        };
        Ok(times.model())
    }
}

/// The measured times in microseconds.
struct Times {
    round_trip: f64,
    commit: u64,
    /// A statement that is a transaction of its own.
    alone: f64,
    /// Several statements in a snapshot, all together.
    together: f64,
    /// A row, without the statement.
    narrow: f64,
    wide: f64,
    narrow_joined: f64,
    wide_joined: f64,
}

impl Times {
    /// Computes the constants. The times come from different moments, so a longer statement can have a shorter time. No
    /// constant is negative.
    fn model(&self) -> CostModel {
        let number = f64::from(STATEMENTS);
        let round_trip = self.round_trip.min(self.alone);
        // In a snapshot, the statements share one transaction.
        let together = self.together - self.commit as f64 * round_trip;
        let without_round_trip = self.alone - round_trip;
        let transaction = ((number * self.alone - together) / (number - 1.0)).clamp(0.0, without_round_trip);
        let of_byte =
            |narrow: f64, wide: f64| ((wide - narrow) / (WIDE.bytes - NARROW.bytes) as f64).max(0.0);
        let without_bytes = |time: f64, byte: f64| (time - byte * (NUMBERS + NARROW.bytes) as f64).max(0.0);
        // A joined row contains a text of its own, whose time is counted already.
        let (narrow_joined, wide_joined) = (self.narrow_joined - self.narrow, self.wide_joined - self.wide);
        let byte = of_byte(self.narrow, self.wide);
        let repeated_byte = of_byte(narrow_joined, wide_joined);
        CostModel {
            round_trip,
            transaction,
            commit: self.commit,
            statement: without_round_trip - transaction,
            row: without_bytes(self.narrow, byte),
            byte,
            joined_row: without_bytes(narrow_joined, repeated_byte),
            repeated_byte,
        }
    }
}

/// Finds a few rows by their keys, one after the other.
fn lookups(session: &Session) -> Result<()> {
    let sql = match session.dialect() {
        Dialect::Sqlite => "SELECT rootpage AS number FROM sqlite_schema WHERE rowid = ?1",
        _ => "SELECT oid::int8 AS number FROM pg_class WHERE oid = $1::int8::oid",
    };
    // In PostgreSQL, 1259 is `pg_class` itself.
    (0..STATEMENTS).try_for_each(|_| session.query::<Number>(sql, params![1_259]).map(drop))
}

/// Generates rows: 8 for each parent, sorted by parent. If they are joined, each is beside its parent.
fn generated(session: &Session, rows: &Rows, is_joined: bool) -> Result<()> {
    let sql = match (session.dialect(), is_joined) {
        (Dialect::Sqlite, false) => {
            "WITH RECURSIVE numbers(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1 - 1)
             SELECT n AS id, n / 8 AS parent_id, ?2 AS text FROM numbers"
        }
        (Dialect::Sqlite, true) => {
            "WITH RECURSIVE numbers(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1 - 1)
             SELECT n / 8 AS key, ?2 AS unread, n AS id, n / 8 AS parent_id, ?2 AS text FROM numbers"
        }
        (_, false) => {
            "SELECT n AS id, n / 8 AS parent_id, $2::text AS text FROM generate_series(0, $1::int8 - 1) AS n
             ORDER BY parent_id, id"
        }
        (_, true) => {
            "SELECT key, $2::text AS unread, id, parent_id, text FROM generate_series(0, ($1::int8 - 1) / 8) AS key
             LEFT JOIN (SELECT n AS id, n / 8 AS parent_id, $2::text AS text
                 FROM generate_series(0, $1::int8 - 1) AS n) AS children ON parent_id = key
             ORDER BY key, id"
        }
    };
    let values = params![i64::from(rows.rows), "x".repeat(rows.bytes)];
    match is_joined {
        true => session.query::<Joined>(sql, values).map(drop),
        false => session.query::<Alone>(sql, values).map(drop),
    }
}

fn server_round_trip(session: &Session) -> Result<f64> {
    let select = || session.query::<Number>("SELECT 1::int8 AS number", []).map(drop);
    Ok(fastest(|| (0..STATEMENTS).try_for_each(|_| select()))? / f64::from(STATEMENTS))
}

/// Counts the round trips that a snapshot adds to its statements.
fn commit(session: &Session) -> Result<u64> {
    let count = |work: &dyn Fn() -> Result<()>| {
        let before = session.round_trips();
        work()?;
        Ok(session.round_trips() - before)
    };
    // The first time, preparing the statement takes a round trip, too.
    lookups(session)?;
    let alone = count(&|| lookups(session))?;
    Ok(count(&|| session.snapshot(lookups))?.saturating_sub(alone))
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
    lookups(session)?;
    Ok(waits.0.get().as_secs_f64() * 1e6 / f64::from(STATEMENTS))
}

/// Repeats work for a short time. Returns the time of the fastest repetition in microseconds. The first one prepares the
/// statements and does not count.
fn fastest(work: impl Fn() -> Result<()>) -> Result<f64> {
    work()?;
    let begin = Instant::now();
    let mut fastest = Duration::MAX;
    while begin.elapsed() < BUDGET {
        let start = Instant::now();
        work()?;
        fastest = fastest.min(start.elapsed());
    }
    Ok(fastest.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        round_trip: 1_000.0,
        commit: 1,
        alone: 1_030.0,
        together: 5_000.0 + 20.0 + 4.0 * 10.0,
        narrow: 0.5 + 0.001 * 30.0,
        wide: 0.5 + 0.001 * 1_016.0,
        narrow_joined: 0.5 + 0.001 * 30.0 + 0.2 + 0.002 * 30.0,
        wide_joined: 0.5 + 0.001 * 1_016.0 + 0.2 + 0.002 * 1_016.0,
    };

    fn constants(model: &CostModel) -> [f64; 7] {
        [
            model.round_trip,
            model.transaction,
            model.statement,
            model.row,
            model.byte,
            model.joined_row,
            model.repeated_byte,
        ]
    }

    #[test]
    fn the_constants_explain_the_measured_times() {
        let model = TIMES.model();
        let expected = CostModel {
            round_trip: 1_000.0,
            transaction: 20.0,
            commit: 1,
            statement: 10.0,
            row: 0.5,
            byte: 0.001,
            joined_row: 0.2,
            repeated_byte: 0.002,
        };
        for (constant, expected) in constants(&model).into_iter().zip(constants(&expected)) {
            assert!((constant - expected).abs() < 1e-9, "{model:?}");
        }
        assert_eq!(model.commit, 1);
    }

    #[test]
    fn times_that_contradict_each_other_make_no_constant_negative() {
        let odd = [0.0, 0.3, 5_000.0, 1e9];
        for (round_trip, together) in odd.into_iter().flat_map(|one| odd.map(|other| (one, other))) {
            for (wide, joined) in odd.into_iter().flat_map(|one| odd.map(|other| (one, other))) {
                let times = Times {
                    round_trip,
                    together,
                    wide,
                    narrow_joined: joined,
                    wide_joined: -joined,
                    ..TIMES
                };
                let model = times.model();
                assert!(constants(&model).iter().all(|constant| *constant >= 0.0), "{model:?}");
                assert!(model.round_trip <= TIMES.alone, "{model:?}");
            }
        }
    }
}
