//! The session: a connection to one database, and everything loaded through it.
//!
//! Entities point to the session's gate, so that a relation can be loaded when it is accessed. After the
//! session is closed, what is loaded stays readable. An access to anything else is an error that names the
//! relation, the line of the access, and the line where the fix belongs.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::database::{Connection, Dialect, Interrupter};
use crate::error::{DatabaseError, Error, Result};
use crate::gate::Gate;
use crate::trace::{Observation, Strategy};

/// A connection to a database, through which entities are loaded and saved.
///
/// A session belongs to one thread. It cannot be sent to another, and neither can what it loads.
///
/// ```compile_fail
/// let session = eagerly::Session::in_memory().unwrap();
/// std::thread::spawn(move || session.close()); // error: `Rc<…>` cannot be sent between threads safely
/// ```
pub struct Session {
    pub(crate) gate: Rc<Gate>,
    pub(crate) echo: RefCell<Option<Observation>>,
}

impl Session {
    /// Opens a database file. If the file does not exist, it is created.
    ///
    /// Foreign keys are enforced, which SQLite does not do by default. A statement waits up to 5 seconds for another
    /// connection's lock.
    ///
    /// For each session, SQLite keeps up to 64 MiB of the file's pages in memory. It takes this memory only for pages that
    /// it has read. A sort can take as much again. If the tables are much larger, a larger cache can be faster. This
    /// statement sets it to 256 MiB. The number is in KiB, and negative:
    ///
    /// ```
    /// # use eagerly::*; let session = Session::in_memory()?;
    /// session.execute("PRAGMA cache_size = -262144", [])?;
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// With `PRAGMA mmap_size`, SQLite reads the file as a part of the program's memory, without a system call and a copy.
    /// But if the disk fails, or another program shortens the file, the program ends without an error that it could handle
    /// ([SQLite](https://sqlite.org/mmap.html)). So a session does not use it by default.
    ///
    /// ```
    /// # use eagerly::*;
    /// let path = std::env::temp_dir().join(format!("eagerly-open-{}.db", std::process::id()));
    /// let session = Session::open(&path)?;
    /// session.execute("CREATE TABLE notes (text TEXT)", [])?;
    /// session.close()?;
    /// assert!(path.exists());
    /// std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Open`] if the file cannot be opened, or is not a database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::new(Connection::open(path.as_ref()), path.as_ref())
    }

    /// Opens a new, empty database in memory. It exists as long as the session.
    ///
    /// ```
    /// # use eagerly::*;
    /// let (session, another) = (Session::in_memory()?, Session::in_memory()?);
    /// session.execute("CREATE TABLE notes (text TEXT)", [])?;
    /// assert!(another.execute("DROP TABLE notes", []).is_err()); // each has a database of its own
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Open`] if there is not enough memory.
    pub fn in_memory() -> Result<Self> {
        Self::new(Connection::in_memory(), Path::new(":memory:"))
    }

    /// Connects to a PostgreSQL server: `postgres://user:password@host:port/database`. Needs the feature `postgres`.
    ///
    /// Entities, queries and observation tools work as on SQLite. Raw SQL has PostgreSQL's parameters: `$1`, not `?1`.
    ///
    /// The URL can have the options of
    /// [`tokio_postgres`](https://docs.rs/tokio-postgres/latest/tokio_postgres/config/struct.Config.html), except those that a
    /// session would ignore: `target_session_attrs`, `hostaddr`, `load_balance_hosts`, `tcp_user_timeout` and the details of
    /// `keepalives`. With `?host=/folder`, the session uses the server's Unix socket in that folder. The connection is
    /// encrypted only with `?sslmode=require` (feature `tls`). Then the server's certificate must be valid for the name of its
    /// host.
    ///
    /// ```no_run
    /// # use {eagerly::*, shop::*};
    /// let session = Session::connect("postgres://ada@localhost/shop")?;
    /// let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Connect`] if the URL is invalid, no server answers, or the server refuses this user. In the URL, write
    /// special characters of a password in percent-encoding, such as `%40` for `@`. Then no message contains it.
    #[cfg(feature = "postgres")]
    pub fn connect(url: &str) -> Result<Self> {
        let (server, connection) = Connection::connect(url);
        connection.map(Self::over).map_err(|error| Error::Connect { server, error })
    }

    fn new(connection: Result<Connection, DatabaseError>, path: &Path) -> Result<Self> {
        connection.map(Self::over).map_err(|error| Error::Open { path: path.to_owned(), error })
    }

    fn over(connection: Connection) -> Self {
        Self { gate: Gate::new(connection), echo: RefCell::new(None) }
    }

    /// Returns which database this session uses.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// assert_eq!(session.dialect(), Dialect::Sqlite);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn dialect(&self) -> Dialect {
        self.gate.dialect
    }

    /// Runs `work` in a transaction. If it returns an error or panics, everything that it changed is undone.
    ///
    /// Inside another transaction it is a savepoint. Its changes are kept only if the outer one commits.
    ///
    /// On PostgreSQL, a failed statement ends its transaction, even if `work` ignores the error. To continue after a
    /// failure, run the statement that can fail in an inner transaction. If another transaction changed rows that this
    /// one changes, too, the error is [`Failure::Busy`](crate::Failure::Busy). Then run the whole transaction again.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// let undone = session.transaction(|session| {
    ///     session.execute("DELETE FROM order_items", [])?;
    ///     Err::<(), _>(Error::other("changed my mind"))
    /// });
    /// assert!(undone.is_err());
    /// assert_eq!(session.execute("DELETE FROM order_items", [])?, 150);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// The error that `work` returns, or [`Error::Statement`] if the transaction cannot begin or be
    /// committed. Wrap an error of your own in [`Error::other`].
    #[track_caller]
    pub fn transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let transaction = self.gate.transaction(CallSite::caller())?;
        let done = work(self)?;
        transaction.complete()?;
        Ok(done)
    }

    /// Runs `reads` in one read transaction, unless a transaction is open. All reads in `reads`, lazy
    /// accesses included, see one state.
    ///
    /// Others can read. Without WAL, another connection's commit waits until the snapshot ends.
    ///
    /// On a file it is also faster: outside of a transaction, each statement takes and releases file locks. It is for
    /// reading: if `reads` writes, the write is kept, even if `reads` returns an error.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let orders = session.snapshot(|session| {
    ///     let customer = session.get::<Customer>(1)?;
    ///     Ok(customer.orders()?.len())
    /// })?;
    /// assert_eq!((orders, tally.statements()), (2, 2));
    /// assert_eq!(tally.control(), 2); // BEGIN and COMMIT
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// The error that `reads` returns, or [`Error::Statement`] if the transaction cannot begin or end.
    #[track_caller]
    pub fn snapshot<T>(&self, reads: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let snapshot = self.gate.snapshot_if(true, CallSite::caller())?;
        let done = reads(self)?;
        snapshot.complete()?;
        Ok(done)
    }

    /// Sets the strategy of relations for which neither a load path nor the entity chooses one.
    ///
    /// [`Strategy::Batch`] turns a page that loads lazily into one that sends a statement for each relation,
    /// without a change to the page. [`Strategy::Raise`] shows whether a page loads lazily at all. An eager
    /// strategy follows relations until one leads back to an entity that it came through.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// session.default_strategy(Strategy::Batch);
    /// for customer in session.all(Customer::select())? {
    ///     customer.orders()?;
    /// }
    /// assert_eq!(tally.statements(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn default_strategy(&self, strategy: Strategy) {
        self.gate.default_strategy.set(strategy);
    }

    /// Returns a handle that stops this session's running statement from another thread.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let interrupter = session.interrupter()?;
    /// let walk = session.chunks(Customer::select(), 2, |_| {
    ///     std::thread::scope(|scope| drop(scope.spawn(|| interrupter.interrupt())));
    ///     Ok(())
    /// });
    /// assert_eq!(walk.unwrap_err().database().map(|error| error.kind), Some(Failure::Interrupted));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`] if the session is closed.
    pub fn interrupter(&self) -> Result<Interrupter> {
        let handle = self.gate.with_connection(Connection::interrupter);
        handle.ok_or_else(|| closed("making an interrupter"))
    }

    /// Closes the database. What is loaded stays readable. Accessing anything else is then
    /// [`Error::Detached`]. Dropping the session does the same and ignores errors.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let customers = session.all(Customer::select())?;
    /// session.close()?;
    /// assert_eq!(customers[0].first_name, "Ada");
    /// assert!(matches!(customers[0].orders(), Err(Error::Detached { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::CannotClose`] if a statement or a transaction is running.
    pub fn close(self) -> Result<()> {
        if self.gate.is_in_transaction() {
            return Err(Error::CannotClose {
                reason: "a transaction is open".to_owned(),
                advice: "the transaction was undone; next time, COMMIT before closing",
            });
        }
        match self.gate.take_connection()? {
            Some(connection) => connection.close().map_err(|error| Error::CannotClose {
                reason: error.message,
                advice: "end the statement that is still running",
            }),
            None => Ok(()),
        }
    }
}

/// Returns the error of a call on a closed session.
pub(crate) fn closed(doing: &str) -> Error {
    Error::Closed { doing: doing.to_owned() }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A running statement prevents this. Then the gate keeps the connection until the last entity is
        // dropped.
        if let Ok(Some(connection)) = self.gate.take_connection() {
            drop(connection.close());
        }
    }
}

/// Writes whether the session is open, and how many statements it has sent.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("open", &self.gate.with_connection(|_| ()).is_some())
            .field("statements", &self.statements())
            .finish_non_exhaustive()
    }
}
