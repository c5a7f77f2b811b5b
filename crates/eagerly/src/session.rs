//! The session: a connection to one database, and everything loaded through it.
//!
//! Entities keep a line to their session, so that a relation can be loaded when it is accessed. Once the
//! session is closed, what is loaded stays readable, and what is not loaded is an error that names the
//! relation, the line of the access, and the line where the fix goes.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::core::Core;
use crate::driver::Connection;
use crate::echo::Echo;
use crate::entity::{Entity, Keyed};
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause, Observer};
use crate::fetch::fetch;
use crate::key::KeyType;
use crate::report::FromRow;
use crate::select::Select;
use crate::tally::Tally;
use crate::value::Value;

/// A connection to a database, through which entities are loaded and saved.
///
/// A session belongs to one thread: it cannot be sent to another, and neither can what it loads.
///
/// ```compile_fail
/// let session = eagerly::Session::in_memory().unwrap();
/// std::thread::spawn(move || session.close()); // error: `Rc<…>` cannot be sent between threads safely
/// ```
pub struct Session {
    pub(crate) core: Rc<Core>,
    echo: RefCell<Option<Observation>>,
}

impl Session {
    /// Opens a database file, which is made if it does not exist.
    ///
    /// Foreign keys are enforced (SQLite leaves them off unless told otherwise), and a statement waits up to
    /// 5 seconds for another connection's lock.
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened, or is not a database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Connection::open(path)
            .map(Self::over)
            .map_err(|error| Error::Open {
                path: path.to_owned(),
                error,
            })
    }

    /// Opens a new, empty database in memory; it is gone when the session is.
    ///
    /// # Errors
    /// [`Error::Open`] if SQLite cannot be started, for want of memory.
    pub fn in_memory() -> Result<Self> {
        Connection::in_memory()
            .map(Self::over)
            .map_err(|error| Error::Open {
                path: ":memory:".into(),
                error,
            })
    }

    fn over(connection: Connection) -> Self {
        Self {
            core: Core::new(connection),
            echo: RefCell::new(None),
        }
    }

    /// All rows that a query selects, with whatever it loads along.
    ///
    /// Where eager loading takes several statements, they read from one state of the database: they run in a
    /// read transaction of their own, unless one is open.
    ///
    /// ```
    /// # use eagerly::{Entity, Session};
    /// # #[derive(Debug, Entity)] #[entity(table = "people")]
    /// # struct Person { #[entity(key)] id: i64, name: String }
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", [])?;
    /// session.insert(&Person { id: 0, name: "Ada".to_owned() })?;
    /// let people = session.all(Person::select().order_by(Person::NAME))?;
    /// assert_eq!(people[0].name, "Ada");
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::Decode`] if a row does not fit the entity.
    #[track_caller]
    pub fn all<E: Entity>(&self, query: Select<E>) -> Result<Vec<E>> {
        self.load("all", CallSite::caller(), &query)
    }

    /// The first row that a query selects, if there is any.
    ///
    /// # Errors
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn first<E: Entity>(&self, query: Select<E>) -> Result<Option<E>> {
        let rows = self.load("first", CallSite::caller(), &query.at_most(1))?;
        Ok(rows.into_iter().next())
    }

    /// The one row that a query selects.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, [`Error::NotUnique`] if there are several, and as for
    /// [`all`](Self::all).
    #[track_caller]
    pub fn one<E: Entity>(&self, query: Select<E>) -> Result<E> {
        let at = CallSite::caller();
        let query = query.at_most(2);
        let mut rows = self.load("one", at, &query)?.into_iter();
        match (rows.next(), rows.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Error::NotUnique {
                entity: E::NAME,
                at,
                sql: query.statement().0.text(),
            }),
            (None, _) => Err(Error::NotFound {
                doing: format!("asking for one {} at {at}", E::NAME),
                table: E::TABLE,
                sought: "matches the query".to_owned(),
                advice: "if there may be none, use `session.first(…)`, which gives an Option",
            }),
        }
    }

    /// The row with a given key.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, and as for [`all`](Self::all).
    #[track_caller]
    pub fn get<E: Keyed>(&self, key: impl Into<E::Key>) -> Result<E> {
        let at = CallSite::caller();
        let key = key.into();
        let bound = key.bind();
        let query = Select::<E>::with_key(&bound);
        let row = self.load("get", at, &query)?.into_iter().next();
        row.ok_or_else(|| Error::NotFound {
            doing: format!("getting a {} at {at}", E::NAME),
            table: E::TABLE,
            sought: format!("has the key {bound}"),
            advice: "check the key; if there may be no such row, use `session.first(…)` with a filter",
        })
    }

    fn load<E: Entity>(&self, call: &'static str, at: CallSite, query: &Select<E>) -> Result<Vec<E>> {
        let cohort = Cohort::root(&self.core, at);
        let (select, values) = query.statement();
        let cause = Cause::Explicit { call, at };
        let run = || fetch(&cohort, cause, select, &values, &query.loads, |_, _| {});
        if query.loads.sends_statements() {
            self.core.in_snapshot(at, run)
        } else {
            run()
        }
    }

    /// How many rows a query selects.
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn count<E: Entity>(&self, query: Select<E>) -> Result<u64> {
        let (sql, values) = query.count_statement();
        self.number("count", CallSite::caller(), &sql, &values)
    }

    /// Whether a query selects any row.
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn exists<E: Entity>(&self, query: Select<E>) -> Result<bool> {
        let (sql, values) = query.exists_statement();
        let found = self.number("exists", CallSite::caller(), &sql, &values)?;
        Ok(found != 0)
    }

    fn number(&self, call: &'static str, at: CallSite, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let mut number = 0;
        let cause = Cause::Explicit { call, at };
        self.core.query(sql, values, cause, |row| {
            let counted = row.cell(0).integer().unwrap_or_default();
            number = u64::try_from(counted).unwrap_or_default();
            Ok(())
        })?;
        Ok(number)
    }

    /// Runs raw SQL and reads each row into a plain struct: for the report that should not go through objects.
    ///
    /// ```
    /// use eagerly::{FromRow, Session, params};
    ///
    /// #[derive(FromRow)]
    /// struct Total {
    ///     status: String,
    ///     orders: i64,
    /// }
    ///
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL)", [])?;
    /// # session.execute("INSERT INTO orders (status) VALUES (?1), (?1)", params!["open"])?;
    /// let totals: Vec<Total> = session.query(
    ///     "SELECT status, count(*) AS orders FROM orders WHERE id > ?1 GROUP BY status",
    ///     params![0],
    /// )?;
    /// assert_eq!((totals[0].status.as_str(), totals[0].orders), ("open", 2));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::NoSuchColumn`] if the result lacks a column that
    /// the struct has, [`Error::Decode`] if a row does not fit it.
    #[track_caller]
    pub fn query<T: FromRow>(&self, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<Vec<T>> {
        let cause = Cause::Explicit {
            call: "query",
            at: CallSite::caller(),
        };
        crate::report::query(&self.core, sql, values.as_ref(), cause)
    }

    /// Runs one raw SQL statement that returns no rows. Gives the number of rows that it changed.
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn execute(&self, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<u64> {
        let cause = Cause::Explicit {
            call: "execute",
            at: CallSite::caller(),
        };
        self.core.execute(sql, values.as_ref(), cause)
    }

    /// Runs `work` as a whole: if it gives an error, or panics, everything it changed is undone.
    ///
    /// Inside another transaction it is a savepoint: what it changed is undone alone, and kept only if the
    /// outer one is.
    ///
    /// ```
    /// # let session = eagerly::Session::in_memory()?;
    /// # session.execute("CREATE TABLE notes (text TEXT NOT NULL)", [])?;
    /// let undone = session.transaction(|session| {
    ///     session.execute("INSERT INTO notes VALUES (?1)", eagerly::params!["draft"])?;
    ///     Err::<(), _>(eagerly::Error::other("changed my mind"))
    /// });
    /// assert!(undone.is_err());
    /// assert_eq!(session.execute("DELETE FROM notes", [])?, 0);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// What `work` gives, or [`Error::Statement`] if the transaction cannot begin or be committed. An error of
    /// your own goes through [`Error::other`].
    #[track_caller]
    pub fn transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.core.in_transaction(CallSite::caller(), || work(self))
    }

    /// Prints every statement on standard error from now on, or stops doing so.
    ///
    /// ```text
    ///    2  12 µs  10 rows  SELECT … FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"  [1]  lazy Customer.orders at src/page.rs:14
    /// ```
    pub fn echo(&self, on: bool) {
        *self.echo.borrow_mut() = on.then(|| self.observe(Rc::new(Echo::to_stderr())));
    }

    /// Tells `observer` of every statement, until the returned [`Observation`] is dropped.
    #[must_use = "the observer is detached when this is dropped"]
    pub fn observe(&self, observer: Rc<dyn Observer>) -> Observation {
        Observation {
            number: self.core.attach(observer),
            core: Rc::clone(&self.core),
        }
    }

    /// Counts statements from now on.
    ///
    /// ```
    /// # let session = eagerly::Session::in_memory()?;
    /// let tally = session.tally();
    /// session.execute("CREATE TABLE notes (text TEXT)", [])?;
    /// assert_eq!(tally.statements(), 1);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::of(self)
    }

    /// How many statements this session has sent, control statements included.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.core.statements()
    }

    /// Has SQLite itself call `witness` with the text of each statement that it starts: an account that does
    /// not depend on this crate's, to check it by. A second call replaces the witness.
    ///
    /// # Errors
    /// [`Error::Closed`] if the session is closed or a statement is running.
    pub fn audit(&self, witness: impl FnMut(&str) + Send + 'static) -> Result<()> {
        let attached = self.core.with_connection_mut(|open| open.audit(witness));
        match attached {
            Some(Ok(())) => Ok(()),
            _ => Err(Error::Closed {
                doing: "attaching an auditor".to_owned(),
            }),
        }
    }

    /// Closes the database. What is loaded stays readable; an access to what is not loaded is then
    /// [`Error::Detached`]. Dropping the session does the same, without telling of errors.
    ///
    /// # Errors
    /// [`Error::CannotClose`] if a statement or a transaction is running.
    pub fn close(self) -> Result<()> {
        if self.core.depth.get() > 0 {
            return Err(Error::CannotClose {
                reason: "a transaction is open".to_owned(),
                advice: "let it end first",
            });
        }
        match self.core.take_connection()? {
            Some(connection) => connection.close().map_err(|error| Error::CannotClose {
                reason: error.message,
                advice: "look for a statement that is still running",
            }),
            None => Ok(()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Only a statement that is running in an observer can keep this from closing; then it ends with that.
        drop(self.core.take_connection());
    }
}

/// Shows whether the session is open, and how many statements it has sent.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("open", &self.core.is_open())
            .field("statements", &self.statements())
            .finish_non_exhaustive()
    }
}

/// Keeps an observer attached; dropping it detaches the observer.
pub struct Observation {
    core: Rc<Core>,
    number: u64,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.core.detach(self.number);
    }
}
