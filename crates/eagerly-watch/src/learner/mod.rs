//! The learner: it watches which relations a page reads, and loads them together the next time.
//!
//! It learns for each query and each relation below it, from runs of the query:
//!
//! | the page read the relation of | strategy |
//! |---|---|
//! | several rows, in at least half of the runs | `selectin`: loaded with the rows |
//! | several rows, in fewer runs | `batch`: loaded at the first access, for all rows |
//! | one row or none | `lazy`: loaded for the row that is accessed |
//!
//! The idea is from AutoFetch (Ibrahim and Cook, ECOOP 2006). It never chooses `joined`, because the rows of a second
//! collection multiply. Whether a join is worth it depends on the sizes of rows, which [`Advice`](crate::Advice) compares.
//!
//! It keeps what it has learned in a text file that people can read (`file.rs`). In the end, the program should not need the
//! file. [`lines`](Learner::lines) returns the load paths to write into the program.
//!
//! - `run.rs` watches one run of a query;
//! - `knowledge.rs` adds the runs up and decides;
//! - `file.rs` reads and writes the text;
//! - `lines.rs` turns decisions into load paths.

mod file;
mod knowledge;
mod lines;
mod run;

use std::cell::RefCell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use eagerly::{Advisor, QueryFacts, Result, Run, Session};

use self::knowledge::{Knowledge, Observation, Query};
use self::run::Watching;

pub use self::lines::LearnedLine;

use crate::fix::Fix;

/// The number of observations after which the file is written without a call of [`Learner::save`].
const UNSAVED: usize = 1_000;

/// Learns how to load relations that no load path mentions, and advises the sessions that it is attached to.
///
/// ```
/// # use {eagerly::*, shop::*, eagerly_watch::Learner};
/// fn page(session: &Session) -> Result<u64> {
///     let tally = session.tally();
///     for customer in &session.all(Customer::select())? {
///         for order in customer.orders()? {
///             order.items()?;
///         }
///     }
///     Ok(tally.statements())
/// }
/// let session = shop::small()?;
/// let learner = Learner::in_memory();
/// learner.attach(&session);
/// assert_eq!([page(&session)?, page(&session)?, page(&session)?], [56, 3, 3]);
/// assert_eq!(learner.lines()[0].code, ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))");
/// # Ok::<(), Error>(())
/// ```
///
/// A run of a query is over when its last row is dropped. Nothing is learned from a run without rows, or from rows that are
/// never dropped.
///
/// The learner recognises a query by its line, its entity, its SQL and its [scope](Session::scope). A new build can move the
/// query to another line of the file. Then the nearest query counts that is otherwise the same. If two pages call one function
/// that queries, give each page a scope, or add `#[track_caller]` to the function. Then the learner uses the lines of the callers.
pub struct Learner(Rc<State>);

/// What the sessions and the runs share.
struct State {
    /// `None` if nothing is kept in a file.
    path: Option<PathBuf>,
    /// Whether the learner advises and does not learn.
    is_frozen: bool,
    knowledge: RefCell<Knowledge>,
    /// The observations that are not in the file yet.
    unsaved: RefCell<Vec<Observation>>,
    /// Identifies the build of the program.
    build: String,
}

impl Learner {
    /// Returns a learner that begins with what is in the file, and adds to it. The file need not exist.
    ///
    /// Processes can share the file. It is written when [`save`](Self::save) is called, after 1,000 observations, and when
    /// the learner, its sessions and their rows are dropped.
    ///
    /// # Errors
    /// If the file exists, and cannot be read or was not written by a learner.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(Self::new(Some(path.to_owned()), file::read(path)?, false))
    }

    /// Returns a learner that reads the file, and learns nothing. Use it in tests, whose counts must not depend on earlier runs.
    ///
    /// # Errors
    /// If the file does not exist, cannot be read, or was not written by a learner.
    pub fn frozen(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(Self::new(Some(path.to_owned()), file::read_existing(path)?, true))
    }

    /// Returns a learner without a file, which has learned nothing yet.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(None, Knowledge::default(), false)
    }

    fn new(path: Option<PathBuf>, knowledge: Knowledge, is_frozen: bool) -> Self {
        Self(Rc::new(State {
            path,
            is_frozen,
            knowledge: RefCell::new(knowledge),
            unsaved: RefCell::default(),
            build: file::build(),
        }))
    }

    /// Advises a session from now on, in place of the advisor before. `session.advise(None)` detaches it.
    pub fn attach(&self, session: &Session) {
        session.advise(Some(Rc::<State>::clone(&self.0)));
    }

    /// Writes what was learned to the file. What other processes have written since is kept.
    ///
    /// The file is written whole under another name and renamed. A second file, with `.lock` after the name, makes
    /// processes wait for each other.
    ///
    /// # Errors
    /// If the file cannot be written. What was learned is kept for the next call.
    pub fn save(&self) -> Result<()> {
        self.0.save()
    }

    /// Returns the load paths to write into the program, one for each query. Queries for which `lazy` is right are left
    /// out.
    #[must_use]
    pub fn lines(&self) -> Vec<LearnedLine> {
        lines::of(&self.0.knowledge.borrow())
    }

    /// Returns the lines as changes that the program `eagerly-fix` applies. [`fix::append`](crate::fix::append) writes them to
    /// a file. Lines that cannot be written as they are do not become changes: those of a `get`, and those that are disputed.
    #[must_use]
    pub fn fixes(&self) -> Vec<Fix> {
        self.lines().iter().flat_map(LearnedLine::fixes).collect()
    }
}

/// Writes each relation that was read, with its strategy and its evidence: in how many runs it was read of several rows, of
/// one, and not at all.
impl fmt::Display for Learner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What writes may itself run queries, so the borrow ends before.
        let table = lines::table(&self.0.knowledge.borrow());
        f.write_str(&table)
    }
}

impl Advisor for State {
    fn begin(self: Rc<Self>, facts: &QueryFacts<'_>) -> Option<Rc<dyn Run>> {
        let query = Query::of(facts);
        let moved_from = self.knowledge.borrow().moved_from(&query, &self.build);
        Some(Rc::new(Watching::of(self, query, moved_from)))
    }
}

impl State {
    fn add(&self, observations: Vec<Observation>) {
        let mut knowledge = self.knowledge.borrow_mut();
        observations.iter().for_each(|observation| knowledge.add(observation, &self.build));
        drop(knowledge);
        if self.path.is_none() || self.is_frozen {
            return;
        }
        self.unsaved.borrow_mut().extend(observations);
        if self.unsaved.borrow().len() >= UNSAVED && self.save().is_err() {
            // The file cannot be written. What is known stays in memory. Only the newest observations are written later.
            let mut unsaved = self.unsaved.borrow_mut();
            let excess = unsaved.len() - UNSAVED / 2;
            unsaved.drain(..excess);
        }
    }

    fn save(&self) -> Result<()> {
        let (Some(path), false, false) = (&self.path, self.is_frozen, self.unsaved.borrow().is_empty())
        else {
            return Ok(());
        };
        let merged = file::merge(path, &self.unsaved.borrow(), &self.build)?;
        self.unsaved.borrow_mut().clear();
        self.knowledge.replace(merged);
        Ok(())
    }
}

/// Writes the observations that are not in the file yet. An error cannot be reported here; call [`Learner::save`] to see it.
impl Drop for State {
    fn drop(&mut self) {
        let _ = self.save();
    }
}
