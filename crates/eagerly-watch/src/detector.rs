//! The detector: finds N+1 and unused eager loads, and reports the line to change.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use eagerly::Cohort;
use eagerly::{Cause, Error, Event, Kind, Observation, Observer, Result, Session};

use crate::fix;
use crate::n_plus_one::Finder;
use crate::repeats::Repeats;
use crate::report::{self, Report};
use crate::waste::Waste;

/// An observer that finds N+1, repeated statements, and eager loads that are never read.
///
/// If the environment variable `EAGERLY_ADVICE` names a file, the detector appends its [fixes](Report::fixes) to it when it
/// is dropped. The program `eagerly-fix` applies them to the source.
///
/// ```
/// # use {eagerly::*, shop::*};
/// use eagerly_watch::Detector;
///
/// let session = shop::small()?;
/// let detector = Detector::attach(&session);
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// let report = detector.report();
/// assert_eq!(report.n_plus_one[0].statements, 5);
/// assert_eq!(report.n_plus_one[0].load_path, "selectin(Customer::ORDERS)");
/// println!("{report}");
/// # Ok::<(), Error>(())
/// ```
pub struct Detector {
    watcher: Rc<Watcher>,
    _observation: Observation,
}

struct Watcher {
    mode: Mode,
    state: RefCell<State>,
}

/// The reaction to an N+1.
enum Mode {
    /// Keep the finding for the report.
    Report,
    /// Also write the finding to an output, once for each place.
    Warn(RefCell<Box<dyn Write>>),
    /// Do not send the statement, and return an error to its caller.
    Refuse,
}

struct State {
    statements: u64,
    n_plus_one: Finder,
    repeats: Repeats,
    waste: Waste,
}

impl Detector {
    /// Attaches a detector that collects its findings for the [report](Self::report).
    #[must_use = "the detector watches until it is dropped"]
    pub fn attach(session: &Session) -> Self {
        Self::with(session, Mode::Report)
    }

    /// Attaches a detector that also writes each N+1 to standard error as it happens, once for each place.
    #[must_use = "the detector watches until it is dropped"]
    pub fn warning(session: &Session) -> Self {
        Self::warning_to(session, std::io::stderr())
    }

    /// Attaches a detector that also writes each N+1 to `out` as it happens, once for each place.
    ///
    /// The detector ignores errors of `out`.
    #[must_use = "the detector watches until it is dropped"]
    pub fn warning_to(session: &Session, out: impl Write + 'static) -> Self {
        Self::with(session, Mode::Warn(RefCell::new(Box::new(out))))
    }

    /// Attaches a detector that prevents N+1, for use in tests.
    ///
    /// An accessor that would send a statement for a second parent returns an error instead. The error
    /// contains the line of the access, the line of the query, and the load path to add.
    #[must_use = "the detector watches until it is dropped"]
    pub fn refusing(session: &Session) -> Self {
        Self::with(session, Mode::Refuse)
    }

    fn with(session: &Session, mode: Mode) -> Self {
        let watcher = Rc::new(Watcher {
            mode,
            state: RefCell::new(State {
                statements: 0,
                n_plus_one: Finder::new(),
                repeats: Repeats::new(),
                waste: Waste::new(),
            }),
        });
        Self { _observation: session.observe(Rc::<Watcher>::clone(&watcher)), watcher }
    }

    /// Returns the findings up to now.
    #[must_use]
    pub fn report(&self) -> Report {
        self.watcher.state.borrow().report()
    }
}

impl Drop for Detector {
    /// Appends the fixes to the file that `EAGERLY_ADVICE` names, if it names one.
    fn drop(&mut self) {
        if let (Some(file), Ok(state)) = (fix::advice_file(), self.watcher.state.try_borrow()) {
            let report = state.report();
            fix::append_or_report(&file, &[report.fixes(), fix::kept(&state.waste.read())].concat());
        }
    }
}

impl State {
    fn report(&self) -> Report {
        let mut n_plus_one = self.n_plus_one.findings().to_vec();
        // Sorting by load path puts each relation before the relations that are reached through it.
        n_plus_one.sort_by(|one, other| one.load_path.cmp(&other.load_path));
        Report {
            statements: self.statements,
            n_plus_one,
            wasted: self.waste.wasted(),
            one_by_one: self.n_plus_one.one_by_one(),
            similar: self.repeats.similar(),
            duplicates: self.repeats.duplicates().to_vec(),
            round_trip: report::ROUND_TRIP,
        }
    }
}

impl Observer for Watcher {
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        match self.mode {
            Mode::Refuse => match self.state.borrow_mut().n_plus_one.refusal(cause) {
                Some(finding) => Err(Error::other(format!("N+1 refused: {}", report::in_words(finding)))),
                None => Ok(()),
            },
            Mode::Report | Mode::Warn(_) => Ok(()),
        }
    }

    fn statement(&self, event: &Event<'_>) {
        let mut state = self.state.borrow_mut();
        if event.cause.kind() == Kind::Control {
            state.repeats.control(event);
            return;
        }
        state.statements += 1;
        if !state.n_plus_one.statement(&event.cause) {
            state.repeats.statement(event);
        }
        if let Mode::Warn(out) = &self.mode {
            while let Some(finding) = state.n_plus_one.unannounced() {
                // An observer cannot return an error here, and a warning must not stop the program.
                let _ = writeln!(out.borrow_mut(), "N+1: {}", report::in_words(finding));
            }
        }
    }

    fn cohort(&self, cohort: &Rc<Cohort>) {
        self.state.borrow_mut().waste.cohort(cohort);
    }

    fn weighs(&self) -> bool {
        true
    }
}
