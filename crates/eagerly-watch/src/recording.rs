//! A recording: the statements of a session, stored for later analysis.
//!
//! It keeps the newest statements (100,000 by default) and exact totals of all statements. It groups
//! statements into *lanes*: one lane for each query in the program, and below it one for each relation that
//! is loaded from its rows (`lanes.rs`). [`write_html`](Recording::write_html) draws the lanes as a
//! waterfall.

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

use eagerly::Cohort;
use eagerly::{Event, Observation, Observer, Session};

use crate::advice::Advice;
use crate::detector::Detector;
use crate::report::Report;
use tape::Tape;

/// The default number of statements to keep.
const CAPACITY: usize = 100_000;

/// The maximum number of lanes. All further ones are counted together as one more.
const DISTINCT: usize = 1_000;

/// An observer that records the statements of a session.
///
/// ```
/// # use {eagerly::*, shop::*};
/// use eagerly_watch::Recording;
///
/// let session = shop::small()?;
/// let recording = Recording::start(&session);
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// assert_eq!(recording.statements(), 6);
/// assert!(recording.to_html().contains("<!doctype html>"));
/// println!("{}", recording.advice());
/// # Ok::<(), Error>(())
/// ```
pub struct Recording {
    recorder: Rc<Recorder>,
    detector: Detector,
    _observation: Observation,
}

struct Recorder(RefCell<Tape>);

impl Recording {
    /// Starts to record, and keeps the newest 100,000 statements.
    #[must_use = "recording ends when this is dropped"]
    pub fn start(session: &Session) -> Self {
        Self::keeping(session, CAPACITY)
    }

    /// Starts to record, and keeps the newest `capacity` statements. The totals include the older ones.
    #[must_use = "recording ends when this is dropped"]
    pub fn keeping(session: &Session, capacity: usize) -> Self {
        let recorder = Rc::new(Recorder(RefCell::new(Tape::new(capacity, session.statements()))));
        Self {
            detector: Detector::attach(session),
            _observation: session.observe(Rc::<Recorder>::clone(&recorder)),
            recorder,
        }
    }

    /// Returns the number of statements that were sent, without transaction control.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.tape().totals.statements
    }

    /// Returns the findings of a [`Detector`] for the recorded statements.
    #[must_use]
    pub fn report(&self) -> Report {
        self.detector.report()
    }

    /// Returns the cost of each strategy for the recorded data.
    #[must_use]
    pub fn advice(&self) -> Advice {
        Advice::of(self.tape().lanes.all())
    }

    /// Returns the waterfall as a self-contained HTML page.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::page(&self.tape(), &self.report(), &self.advice())
    }

    /// Writes the [waterfall](Self::to_html) to a file.
    ///
    /// # Errors
    /// Fails if the file cannot be written. The message contains its path.
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), &self.to_html())
    }

    /// Returns the recording in Chrome's trace format, for Perfetto and similar viewers.
    ///
    /// The trace has a track for each lane, and arrows from the statement of the parents to those of their
    /// children.
    #[must_use]
    pub fn to_perfetto(&self) -> String {
        perfetto::trace(&self.tape())
    }

    /// Writes the [trace](Self::to_perfetto) to a file.
    ///
    /// # Errors
    /// Fails if the file cannot be written. The message contains its path.
    pub fn write_perfetto(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write(path.as_ref(), &self.to_perfetto())
    }

    /// Returns the kept statements, one JSON object per line.
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        json_lines::lines(&self.tape())
    }

    /// Writes the [JSON lines](Self::to_json_lines) to a file.
    ///
    /// # Errors
    /// Fails if the file cannot be written. The message contains its path.
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
            "cannot write the recording to {}: {error}\n  help: choose a file in an existing folder with write permission",
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
