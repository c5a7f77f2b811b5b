//! The session: a connection to one database, and everything loaded through it.
//!
//! Entities keep a line to their session, so that a relation can be loaded when it is accessed. Once the
//! session is closed, what is loaded stays readable, and what is not loaded is an error that names the
//! relation, the line of the access, and the line where the fix goes.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use crate::core::Core;
use crate::driver::{Connection, Interrupter};
use crate::echo::Echo;
use crate::error::{Error, Result};
use crate::event::{CallSite, Observer};
use crate::network::Network;
use crate::strategy::Strategy;
use crate::tally::Tally;

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
    /// ```
    /// # use eagerly::Session;
    /// # let path = std::env::temp_dir().join(format!("eagerly-open-{}.db", std::process::id()));
    /// let session = Session::open(&path)?;
    /// session.execute("CREATE TABLE notes (text TEXT)", [])?;
    /// session.close()?;
    /// assert!(path.exists());
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// # use eagerly::Session;
    /// let (session, another) = (Session::in_memory()?, Session::in_memory()?);
    /// session.execute("CREATE TABLE notes (text TEXT)", [])?;
    /// assert!(another.execute("DROP TABLE notes", []).is_err()); // each has a database of its own
    /// # Ok::<(), eagerly::Error>(())
    /// ```
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

    /// Runs `reads` so that everything it reads is of one state of the database, lazy accesses included.
    ///
    /// On a file it is faster, too: outside of a transaction each statement takes and drops file locks.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let orders = session.snapshot(|session| {
    ///     let customer = session.get::<Customer>(1)?;
    ///     Ok(customer.orders()?.len())
    /// })?;
    /// assert_eq!((orders, tally.statements()), (2, 2));
    /// assert_eq!(tally.control(), 2); // BEGIN and COMMIT
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// What `reads` gives, or [`Error::Statement`] if the transaction cannot begin or end.
    #[track_caller]
    pub fn snapshot<T>(&self, reads: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.core.in_snapshot(CallSite::caller(), || reads(self))
    }

    /// How relations are loaded, from now on, that no load path mentions and whose entity does not say.
    ///
    /// [`Strategy::Batch`] turns a page that loads lazily into one that sends a statement for each relation,
    /// without a change to the page; [`Strategy::Raise`] finds out whether a page loads lazily at all. An eager
    /// strategy follows relations until one leads back to an entity that it came through.
    ///
    /// ```
    /// # use eagerly::Strategy;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// session.default_strategy(Strategy::Batch);
    /// for customer in session.all(Customer::select())? {
    ///     customer.orders()?;
    /// }
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn default_strategy(&self, strategy: Strategy) {
        self.core.default_strategy.set(strategy);
    }

    /// A handle to stop this session's running statement from another thread.
    ///
    /// ```
    /// # use eagerly::Failure;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let interrupter = session.interrupter()?;
    /// let walk = session.chunks(Customer::select(), 2, |_| {
    ///     std::thread::scope(|scope| drop(scope.spawn(|| interrupter.interrupt())));
    ///     Ok(())
    /// });
    /// assert_eq!(walk.unwrap_err().database().map(|said| said.kind), Some(Failure::Interrupted));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`] if the session is closed.
    pub fn interrupter(&self) -> Result<Interrupter> {
        let handle = self.core.with_connection(Connection::interrupter);
        handle.ok_or_else(|| Error::Closed {
            doing: "asking for a way to interrupt".to_owned(),
        })
    }

    /// Imagines a network between the program and the database, from now on; `None` for what there is: none.
    ///
    /// ```
    /// # use eagerly::Network;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// session.model_network(Some(Network::FAR_REGION));
    /// session.get::<Customer>(1)?.orders()?;
    /// session.model_network(None);
    /// assert_eq!(tally.round_trips(), Network::FAR_REGION.modelled(2));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn model_network(&self, network: Option<Network>) {
        self.core.network.set(network);
    }

    /// Prints every statement on standard error from now on, or stops doing so. From the 21st of a shape on, they
    /// are only counted: see [`echo`](crate::echo).
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// session.echo(true);
    /// assert_eq!(session.count(Customer::select())?, 5); // printed: … SELECT count(*) FROM "customers"  count at …
    /// session.echo(false);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    pub fn echo(&self, on: bool) {
        *self.echo.borrow_mut() = on.then(|| self.observe(Rc::new(Echo::to_stderr())));
    }

    /// Tells `observer` of every statement, until the returned [`Observation`] is dropped.
    ///
    /// ```
    /// # use eagerly::{Event, Observer};
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # #[derive(Default)] struct Texts(std::cell::RefCell<Vec<String>>);
    /// # impl Observer for Texts { fn statement(&self, e: &Event<'_>) { self.0.borrow_mut().push(e.sql.to_owned()) } }
    /// # let texts = std::rc::Rc::new(Texts::default());
    /// let observation = session.observe(texts.clone());
    /// session.count(Customer::select())?;
    /// drop(observation);
    /// session.count(Order::select())?; // nobody is told of this one
    /// assert_eq!(*texts.0.borrow(), [r#"SELECT count(*) FROM "customers""#]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
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
    ///
    /// ```
    /// # use shop::{Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let before = session.statements();
    /// session.transaction(|session| session.execute("DELETE FROM order_items", []))?;
    /// assert_eq!(session.statements() - before, 3); // BEGIN, DELETE, COMMIT
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.core.statements()
    }

    /// Has SQLite itself call `witness` with the text of each statement that it starts: an account that does
    /// not depend on this crate's, to check it by. A second call replaces the witness.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let (witness, seen) = std::sync::mpsc::channel();
    /// session.audit(move |sql| drop(witness.send(sql.to_owned())))?;
    /// session.get::<Customer>(1)?.orders()?;
    /// assert_eq!(seen.try_iter().count() as u64, tally.statements());
    /// # Ok::<(), eagerly::Error>(())
    /// ```
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
    /// ```
    /// # use eagerly::Error;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let customers = session.all(Customer::select())?;
    /// session.close()?;
    /// assert_eq!(customers[0].first_name, "Ada");
    /// assert!(matches!(customers[0].orders(), Err(Error::Detached { .. })));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CannotClose`] if a statement or a transaction is running.
    pub fn close(self) -> Result<()> {
        if self.core.with_connection(|open| open.is_autocommit()) == Some(false) {
            return Err(Error::CannotClose {
                reason: "a transaction is open".to_owned(),
                advice: "COMMIT it first, or what it changed is undone",
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
///
/// ```
/// # use std::rc::Rc;
/// # use eagerly::{Session, echo::Echo};
/// # let session = Session::in_memory()?;
/// let echo = Rc::new(Echo::to(std::io::sink()));
/// let observation = session.observe(echo.clone());
/// assert_eq!(Rc::strong_count(&echo), 2);
/// drop(observation);
/// assert_eq!(Rc::strong_count(&echo), 1); // the session has let go of it
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Observation {
    core: Rc<Core>,
    number: u64,
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.core.detach(self.number);
    }
}
