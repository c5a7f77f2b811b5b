//! Sends statements: checks, runs, counts, and notifies the observers.

use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::database::{Connection, Dialect, Row, Statement, Transaction, Value};
use crate::error::{DatabaseError, Error, Failure, Result};
use crate::trace::{Advisor, Cause, Cohort, Event, Kind, Network, Observers, Strategy};

/// The connection and counters that a session shares with its entities.
pub(crate) struct Gate {
    /// `None` once the session is closed.
    pub(super) connection: RefCell<Option<Connection>>,
    pub(crate) dialect: Dialect,
    pub(crate) observers: Rc<Observers>,
    pub(super) statements: Cell<u64>,
    /// The time that passed between the rows of the running statement: the program's own work, and loading
    /// the relations of a chunk.
    away: Cell<Duration>,
    /// The number of the statement whose rows are being read, or 0.
    running: Cell<u64>,
    cohorts: Cell<u64>,
    /// The number of objects built.
    objects: Cell<u64>,
    /// How many of them an event has reported.
    objects_reported: Cell<u64>,
    /// The strategy of relations for which neither a load path nor the entity chooses one.
    pub(crate) default_strategy: Cell<Strategy>,
    pub(crate) advisor: RefCell<Option<Rc<dyn Advisor>>>,
    /// The label of the innermost scope that is open.
    pub(crate) scope: RefCell<Option<Rc<str>>>,
    pub(crate) network: Cell<Option<Network>>,
    /// Whether values are hidden from observers and errors (`redact.rs`).
    pub(crate) redacts: Cell<bool>,
    /// How many transactions or snapshots are open.
    pub(crate) depth: Cell<u32>,
    /// The text of the lazy statement of each relation, to build it once. A page has few, and comparing a few
    /// types is faster than hashing one.
    pub(super) lazy_texts: RefCell<Vec<(TypeId, Rc<str>)>>,
}

/// The effect of a statement.
#[derive(Default, Clone, Copy)]
pub(super) struct Outcome {
    rows: u64,
    pub(super) changed: u64,
}

/// Why a statement stopped early.
pub(super) enum Stop {
    /// The database failed.
    Database(DatabaseError),
    /// The work on a row failed.
    Program(Error),
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl Gate {
    pub(crate) fn new(connection: Connection) -> Rc<Self> {
        Rc::new(Self {
            dialect: connection.dialect(),
            connection: RefCell::new(Some(connection)),
            observers: Observers::none(),
            statements: Cell::new(0),
            away: Cell::new(Duration::ZERO),
            running: Cell::new(0),
            cohorts: Cell::new(0),
            objects: Cell::new(0),
            objects_reported: Cell::new(0),
            default_strategy: Cell::new(Strategy::Lazy),
            advisor: RefCell::default(),
            scope: RefCell::default(),
            network: Cell::new(None),
            redacts: Cell::new(false),
            depth: Cell::new(0),
            lazy_texts: RefCell::default(),
        })
    }

    /// Sends a query, passes each row to `each`, and returns the number of rows.
    ///
    /// `each` is called through a pointer, so that this code exists once and not once for each entity. The
    /// call takes 1 to 2 ns of the 400 ns that a row takes (measured).
    pub(crate) fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64> {
        let outcome = self.send(sql, values, cause, &mut |statement, outcome| {
            let mut rows = statement.rows(self.observers.weigh())?;
            while let Some(row) = rows.next()? {
                outcome.rows += 1;
                each(&row).map_err(Stop::Program)?;
            }
            Ok(())
        })?;
        Ok(outcome.rows)
    }

    /// Sends a statement that changes rows or controls a transaction. Returns the number of rows changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>], cause: Cause<'_>) -> Result<u64> {
        Ok(self.send(sql, values, cause, &mut |statement, _| Ok(statement.run()?))?.changed)
    }

