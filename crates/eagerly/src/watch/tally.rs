//! The tally: the number of statements, which an ORM hides.

use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::trace::{Event, Kind, Observation, Observer, Observers, Place};
use crate::watch::shapes::Shapes;

/// How many places of a shape are kept.
const PLACES: usize = 20;

/// Counts the statements of a session, from the tally's creation. [`Session::tally`](crate::Session::tally)
/// makes one.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// session.all(Customer::select().with(selectin(Customer::ORDERS).joined(Order::CUSTOMER)))?;
/// assert_eq!((tally.statements(), tally.control()), (2, 2));
/// assert_eq!((tally.of_kind(Kind::Explicit), tally.of_kind(Kind::Eager)), (1, 1));
/// assert_eq!((tally.rows(), tally.objects()), (5 + 50, 5 + 50 + 5));
/// # Ok::<(), Error>(())
/// ```
pub struct Tally {
    counts: Rc<RefCell<Counts>>,
    _observation: Observation,
}

#[derive(Default)]
struct Counts {
    /// Indexed by `Kind as usize`.
    kinds: [u64; 4],
    rows: u64,
    objects: u64,
    elapsed: Duration,
    round_trips: Duration,
    slowest: Duration,
    /// For each text, the figures of each kind of statement.
    shapes: Shapes<Vec<Shape>>,
}

/// The statements of one shape and kind, added up.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// for customer in session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// let shapes = tally.shapes();
/// assert_eq!(shapes.len(), 2);
/// assert_eq!((shapes[1].kind, shapes[1].statements, shapes[1].rows), (Kind::Access, 5, 50));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Shape {
    /// The text; `(other statements)` for all after the first 1,000 shapes.
    pub sql: String,
    /// Why these statements were sent.
    pub kind: Kind,
    /// The number of statements.
    pub statements: u64,
    /// The rows that they returned.
    pub rows: u64,
    /// The time that they took together.
    pub elapsed: Duration,
    /// The time of the slowest.
    pub slowest: Duration,
    /// The session's number of the first one.
    pub first: u64,
    /// The places that sent them, with the number from each. Only the first 20 places are kept.
    pub places: Vec<(Place, u64)>,
}

impl Tally {
    pub(crate) fn of(observers: &Rc<Observers>, sent_before: u64) -> Self {
        let counts = Rc::new(RefCell::new(Counts::default()));
        let observer: Rc<dyn Observer> = Rc::<RefCell<Counts>>::clone(&counts);
        Self { _observation: observers.attach(observer, sent_before), counts }
    }

    fn counts(&self) -> Ref<'_, Counts> {
        self.counts.borrow()
    }

    /// Returns the number of statements that read or write data: all except control statements.
    pub fn statements(&self) -> u64 {
        self.of_kind(Kind::Explicit) + self.of_kind(Kind::Access) + self.of_kind(Kind::Eager)
    }

    /// Returns the number of statements that begin and end transactions.
    pub fn control(&self) -> u64 {
        self.of_kind(Kind::Control)
    }

    /// Returns the number of statements of one kind.
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.counts().kinds[kind as usize]
    }

    /// Returns the number of rows that the statements returned.
    pub fn rows(&self) -> u64 {
        self.counts().rows
    }

    /// Returns the number of objects that were built from those rows. A joined row can build several objects
    /// or none.
    pub fn objects(&self) -> u64 {
        self.counts().objects
    }

    /// Returns the time that the statements took together.
    pub fn elapsed(&self) -> Duration {
        self.counts().elapsed
    }

    /// Returns the time of the round trips on the [modelled network](crate::Session::model_network). It is
    /// measured if that network waits, and computed if not. It is not part of [`elapsed`](Self::elapsed).
    pub fn round_trips(&self) -> Duration {
        self.counts().round_trips
    }

    /// Returns the time of the slowest statement: the figure that a slow-query log checks.
    pub fn slowest(&self) -> Duration {
        self.counts().slowest
    }

    /// Returns the shapes, in the order in which they first appeared.
    pub fn shapes(&self) -> Vec<Shape> {
        let counts = self.counts();
        let named = |(sql, kinds): (&str, &Vec<Shape>)| {
            let named = kinds.iter().map(|shape| Shape { sql: sql.to_owned(), ..shape.clone() });
            named.collect::<Vec<_>>()
        };
        let mut shapes: Vec<_> = counts.shapes.iter().flat_map(named).collect();
        shapes.sort_by_key(|shape| shape.first);
        shapes
    }
}

impl Observer for RefCell<Counts> {
    fn statement(&self, event: &Event<'_>) {
        let mut counts = self.borrow_mut();
        let kind = event.cause.kind();
        counts.kinds[kind as usize] += 1;
        counts.rows += event.rows;
        counts.objects += event.objects;
        counts.elapsed += event.elapsed;
        counts.round_trips = counts.round_trips.saturating_add(event.round_trip);
        counts.slowest = counts.slowest.max(event.elapsed);
        let number = counts.shapes.number(event.sql);
        let kinds = counts.shapes.at(number);
        match kinds.iter_mut().find(|shape| shape.kind == kind) {
            Some(shape) => shape.add(event),
            None => kinds.push(Shape::beginning_with(event)),
        }
    }
}

impl Shape {
    /// The text is added when the shape is returned; the table holds it until then.
    fn beginning_with(event: &Event<'_>) -> Self {
        let mut shape = Self {
            sql: String::new(),
            kind: event.cause.kind(),
            statements: 0,
            rows: 0,
            elapsed: Duration::ZERO,
            slowest: Duration::ZERO,
            first: event.number,
            places: Vec::new(),
        };
        shape.add(event);
        shape
    }

    fn add(&mut self, event: &Event<'_>) {
        self.statements += 1;
        self.rows += event.rows;
        self.elapsed += event.elapsed;
        self.slowest = self.slowest.max(event.elapsed);
        let place = event.cause.place();
        // The evidence of an advisor grows from run to run. The newest is kept.
        let is_it = |known: Place| Place { learned_from: place.learned_from, ..known } == place;
        if let Some((known, statements)) = self.places.iter_mut().find(|(known, _)| is_it(*known)) {
            *known = place;
            *statements += 1;
        } else if self.places.len() < PLACES {
            self.places.push((place, 1));
        }
    }
}
