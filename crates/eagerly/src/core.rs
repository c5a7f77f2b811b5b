//! The one place through which every statement passes.
//!
//! [`Core`] is what a session and everything loaded through it share: the connection, the observers, and the
//! count of statements. An entity's relations hold on to it, which is how `customer.orders()` can send a
//! statement without being given a session.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use crate::driver::{Connection, DatabaseError, Row, Statement};
use crate::error::{Error, Result};
use crate::event::{Cause, Event, Observer};
use crate::value::Value;

/// What a session and the entities loaded through it share.
pub(crate) struct Core {
    /// Gone once the session is closed.
    connection: RefCell<Option<Connection>>,
    /// Each with the number by which it is taken off the list again.
    observers: RefCell<Vec<(u64, Rc<dyn Observer>)>>,
    /// Whether the list above has an entry: asked at each statement, so kept where it costs one load.
    observed: Cell<bool>,
    next_observer: Cell<u64>,
    statements: Cell<u64>,
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
            observers: RefCell::default(),
            observed: Cell::new(false),
            next_observer: Cell::new(0),
            statements: Cell::new(0),
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
            let mut rows = statement.rows();
            while let Some(row) = rows.next().map_err(Stop::Database)? {
                outcome.rows += 1;
                each(&row).map_err(Stop::Program)?;
            }
            Ok(())
        })?;
        Ok(outcome.rows)
    }

    /// Sends raw SQL and hands each row to `each`, along with the names of the result's columns.
    pub(crate) fn query_named(
        &self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        mut each: impl FnMut(&Row<'_>, &[String]) -> Result<()>,
    ) -> Result<()> {
        self.send(sql, values, cause, |statement, outcome| {
            let names = statement.column_names();
            let mut rows = statement.rows();
            while let Some(row) = rows.next().map_err(Stop::Database)? {
                outcome.rows += 1;
                each(&row, &names).map_err(Stop::Program)?;
            }
            Ok(())
        })?;
        Ok(())
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
        let mut statement = open
            .prepare(sql, values)
            .map_err(|error| failed(error, sql, cause))?;
        self.observe(sql, values, cause, &mut statement, run)
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
        let start = self.observed.get().then(Instant::now);
        let mut outcome = Outcome::default();
        let result = run(statement, &mut outcome).map_err(|stop| match stop {
            Stop::Database(error) => failed(error, sql, cause),
            Stop::Program(error) => error,
        });
        outcome.changed = statement.changed();
        if let Some(start) = start {
            self.tell(&Event {
                number,
                sql,
                values,
                rows: outcome.rows,
                changed: outcome.changed,
                elapsed: start.elapsed(),
                cause,
                error: result.as_ref().err(),
            });
        }
        result.map(|()| outcome)
    }

    fn tell(&self, event: &Event<'_>) {
        let mut index = 0;
        // The list is not kept borrowed: an observer may attach or detach another while it is told.
        while let Some(observer) = self.observer(index) {
            observer.statement(event);
            index += 1;
        }
    }

    fn observer(&self, index: usize) -> Option<Rc<dyn Observer>> {
        let observers = self.observers.borrow();
        observers.get(index).map(|(_, observer)| Rc::clone(observer))
    }

    /// Attaches an observer; gives the number to detach it by.
    pub(crate) fn attach(&self, observer: Rc<dyn Observer>) -> u64 {
        let number = self.next_observer.replace(self.next_observer.get() + 1);
        self.observers.borrow_mut().push((number, observer));
        self.observed.set(true);
        number
    }

    pub(crate) fn detach(&self, number: u64) {
        let mut observers = self.observers.borrow_mut();
        observers.retain(|(attached, _)| *attached != number);
        self.observed.set(!observers.is_empty());
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements.get()
    }

    /// Runs `ask` on the connection, if the session is open.
    pub(crate) fn with_connection<T>(&self, ask: impl FnOnce(&Connection) -> T) -> Option<T> {
        self.connection.borrow().as_ref().map(ask)
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
        Cause::Lazy {
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
