//! The one place through which every statement passes.
//!
//! [`Core`] is what a session and everything loaded through it share: the connection, the observers, and the
//! count of statements. An entity's relations hold on to it, which is how `customer.orders()` can send a
//! statement without being given a session.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::cohort::Cohort;
use crate::driver::{Connection, Row, Statement};
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Kind, Observer};
use crate::failure::DatabaseError;
use crate::network::Network;
use crate::observers::Observers;
use crate::strategy::Strategy;
use crate::strategy::comparison::ColumnRules;
use crate::value::Value;

/// What a session and the entities loaded through it share.
pub(crate) struct Core {
    /// Gone once the session is closed.
    connection: RefCell<Option<Connection>>,
    observers: Observers,
    statements: Cell<u64>,
    /// The time that the program has spent on its own work while a statement was running.
    away: Cell<Duration>,
    /// The number of the statement whose rows are being read.
    running: Cell<u64>,
    cohorts: Cell<u64>,
    /// How many objects were built of rows, and how many of them have been told of.
    objects: Cell<u64>,
    objects_told: Cell<u64>,
    /// How relations are loaded that no load path mentions and whose entity does not say.
    pub(crate) default_strategy: Cell<Strategy>,
    /// The network that is imagined between the program and the database, if any.
    pub(crate) network: Cell<Option<Network>>,
    /// How many `transaction` calls are running inside each other.
    pub(crate) depth: Cell<u32>,
}

/// What a statement did.
#[derive(Default, Clone, Copy)]
struct Outcome {
    rows: u64,
    changed: u64,
}

impl Core {
    pub(crate) fn new(connection: Connection) -> Rc<Self> {
        Rc::new(Self {
            connection: RefCell::new(Some(connection)),
            observers: Observers::default(),
            statements: Cell::new(0),
            away: Cell::new(Duration::ZERO),
            running: Cell::new(0),
            cohorts: Cell::new(0),
            objects: Cell::new(0),
            objects_told: Cell::new(0),
            default_strategy: Cell::new(Strategy::Lazy),
            network: Cell::new(None),
            depth: Cell::new(0),
        })
    }

    /// Sends a query and hands each row to `each`. Gives the number of rows.
    pub(crate) fn query(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<u64> {
        let outcome = self.send(sql, values, cause, |statement, outcome| {
            let mut rows = statement.rows(self.weighs());
            while let Some(row) = rows.next().map_err(Stop::Database)? {
                outcome.rows += 1;
                each(&row).map_err(Stop::Program)?;
            }
            Ok(())
        })?;
        Ok(outcome.rows)
    }

    /// Sends a statement that changes rows, or controls a transaction. Gives the number of rows changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value<'_>], cause: Cause<'_>) -> Result<u64> {
        let outcome = self.send(sql, values, cause, |statement, _| Ok(statement.run()?))?;
        Ok(outcome.changed)
    }

    /// Sends one statement for each item, prepared once, with the values that the item gives. Gives the number
    /// of rows changed.
    pub(crate) fn execute_each<I>(
        &self,
        sql: &str,
        items: impl IntoIterator<Item = I>,
        values_of: impl Fn(&I) -> Vec<Value<'_>>,
        cause: Cause<'_>,
    ) -> Result<u64> {
        let connection = self.connection.borrow();
        let open = connection.as_ref().ok_or_else(|| closed(cause))?;
        let mut prepared: Option<Statement<'_>> = None;
        let mut changed = 0;
        for item in items {
            self.refuse_outside_transaction(open, cause)?;
            self.ask(&cause)?;
            let values = values_of(&item);
            let bound = match prepared.take() {
                None => open.prepare(sql, &values),
                Some(mut again) => again.rebind(&values).map(|()| again),
            };
            let mut statement = bound.map_err(|error| failed(error, sql, cause))?;
            let run = |statement: &mut Statement<'_>, _: &mut Outcome| Ok(statement.run()?);
            let outcome = self.observe(sql, &values, cause, &mut statement, run)?;
            changed += outcome.changed;
            prepared = Some(statement);
        }
        Ok(changed)
    }

