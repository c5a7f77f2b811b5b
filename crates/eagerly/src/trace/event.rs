//! Events: every statement that reaches the database, reported to the session's observers.
//!
//! Every statement of a program passes one place (`gate/statements.rs`). It passes an [`Event`] to each
//! [`Observer`]: the SQL, the bound values, the rows, the time and the [`Cause`]. [`Tally`](crate::Tally) and
//! [`Echo`](crate::Echo) are observers. Without an observer, no clock is read and no text is formatted.

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::database::Value;
use crate::error::{Error, Result};
use crate::trace::cause::Cause;
use crate::trace::cohort::Cohort;
use crate::trace::network::Network;

/// One statement that was sent.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// #[derive(Default)]
/// struct Lines(std::cell::RefCell<Vec<String>>);
///
/// impl Observer for Lines {
///     fn statement(&self, event: &Event<'_>) {
///         self.0.borrow_mut().push(format!("{} [{}]: {}", event.sql, event.values[0], event.rows));
///     }
/// }
/// let lines = std::rc::Rc::new(Lines::default());
/// let observation = session.observe(lines.clone());
/// session.count(Order::select().filter(Order::STATUS.eq("open")))?;
/// assert_eq!(lines.0.borrow()[0], r#"SELECT count(*) FROM "orders" WHERE "status" = ?1 ["open"]: 1"#);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The statement's number in its session, counted from 1.
    pub number: u64,
    /// The text. It holds no values, so it is the statement's shape.
    pub sql: &'a str,
    /// The bound values. Empty if they are hidden.
    pub values: &'a [Value<'a>],
    /// Whether the statement has values, and the session [hides](crate::Session::redact) them.
    pub redacted: bool,
    /// The number of rows that were read.
    pub rows: u64,
    /// The number of objects that were built. A joined row can build several objects or none.
    pub objects: u64,
    /// The number of rows that were inserted, updated or deleted.
    pub changed: u64,
    /// When the statement was sent.
    pub started: Instant,
    /// The time from sending the statement to its last row. It includes building the objects. It excludes the
    /// program's own work between the rows of `chunks`, and loading the relations of each chunk.
    pub elapsed: Duration,
    /// The round trip of the [modelled network](crate::Session::model_network). It is not part of `elapsed`, and no
    /// time passes unless that network waits.
    pub round_trip: Duration,
    /// The network that is modelled, if there is one.
    pub network: Option<Network>,
    /// Why the statement was sent.
    pub cause: Cause<'a>,
    /// The failure, if the statement failed.
    pub error: Option<&'a Error>,
}

impl Event<'_> {
    /// Returns the bound values for a log, separated by commas, or `…` if they are hidden. Without values, it is empty.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// struct Shown(std::cell::Cell<Vec<String>>);
    ///
    /// impl Observer for Shown {
    ///     fn statement(&self, event: &Event<'_>) {
    ///         self.0.set([self.0.take(), vec![event.shown_values()]].concat());
    ///     }
    /// }
    /// let shown = std::rc::Rc::new(Shown(Default::default()));
    /// let observation = session.observe(shown.clone());
    /// for is_redacted in [false, true] {
    ///     session.redact(is_redacted);
    ///     session.count(Order::select().filter(Order::STATUS.eq("open")))?;
    /// }
    /// session.count(Order::select())?;
    /// assert_eq!(shown.0.take(), [r#""open""#, "…", ""]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn shown_values(&self) -> String {
        if self.redacted {
            return "…".to_owned();
        }
        let values: Vec<_> = self.values.iter().map(ToString::to_string).collect();
        values.join(", ")
    }
}

/// Receives every statement of a session, except statements that an observer sends while one is being called.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// #[derive(Default)]
/// struct Rows(std::cell::Cell<u64>);
///
/// impl Observer for Rows {
///     fn statement(&self, event: &Event<'_>) {
///         self.0.set(self.0.get() + event.rows);
///     }
/// }
/// let rows = std::rc::Rc::new(Rows::default());
/// let observation = session.observe(rows.clone());
/// session.get::<Customer>(1)?.orders()?;
/// assert_eq!(rows.0.get(), 1 + 2);
/// # Ok::<(), Error>(())
/// ```
pub trait Observer {
    /// Called after each statement that reaches the database, including those that fail. A statement that cannot be
    /// prepared, because a table is missing for example, does not reach it.
    fn statement(&self, event: &Event<'_>);

    /// Called when the observer is attached to a session that has sent `sent_before` statements.
    fn attached(&self, sent_before: u64) {
        let _ = sent_before;
    }

    /// Called before each statement except transaction control. If it returns an error, the statement is not sent and
    /// the program receives the error.
    ///
    /// # Errors
    /// Any reason to refuse the statement.
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        let _ = cause;
        Ok(())
    }

    /// Called when a cohort is complete: its rows were read and have become objects.
    fn cohort(&self, cohort: &Rc<Cohort>) {
        let _ = cohort;
    }

    /// Returns whether cohorts record their bytes and their statement. It is read when observers are attached
    /// or detached. If true, every cell is measured.
    fn weighs(&self) -> bool {
        false
    }
}
