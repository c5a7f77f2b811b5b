//! The slow-query log: what most people look at first, and what stays empty.
//!
//! PostgreSQL's is off by default, and MySQL's begins at ten seconds. A statement of an N+1 takes microseconds: it is
//! tens of thousands of times under any threshold, and 33,001 of them leave no trace. So this log says how many
//! statements it did *not* show, and what they took together.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use eagerly::text::{count, counted, time};
use eagerly::{Event, Kind, Observation, Observer, Place, Session};

use crate::sql::shortened;

/// How many slow statements are kept.
const KEPT: usize = 1_000;

/// Keeps the statements that take longer than a threshold.
///
/// ```
/// # use eagerly::Session;
/// use eagerly_watch::SlowLog;
///
/// # let session = Session::in_memory()?;
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

/// A statement over the threshold.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SlowStatement {
    /// Its number in the session.
    pub number: u64,
    /// The text.
    pub sql: String,
    /// How long it took.
    pub elapsed: Duration,
    /// Where it came from.
    pub place: Place,
}

impl SlowLog {
    /// The threshold that most logs suggest: 100 ms.
    pub const THRESHOLD: Duration = Duration::from_millis(100);

    /// Logs statements that take longer than 100 ms.
    #[must_use = "the log is kept until this is dropped"]
    pub fn attach(session: &Session) -> Self {
        Self::over(session, Self::THRESHOLD)
    }

    /// Logs statements that take longer than `threshold`.
    #[must_use = "the log is kept until this is dropped"]
    pub fn over(session: &Session, threshold: Duration) -> Self {
        let log = Rc::new(Log {
            threshold,
            kept: RefCell::default(),
        });
        Self {
            _observation: session.observe(Rc::<Log>::clone(&log)),
            log,
        }
    }

    /// The slow statements: the last 1,000, if there are more.
    #[must_use]
    pub fn statements(&self) -> Vec<SlowStatement> {
        self.log.kept.borrow().slow.iter().cloned().collect()
    }

    /// How many statements were slow.
    #[must_use]
    pub fn slow(&self) -> u64 {
        self.log.kept.borrow().slow_ones
    }

    /// How many statements there were, but for transaction control.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.log.kept.borrow().statements
    }
}

impl Observer for Log {
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
            number: event.number,
            sql: event.sql.to_owned(),
            elapsed: event.elapsed,
            place: event.cause.place(),
        });
    }
}

/// The log. Where it is empty, it says so, and of how many statements.
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
