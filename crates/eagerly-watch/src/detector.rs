//! The detector: finds what loads too often and what loads for nothing, and says which line to change.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use eagerly::cohort::Cohort;
use eagerly::{Cause, Error, Event, Kind, Observation, Observer, Result, Session};

use crate::n_plus_one::Finder;
use crate::repeats::Repeats;
use crate::report::{self, Report};
use crate::waste::Waste;

/// Watches a session for N+1, for statements that repeat, and for eager loads that nobody reads.
///
/// ```
/// # use eagerly::{Session, selectin};
/// # use shop::{Customer, Order, Size, data};
/// use eagerly_watch::Detector;
///
/// # let session = Session::in_memory()?;
/// # data::fill(&session, &Size { customers: 4, ..Size::default() }, |_| {})?;
/// let detector = Detector::attach(&session);
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// let report = detector.report();
/// assert_eq!(report.n_plus_one[0].statements, 4);
/// assert_eq!(report.n_plus_one[0].load_path, "selectin(Customer::ORDERS)");
/// println!("{report}");
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Detector {
    watcher: Rc<Watcher>,
    _observation: Observation,
}

struct Watcher {
    mode: Mode,
    state: RefCell<State>,
}

/// What happens when an N+1 is found.
enum Mode {
    /// It is kept for the report.
    Report,
    /// It is also written out, once for each place.
    Warn(RefCell<Box<dyn Write>>),
    /// The statement is not sent, and its caller gets an error.
    Refuse,
}

struct State {
    statements: u64,
    n_plus_one: Finder,
    repeats: Repeats,
    waste: Waste,
}

impl Detector {
    /// Watches, for a [report](Self::report) at the end.
    #[must_use = "the detector watches until it is dropped"]
    pub fn attach(session: &Session) -> Self {
        Self::with(session, Mode::Report)
    }

    /// Watches, and writes each N+1 on standard error as it happens, once for each place.
    #[must_use = "the detector watches until it is dropped"]
    pub fn warning(session: &Session) -> Self {
        Self::warning_to(session, std::io::stderr())
    }

    /// The same, on anything that can be written to.
    #[must_use = "the detector watches until it is dropped"]
    pub fn warning_to(session: &Session, out: impl Write + 'static) -> Self {
        Self::with(session, Mode::Warn(RefCell::new(Box::new(out))))
    }

    /// Watches, and lets no N+1 happen: the accessor that would send a statement for a second parent gives an error,
    /// which names both places and the line to write. For tests.
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
        Self {
            _observation: session.observe(Rc::<Watcher>::clone(&watcher)),
            watcher,
        }
    }

    /// What was found until now.
    #[must_use]
    pub fn report(&self) -> Report {
        let state = self.watcher.state.borrow();
        let mut n_plus_one = state.n_plus_one.findings().to_vec();
        // A relation before those that are reached through it.
        n_plus_one.sort_by(|one, other| one.load_path.cmp(&other.load_path));
        Report {
            statements: state.statements,
            n_plus_one,
            wasted: state.waste.wasted(),
            similar: state.repeats.similar(),
            duplicates: state.repeats.duplicates().to_vec(),
            round_trip: report::ROUND_TRIP,
        }
    }
}

impl Observer for Watcher {
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        match self.mode {
            Mode::Refuse => match self.state.borrow_mut().n_plus_one.refusal(cause) {
                Some(finding) => Err(Error::other(format!(
                    "N+1 refused: {}",
                    report::in_words(finding)
                ))),
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
                // Nobody to complain to if it cannot be written.
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
