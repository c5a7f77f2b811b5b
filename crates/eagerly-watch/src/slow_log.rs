//! The slow-query log: the tool that most people check first, and that stays empty for an N+1.
//!
//! PostgreSQL's log is off by default, and MySQL's default threshold is ten seconds. Each statement of an N+1
//! takes microseconds, far below any threshold, so 33,001 of them leave no entry. Therefore this log also
//! prints the number of all statements and their total time.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use eagerly::numbers::{count, counted, time};
use eagerly::{Event, Kind, Observation, Observer, Place, Session};
use waterfall::sql::shortened;

/// The maximum number of slow statements to keep. Older ones are dropped.
const KEPT: usize = 1_000;

/// An observer that keeps the statements that take longer than a threshold.
///
/// [`Display`](fmt::Display) formats the log: a summary line with the totals, then one line per slow
/// statement.
///
/// ```
/// use eagerly_watch::SlowLog;
///
/// let session = shop::small()?;
/// let log = SlowLog::attach(&session);
/// session.execute("CREATE TABLE notes (text TEXT)", [])?;
/// assert!(log.to_string().starts_with("0 statements over 100 ms; total of 1 statement in "));
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct SlowLog {
    log: Rc<Log>,
    _observation: Observation,
}

struct Log {
    threshold: Duration,
    /// The number of statements that were sent before the log was attached. It numbers statements from there.
    before: Cell<u64>,
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    slow: VecDeque<SlowStatement>,
    slow_ones: u64,
    statements: u64,
    elapsed: Duration,
    slowest: Duration,
}

/// A statement that took longer than the threshold.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SlowStatement {
    /// The number of the statement, starting at 1 with the first one after the log was attached.
    pub number: u64,
    /// The SQL text, without the bound values.
    pub sql: String,
    /// The time in the database, without the round trip.
    pub elapsed: Duration,
    /// The call and the line that sent the statement.
    pub place: Place,
}

impl SlowLog {
    /// The default threshold: 100 ms. A server has one only if you set it: PostgreSQL logs no durations by default, and MySQL's log
    /// is off.
    pub const THRESHOLD: Duration = Duration::from_millis(100);

    /// Logs statements that take longer than 100 ms.
    #[must_use = "the log is kept until this is dropped"]
    pub fn attach(session: &Session) -> Self {
        Self::over(session, Self::THRESHOLD)
    }

    /// Logs statements that take longer than `threshold`.
    #[must_use = "the log is kept until this is dropped"]
    pub fn over(session: &Session, threshold: Duration) -> Self {
        let log = Rc::new(Log { threshold, before: Cell::new(0), kept: RefCell::default() });
        Self { _observation: session.observe(Rc::<Log>::clone(&log)), log }
    }

    /// Returns the last 1,000 slow statements, the oldest first.
    #[must_use]
    pub fn statements(&self) -> Vec<SlowStatement> {
        self.log.kept.borrow().slow.iter().cloned().collect()
    }

    /// Returns the number of all slow statements, including those that were dropped.
    #[must_use]
    pub fn slow(&self) -> u64 {
        self.log.kept.borrow().slow_ones
    }

    /// Returns the number of all statements, without transaction control.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.log.kept.borrow().statements
    }
}

impl Observer for Log {
    fn attached(&self, sent_before: u64) {
        self.before.set(sent_before);
    }

    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        kept.statements += 1;
        kept.elapsed += event.elapsed;
        kept.slowest = kept.slowest.max(event.elapsed);
        if event.elapsed <= self.threshold {
            return;
        }
        kept.slow_ones += 1;
        if kept.slow.len() >= KEPT {
            kept.slow.pop_front();
        }
        kept.slow.push_back(SlowStatement {
            number: event.number.saturating_sub(self.before.get()),
            sql: event.sql.to_owned(),
            elapsed: event.elapsed,
            place: event.cause.place(),
        });
    }
}

impl fmt::Display for SlowLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.log.kept.borrow();
        write!(
            f,
            "{} over {}; total of {} in {}, the slowest {}",
            counted(kept.slow_ones, "statement"),
            time(self.log.threshold),
            counted(kept.statements, "statement"),
            time(kept.elapsed),
            time(kept.slowest)
        )?;
        for slow in &kept.slow {
            write!(
                f,
                "\n  #{}  {}  {}  {}",
                count(slow.number),
                time(slow.elapsed),
                shortened(&slow.sql),
                slow.place
            )?;
        }
        Ok(())
    }
}
