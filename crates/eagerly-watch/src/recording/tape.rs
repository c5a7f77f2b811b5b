//! The storage of a recording: the newest statements, and the totals of all statements.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

use eagerly::shapes::Shapes;
use eagerly::{Cohort, Event, Network, Place};

use super::lanes::Lanes;
use super::totals::{ShapeTotals, Totals};

pub(super) struct Tape {
    started: Instant,
    /// The number of statements that the session sent before. The recording numbers its own from 1.
    before: u64,
    /// The newest statements, in the order in which they ended.
    statements: VecDeque<Recorded>,
    capacity: usize,
    pub(super) totals: Totals,
    pub(super) shapes: Shapes<ShapeTotals>,
    pub(super) places: Vec<Place>,
    pub(super) lanes: Lanes,
}

/// A recorded statement.
pub(super) struct Recorded {
    pub(super) number: u64,
    /// The time since the start of the recording.
    pub(super) start: Duration,
    pub(super) elapsed: Duration,
    pub(super) round_trip: Duration,
    /// Whether the session waited for the round trip. If not, the round trip is modelled.
    pub(super) waited: bool,
    pub(super) rows: u64,
    pub(super) changed: u64,
    pub(super) shape: usize,
    pub(super) place: usize,
    pub(super) lane: usize,
    /// The id of the parents' cohort; 0 if the statement has no parents.
    pub(super) parents: u64,
    /// The number of the statement that loaded the parents; 0 if there are none, or if it is older than the
    /// recording.
    pub(super) parents_statement: u64,
    pub(super) values: String,
    pub(super) failed: bool,
}

impl Tape {
    pub(super) fn new(capacity: usize, before: u64) -> Self {
        Self {
            started: Instant::now(),
            before,
            statements: VecDeque::new(),
            capacity,
            totals: Totals::default(),
            shapes: Shapes::default(),
            places: Vec::new(),
            lanes: Lanes::default(),
        }
    }

    pub(super) fn statement(&mut self, event: &Event<'_>) {
        if event.number <= self.before {
            // The statement started before the recording, and ended during it.
            return;
        }
        self.totals.add(event);
        let lane = self.lanes.statement(event);
        let shape = self.shapes.number(event.sql);
        self.shapes.at(shape).add(event);
        let parents = event.cause.parents();
        let recorded = Recorded {
            number: event.number - self.before,
            start: event.started.saturating_duration_since(self.started),
            elapsed: event.elapsed,
            round_trip: event.round_trip,
            waited: event.network.is_some_and(Network::waits),
            rows: event.rows,
            changed: event.changed,
            shape,
            place: self.place(event.cause.place()),
            lane,
            parents: parents.map_or(0, Cohort::id),
            parents_statement: parents.map_or(0, |parents| parents.statement().saturating_sub(self.before)),
            values: event.shown_values(),
            failed: event.error.is_some(),
        };
        if self.statements.len() >= self.capacity {
            self.statements.pop_front();
        }
        if self.capacity > 0 {
            self.statements.push_back(recorded);
        }
    }

    pub(super) fn cohort(&mut self, cohort: &Rc<Cohort>) {
        self.lanes.cohort(cohort);
    }

    fn place(&mut self, place: Place) -> usize {
        match self.places.iter().position(|known| *known == place) {
            Some(number) => number,
            None => {
                self.places.push(place);
                self.places.len() - 1
            }
        }
    }

    /// Returns the kept statements in the order of sending.
    ///
    /// Observers receive a statement when it ends, and others can be sent between its rows. So the stored
    /// order differs.
    pub(super) fn in_order(&self) -> Vec<&Recorded> {
        let mut statements: Vec<_> = self.statements.iter().collect();
        statements.sort_by_key(|statement| statement.number);
        statements
    }

    /// Returns the number of statements that were sent but not kept, including transaction control.
    pub(super) fn not_kept(&self) -> u64 {
        self.totals.statements + self.totals.control - self.statements.len() as u64
    }
}
