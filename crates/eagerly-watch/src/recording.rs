//! A recording: what a session sent, statement by statement, to be looked at afterwards.
//!
//! It keeps the newest statements (100,000, unless told otherwise) and exact totals of all. Statements stand in
//! *lanes*: one for each query of the program, and below it one for each relation that is followed from there. The
//! cohorts of one lane are its branches (`lanes.rs`). That is the picture which [`write_html`](Recording::write_html) draws.

mod html;
mod json_lines;
pub(crate) mod lanes;
mod perfetto;
mod tape;
mod totals;

use std::cell::{Ref, RefCell};
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;

use eagerly::cohort::Cohort;
use eagerly::{Event, Observation, Observer, Session};

use crate::advice::Advice;
use crate::detector::Detector;
use crate::report::Report;
use tape::Tape;

/// How many statements are kept, unless told otherwise.
const CAPACITY: usize = 100_000;

/// How many shapes and lanes are told apart; what comes beyond counts as one more.
const DISTINCT: usize = 1_000;

/// Records what a session sends.
///
/// ```
/// # use eagerly::Session;
/// # use shop::{Customer, Size, data};
/// use eagerly_watch::Recording;
///
/// # let session = Session::in_memory()?;
/// # data::fill(&session, &Size { customers: 4, ..Size::default() }, |_| {})?;
/// let recording = Recording::start(&session);
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// assert_eq!(recording.statements(), 5);
/// assert!(recording.to_html().contains("<!doctype html>"));
/// println!("{}", recording.advice());
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Recording {
    recorder: Rc<Recorder>,
    detector: Detector,
    _observation: Observation,
}

struct Recorder(RefCell<Tape>);

impl Recording {
    /// Records from now on, and keeps the newest 100,000 statements.
    #[must_use = "recording ends when this is dropped"]
    pub fn start(session: &Session) -> Self {
        Self::keeping(session, CAPACITY)
    }

    /// Records from now on, and keeps the newest `capacity` statements. The totals are exact all the same.
    #[must_use = "recording ends when this is dropped"]
    pub fn keeping(session: &Session, capacity: usize) -> Self {
        let recorder = Rc::new(Recorder(RefCell::new(Tape::new(capacity, session.statements()))));
        Self {
            detector: Detector::attach(session),
            _observation: session.observe(Rc::<Recorder>::clone(&recorder)),
            recorder,
        }
    }

    /// How many statements were sent, but for transaction control.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.tape().totals.statements
    }

    /// What the [`Detector`] found meanwhile.
    #[must_use]
    pub fn report(&self) -> Report {
        self.detector.report()
    }

    /// What the shape of the data says about strategies.
    #[must_use]
    pub fn advice(&self) -> Advice {
        Advice::of(self.tape().lanes.all())
    }

    /// The waterfall: one page that needs nothing else, to be opened in a browser.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::page(&self.tape(), &self.report(), &self.advice())
    }

    /// Writes the [waterfall](Self::to_html) to a file.
    ///
    /// # Errors
    /// If the file cannot be written; the message names it.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), &self.to_html())
    }

    /// The recording in Chrome's trace format, for Perfetto and the like: a track for each lane, and an arrow from
    /// the statement of the parents to that of their children.
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        perfetto::trace(&self.tape())
    }

    /// Writes the [trace](Self::to_perfetto) to a file.
    ///
    /// # Errors
    /// If the file cannot be written; the message names it.
    pub fn write_perfetto(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), &self.to_perfetto())
    }

    /// The statements that were kept, one JSON object in a line for each.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        json_lines::lines(&self.tape())
    }

    /// Writes the [JSON lines](Self::to_json_lines) to a file.
    ///
    /// # Errors
    /// If the file cannot be written; the message names it.
    pub fn write_json_lines(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), &self.to_json_lines())
    }

    fn tape(&self) -> Ref<'_, Tape> {
        self.recorder.0.borrow()
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text).map_err(|error| {
        let words = format!(
            "cannot write the recording to {}: {error}\n  what to do: name a file in a folder that exists and may be written to",
            path.display()
        );
        io::Error::new(error.kind(), words)
    })
}

impl Observer for Recorder {
    fn statement(&self, event: &Event<'_>) {
        self.0.borrow_mut().statement(event);
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        self.0.borrow_mut().cohort(cohort);
    }

    fn weighs(&self) -> bool {
        true
    }
}