    fn send(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        run: impl FnOnce(&mut Statement<'_>, &mut Outcome) -> Result<(), Stop>,
    ) -> Result<Outcome> {
        let connection = self.connection.borrow();
        let open = connection.as_ref().ok_or_else(|| closed(cause))?;
        self.refuse_outside_transaction(open, cause)?;
        self.ask(&cause)?;
        let mut statement = open
            .prepare(sql, values)
            .map_err(|error| failed(error, sql, cause))?;
        self.observe(sql, values, cause, &mut statement, run)
    }

    /// A failure can make SQLite end a whole transaction by itself. What the work of that transaction sends
    /// afterwards would be kept, although the transaction fails: it is refused.
    fn refuse_outside_transaction(&self, open: &Connection, cause: Cause<'_>) -> Result<()> {
        if self.depth.get() > 0 && open.is_autocommit() && cause.kind() != Kind::Control {
            return Err(Error::TransactionOver {
                doing: cause.to_string(),
            });
        }
        Ok(())
    }

    /// Runs a prepared statement, counts it, and tells the observers.
    fn observe(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        statement: &mut Statement<'_>,
        run: impl FnOnce(&mut Statement<'_>, &mut Outcome) -> Result<(), Stop>,
    ) -> Result<Outcome> {
        let number = self.statements.get() + 1;
        self.statements.set(number);
        let outer = self.running.replace(number);
        let outer_away = self.away.take();
        let started = self.observers.are_there().then(Instant::now);
        let untold = self.objects.get() - self.objects_told.get();
        let mut outcome = Outcome::default();
        let result = run(statement, &mut outcome).map_err(|stop| match stop {
            Stop::Database(error) => failed(error, sql, cause),
            Stop::Program(error) => error,
        });
        let away = self.away.replace(outer_away);
        let elapsed = started.map(|started| (started, started.elapsed().saturating_sub(away)));
        self.running.set(outer);
        outcome.changed = statement.changed();
        let network = self.network.get().filter(|_| cause.kind() != Kind::Control);
        let round_trip = network.map(|network| network.travel()).unwrap_or_default();
        // Statements that were sent between the rows of this one have told of theirs.
        let objects = self.objects.get() - self.objects_told.get() - untold;
        self.objects_told.set(self.objects_told.get() + objects);
        if let Some((started, elapsed)) = elapsed {
            let event = Event {
                number,
                sql,
                values,
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
            self.observers.tell(|observer| observer.statement(&event));
        }
        result.map(|()| outcome)
    }

    /// Runs what the program does between the rows of a statement: its time is not the statement's.
    pub(crate) fn away<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = self.observers.are_there().then(Instant::now);
        let result = work();
        if let Some(start) = start {
            self.away.set(self.away.get() + start.elapsed());
        }
        result
    }

    /// Asks the observers whether a statement may be sent.
    fn ask(&self, cause: &Cause<'_>) -> Result<()> {
        match cause.kind() {
            Kind::Control => Ok(()),
            _ => self.observers.ask(|observer| observer.before(cause)),
        }
    }

    /// Tells the observers that a cohort is complete.
    pub(crate) fn tell_of_cohort(&self, cohort: &Rc<Cohort>) {
        self.observers.tell(|observer| observer.cohort(cohort));
    }

    /// Attaches an observer; gives the number to detach it by.
    pub(crate) fn attach(&self, observer: Rc<dyn Observer>) -> u64 {
        observer.attached(self.statements.get());
        self.observers.attach(observer)
    }

    pub(crate) fn detach(&self, number: u64) {
        self.observers.detach(number);
    }

    /// Whether an observer wants cohorts to be weighed.
    #[inline]
    pub(crate) fn weighs(&self) -> bool {
        self.observers.weigh()
    }

    /// The number of the statement whose rows are being read; 0 if none is.
    pub(crate) fn running(&self) -> u64 {
        self.running.get()
    }

    /// A number for a new cohort.
    pub(crate) fn next_cohort(&self) -> u64 {
        let id = self.cohorts.get() + 1;
        self.cohorts.set(id);
        id
    }

    /// Takes note that a row became an object.
    #[inline]
    pub(crate) fn object_built(&self) {
        self.objects.set(self.objects.get() + 1);
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements.get()
    }

    /// Runs `ask` on the connection, if the session is open.
    pub(crate) fn with_connection<T>(&self, ask: impl FnOnce(&Connection) -> T) -> Option<T> {
        self.connection.borrow().as_ref().map(ask)
    }

    /// How a column of a table compares; `None` where that is not declared, as for a view.
    pub(crate) fn column_rules(&self, table: &str, column: &str) -> Option<ColumnRules> {
        self.with_connection(|open| open.column_rules(table, column))?
    }

    /// Runs `change` on the connection, if the session is open and no statement is running.
    pub(crate) fn with_connection_mut<T>(&self, change: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.connection.try_borrow_mut().ok()?.as_mut().map(change)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.connection.borrow().is_some()
    }

    /// Takes the connection out, so that whatever was loaded through it is detached. `None` if it was closed
    /// before, an error if a statement is running.
    pub(crate) fn take_connection(&self) -> Result<Option<Connection>> {
        match self.connection.try_borrow_mut() {
            Ok(mut connection) => Ok(connection.take()),
            Err(_) => Err(Error::CannotClose {
                reason: "a statement is running".to_owned(),
                advice: "close it outside of observers and of callbacks",
            }),
        }
    }
}

/// Why a statement stopped early.
enum Stop {
    /// The database failed.
    Database(DatabaseError),
    /// What was done with a row failed.
    Program(Error),
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

#[cold]
fn closed(cause: Cause<'_>) -> Error {
    match cause {
        Cause::Access {
            relation,
            at,
            parents,
            ..
        } => Error::Detached {
            relation: relation.to_string(),
            load_path: parents.load_path(relation),
            at,
            origin: parents.origin(),
        },
        _ => Error::Closed {
            doing: cause.to_string(),
        },
    }
}

#[cold]
fn failed(error: DatabaseError, sql: &str, cause: Cause<'_>) -> Error {
    Error::Statement {
        doing: cause.to_string(),
        sql: sql.to_owned(),
        error,
    }
}
