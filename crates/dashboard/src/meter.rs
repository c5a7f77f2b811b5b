//! The meter: tells how far a page has come, counts how many statements a slow-query log would have seen, and lets no
//! statement through once somebody has asked to stop.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eagerly::{Cause, Error, Event, Kind, Observer, Result};
use serde::Serialize;

use crate::stop::Stop;

/// How often progress is told.
const OFTEN: Duration = Duration::from_millis(100);

/// The thresholds of a slow-query log for which slow statements are counted, in milliseconds.
pub const THRESHOLDS: [f64; 16] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
];

/// How far a page has come.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Progress {
    /// The statements that were sent.
    pub statements: u64,
    /// Since the page was asked for.
    pub milliseconds: u64,
    /// How much of the page is done, from 0 to 1, if that can be told.
    pub share: Option<f64>,
}

/// Whoever is told of progress.
pub type Listener = Box<dyn Fn(Progress)>;

/// Watches a page while it is being built.
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
    /// A meter that starts now.
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

    /// For each threshold, how many statements took longer.
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

/// What a statement gets that is not sent any more.
#[derive(Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the page was stopped")
    }
}

impl std::error::Error for Stopped {}

impl Observer for Meter {
    fn before(&self, cause: &Cause<'_>) -> Result<()> {
        if self.stop.is_requested() {
            return Err(Error::other(Stopped));
        }
        // A lazy page goes from customer to customer: which one it has reached tells how much is done.
        if let Cause::Access {
            parents, position, ..
        } = cause
            && parents.relation().is_none()
        {
            self.share
                .set(Some(f64::from(*position) / f64::from(parents.size().max(1))));
        }
        Ok(())
    }

    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        self.statements.set(self.statements.get() + 1);
        let milliseconds = event.elapsed.as_secs_f64() * 1e3;
        let over = THRESHOLDS
            .iter()
            .take_while(|threshold| milliseconds > **threshold);
        let over = over.count();
        self.over.borrow_mut()[..over]
            .iter_mut()
            .for_each(|count| *count += 1);
        if self.told.get().elapsed() >= OFTEN {
            self.tell();
        }
    }
}
