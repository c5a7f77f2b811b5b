//! The meter of a page. It reports progress, counts the statements over each slow-query threshold, and
//! refuses every statement after a stop was requested.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Cause, Event, Kind, Observer, Result};
use serde::Serialize;

use crate::stop::Stop;

/// The shortest time between two progress reports.
const OFTEN: Duration = Duration::from_millis(100);

/// The thresholds for which slow statements are counted, in milliseconds. They are the steps of the page's
/// slider.
pub const THRESHOLDS: [f64; 16] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// The progress of a page.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Progress {
    /// The number of statements sent so far.
    pub statements: u64,
    /// The time since the start of the page.
    pub milliseconds: u64,
    /// The completed share of the page, from 0 to 1. `None` if it cannot be estimated.
    pub share: Option<f64>,
}

/// A function that receives progress reports.
pub type Listener = Box<dyn Fn(Progress)>;

/// An observer that meters a page while it is built.
pub struct Meter {
    stop: Arc<Stop>,
    listener: Listener,
    started: Instant,
    told: Cell<Instant>,
    statements: Cell<u64>,
    share: Cell<Option<f64>>,
    over: RefCell<[u64; THRESHOLDS.len()]>,
}

impl Meter {
    /// Creates a meter. Its time starts now.
    #[must_use]
    pub fn new(stop: Arc<Stop>, listener: Listener) -> Self {
        let started = Instant::now();
        Self {
            stop,
            listener,
            started,
            told: Cell::new(started),
            statements: Cell::new(0),
            share: Cell::new(None),
            over: RefCell::default(),
        }
    }

    /// Returns, for each of the [thresholds](THRESHOLDS), the number of statements that took longer.
    #[must_use]
    pub fn over(&self) -> [u64; THRESHOLDS.len()] {
        *self.over.borrow()
    }

    fn tell(&self) {
        self.told.set(Instant::now());
        (self.listener)(Progress {
            statements: self.statements.get(),
            milliseconds: self.started.elapsed().as_millis() as u64,
            share: self.share.get(),
        });
    }
}

impl Observer for Meter {
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        self.stop.check()?;
        // A lazy page reads its customers in order, so the customer's position shows how much is done.
        if let Cause::Access { parents, position, .. } = cause
            && parents.relation().is_none()
        {
            self.share.set(Some(f64::from(*position) / f64::from(parents.size().max(1))));
        }
        Ok(())
    }

    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        self.statements.set(self.statements.get() + 1);
        let milliseconds = event.elapsed.as_secs_f64() * 1e3;
        let over = THRESHOLDS.iter().take_while(|threshold| milliseconds > **threshold);
        let over = over.count();
        self.over.borrow_mut()[..over].iter_mut().for_each(|count| *count += 1);
        if self.told.get().elapsed() >= OFTEN {
            self.tell();
        }
    }
}