    fn send(&self, sql: &str, values: &[Value<'_>], cause: Cause<'_>, run: &mut Run<'_>) -> Result<Outcome> {
        let connection = self.connection.borrow();
        let open = connection.as_ref().ok_or_else(|| closed(cause))?;
        self.refuse_outside_transaction(open, cause)?;
        self.ask(&cause)?;
        let mut statement = open.prepare(sql, values).map_err(|error| self.failed(error, sql, cause))?;
        self.observe(sql, values, cause, &mut statement, run)
    }

    /// Refuses a statement if the database has ended the transaction by itself. Otherwise the statement would be
    /// committed alone.
    pub(super) fn refuse_outside_transaction(&self, open: &Connection, cause: Cause<'_>) -> Result<()> {
        if self.depth.get() > 0 && cause.kind() != Kind::Control && open.transaction() != Transaction::Open {
            return Err(Error::TransactionOver { doing: cause.to_string() });
        }
        Ok(())
    }

    /// Runs a prepared statement, counts it, and notifies the observers.
    pub(super) fn observe(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        statement: &mut Statement<'_>,
        run: &mut Run<'_>,
    ) -> Result<Outcome> {
        let number = self.statements.get() + 1;
        self.statements.set(number);
        let outer = self.running.replace(number);
        let outer_away = self.away.take();
        let started = self.observers.any_attached().then(Instant::now);
        let unreported = self.objects.get() - self.objects_reported.get();
        let mut outcome = Outcome::default();
        let result = run(statement, &mut outcome).map_err(|stop| match stop {
            Stop::Database(error) => self.failed(error, sql, cause),
            Stop::Program(error) => self.redacted(error),
        });
        let away = self.away.replace(outer_away);
        let elapsed = started.map(|started| (started, started.elapsed().saturating_sub(away)));
        self.running.set(outer);
        outcome.changed = statement.changed();
        let network = self.network.get().filter(|_| cause.kind() != Kind::Control);
        let round_trip = network.map(|network| network.wait_one_round_trip()).unwrap_or_default();
        // Statements that were sent between the rows of this one have reported their own objects.
        let objects = self.objects.get() - self.objects_reported.get() - unreported;
        self.objects_reported.set(self.objects_reported.get() + objects);
        if let Some((started, elapsed)) = elapsed {
            let redacted = self.redacts.get() && !values.is_empty();
            let event = Event {
                number,
                sql,
                values: if redacted { &[] } else { values },
                redacted,
                rows: outcome.rows,
                objects,
                changed: outcome.changed,
                started,
                elapsed,
                round_trip,
                network,
                cause,
                error: result.as_ref().err(),
            };
            self.observers.notify(|observer| observer.statement(&event));
        }
        result.map(|()| outcome)
    }

    /// Runs work between the rows of a statement: the program's own, or loading the relations of a chunk. Its
    /// time does not count as the statement's.
    pub(crate) fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = self.observers.any_attached().then(Instant::now);
        let result = work();
        if let Some(start) = start {
            self.away.set(self.away.get() + start.elapsed());
        }
        result
    }

    /// Calls `before` on the observers, except for transaction control.
    pub(super) fn ask(&self, cause: &Cause<'_>) -> Result<()> {
        match cause.kind() {
            Kind::Control => Ok(()),
            _ => self.observers.try_notify(|observer| observer.before(cause)),
        }
    }

    /// Returns the error of a statement that the database did not run.
    #[cold]
    pub(super) fn failed(&self, error: DatabaseError, sql: &str, cause: Cause<'_>) -> Error {
        if error.kind == Failure::TransactionOver {
            return Error::TransactionOver { doing: cause.to_string() };
        }
        self.redacted(Error::Statement { doing: cause.to_string(), sql: sql.to_owned(), error })
    }

    /// Records that the cohort has all of its rows, and notifies the observers.
    pub(crate) fn complete(&self, cohort: &Rc<Cohort>, rows: usize) -> Result<()> {
        cohort.record_size(rows)?;
        self.observers.notify(|observer| observer.cohort(cohort));
        Ok(())
    }

    /// Records that `row` became an object of the cohort.
    #[inline]
    pub(crate) fn object_built(&self, cohort: &Cohort, row: &Row<'_>) {
        self.objects.set(self.objects.get() + 1);
        if self.observers.weigh() {
            cohort.record_row(self.running.get(), row.weight());
        }
    }

    /// Returns a number for a new cohort.
    pub(crate) fn next_cohort(&self) -> u64 {
        let id = self.cohorts.get() + 1;
        self.cohorts.set(id);
        id
    }
}

/// Runs a statement and records its effect.
pub(super) type Run<'r> = dyn FnMut(&mut Statement<'_>, &mut Outcome) -> Result<(), Stop> + 'r;

#[cold]
pub(super) fn closed(cause: Cause<'_>) -> Error {
    match cause {
        Cause::Access { relation, at, parents, .. } => {
            Error::Detached { relation: relation.to_string(), at, advice: parents.advice(relation) }
        }
        _ => Error::Closed { doing: cause.to_string() },
    }
}
