//! The journal of a page: its first statements, and how many statements were sent by when.
//!
//! The first statements are enough to see what repeats. The curve of 33,001 statements is drawn with a few hundred points, so
//! its memory does not depend on the page.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use eagerly::{Event, Kind, Observer};
use serde::Serialize;

/// The number of statements that are kept.
const FIRST: usize = 200;

/// The most points of the curve. When there are more, every second point is dropped.
const POINTS: usize = 400;

/// The longest text of a statement's values that is kept, in characters. `selectin` binds all keys as one value.
const VALUES: usize = 120;

/// One of the first statements of a page.
#[derive(Debug)]
pub struct Entry {
    pub sql: String,
    /// The bound values, for people to read.
    pub values: String,
    /// Why the statement was sent, and the line of code.
    pub cause: String,
    pub rows: u64,
    pub trip: Trip,
}

/// The way of a statement to the database and back. All times are microseconds since the page began.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Trip {
    /// When the program sent it.
    pub sent: u64,
    /// When it arrived at the database.
    pub arrived: u64,
    /// When the database sent the answer.
    pub answered: u64,
    /// When the program had the answer.
    pub received: u64,
}

/// The number of statements that were answered by a point in time, in microseconds since the page began.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Point(pub u64, pub u64);

/// What a journal contains.
#[derive(Debug, Default)]
pub struct Kept {
    pub first: Vec<Entry>,
    pub curve: Vec<Point>,
}

/// An observer that keeps a journal.
pub struct Journal {
    began: Instant,
    /// The time that a statement travels: from the program to the database, and also back.
    one_way: Duration,
    /// Whether the time to travel is part of a statement's measured time, as on a real wire.
    is_measured: bool,
    kept: RefCell<Kept>,
    statements: RefCell<Counter>,
}

/// Counts statements, and chooses those that become points of the curve.
struct Counter {
    statements: u64,
    /// The number of statements from one point to the next.
    stride: u64,
}

impl Journal {
    /// Begins a journal. `round_trip` is the time that a statement travels, there and back. With `is_measured`, it is part of
    /// the time that the session measures for a statement.
    #[must_use]
    pub fn new(round_trip: Duration, is_measured: bool) -> Self {
        Self {
            began: Instant::now(),
            one_way: round_trip / 2,
            is_measured,
            kept: RefCell::default(),
            statements: RefCell::new(Counter { statements: 0, stride: 1 }),
        }
    }

    /// Takes what was kept.
    #[must_use]
    pub fn take(&self) -> Kept {
        let mut kept = self.kept.take();
        // The curve ends at the last statement.
        let counted = self.statements.borrow().statements;
        if let Some(last) = kept.curve.last_mut() {
            last.1 = last.1.max(counted);
        }
        kept
    }

    /// Returns the way of a statement to the database and back.
    fn trip(&self, event: &Event<'_>) -> Trip {
        let at_database = match self.is_measured {
            true => event.elapsed.saturating_sub(2 * self.one_way),
            false => event.elapsed,
        };
        let one_way = match event.network.is_some_and(eagerly::Network::waits) || self.is_measured {
            true => self.one_way,
            false => Duration::ZERO,
        };
        let sent = event.started.saturating_duration_since(self.began);
        let times = [Duration::ZERO, one_way, one_way + at_database, 2 * one_way + at_database];
        let [sent, arrived, answered, received] = times.map(|time| (sent + time).as_micros() as u64);
        Trip { sent, arrived, answered, received }
    }
}

impl Observer for Journal {
    fn statement(&self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        let mut counter = self.statements.borrow_mut();
        counter.statements += 1;
        if kept.first.len() < FIRST {
            kept.first.push(Entry {
                sql: event.sql.to_owned(),
                values: values(event),
                cause: event.cause.to_string(),
                rows: event.rows,
                trip: self.trip(event),
            });
        }
        if counter.statements.is_multiple_of(counter.stride) {
            let now = self.began.elapsed().as_micros() as u64;
            kept.curve.push(Point(now, counter.statements));
            if kept.curve.len() > POINTS {
                let mut is_kept = true;
                kept.curve.retain(|_| {
                    is_kept = !is_kept;
                    is_kept
                });
                counter.stride *= 2;
            }
        }
    }
}

/// Formats the bound values of a statement.
fn values(event: &Event<'_>) -> String {
    let values = event.shown_values();
    match values.char_indices().nth(VALUES) {
        Some((end, _)) => format!("{}…", &values[..end]),
        None => values,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn a_long_page_keeps_its_first_statements_and_a_bounded_curve() {
        let session = shop::small().unwrap();
        let journal = Rc::new(Journal::new(Duration::ZERO, false));
        let observation = session.observe(Rc::<Journal>::clone(&journal));
        for _ in 0..5_000 {
            session.count(shop::Customer::select()).unwrap();
        }
        drop(observation);
        let kept = journal.take();
        assert_eq!(kept.first.len(), FIRST);
        assert!((POINTS / 2..=POINTS).contains(&kept.curve.len()), "{} points", kept.curve.len());
        assert_eq!(kept.curve.last().unwrap().1, 5_000);
        assert!(kept.curve.is_sorted_by(|one, other| one.0 <= other.0 && one.1 < other.1));
    }
}
