//! Counting statements: the number that an ORM hides.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use crate::event::{Event, Kind, Observer, Place};
use crate::session::{Observation, Session};

/// How many shapes are told apart. SQL with values written into its text has a shape for each value: what comes
/// beyond counts as one.
const SHAPES: usize = 1_000;

/// Counts the statements of a session from the moment it is made: by kind and by shape.
///
/// Made by [`Session::tally`].
///
/// ```
/// # use eagerly::{Kind, selectin};
/// # use shop::{Customer, Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let tally = session.tally();
/// session.all(Customer::select().with(selectin(Customer::ORDERS).joined(Order::CUSTOMER)))?;
/// assert_eq!((tally.statements(), tally.control()), (2, 2));
/// assert_eq!((tally.of_kind(Kind::Explicit), tally.of_kind(Kind::Eager)), (1, 1));
/// assert_eq!((tally.rows(), tally.objects()), (5 + 50, 5 + 50 + 5));
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct Tally {
    counts: Rc<Counts>,
    _observation: Observation,
}

#[derive(Default)]
struct Counts {
    explicit: Cell<u64>,
    access: Cell<u64>,
    eager: Cell<u64>,
    control: Cell<u64>,
    rows: Cell<u64>,
    objects: Cell<u64>,
    elapsed: Cell<Duration>,
    round_trips: Cell<Duration>,
    slowest: Cell<Duration>,
    shapes: RefCell<Shapes>,
}

/// What the statements of one shape and kind add up to. A shape is a statement's text, from which bound values are
/// absent.
///
/// ```
/// # use eagerly::Kind;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// for customer in session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// let shapes = tally.shapes();
/// assert_eq!(shapes.len(), 2);
/// assert_eq!((shapes[1].kind, shapes[1].statements, shapes[1].rows), (Kind::Access, 5, 50));
/// # Ok::<(), eagerly::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Shape {
    /// The text; `(other statements)` for all that come after the first 1,000 shapes.
    pub sql: String,
    /// Why these statements were sent.
    pub kind: Kind,
    /// How many there were.
    pub statements: u64,
    /// The rows that they returned.
    pub rows: u64,
    /// The time that they took.
    pub elapsed: Duration,
    /// The time of the slowest.
    pub slowest: Duration,
    /// The number, in the session, of the first.
    pub first: u64,
    /// The places that they were sent from, with the number from each: the first 20 of them.
    pub places: Vec<(Place, u64)>,
}

/// How many places of a shape are told apart.
const PLACES: usize = 20;

impl Tally {
    pub(crate) fn of(session: &Session) -> Self {
        let counts = Rc::new(Counts::default());
        Self {
            _observation: session.observe(Rc::<Counts>::clone(&counts)),
            counts,
        }
    }

    /// The statements that read or write data: all but the control statements.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.of_kind(Kind::Explicit) + self.of_kind(Kind::Access) + self.of_kind(Kind::Eager)
    }

    /// The statements that begin and end transactions.
    #[must_use]
    pub fn control(&self) -> u64 {
        self.of_kind(Kind::Control)
    }

    /// The statements of one kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.counts.of(kind).get()
    }

    /// The rows that the statements returned.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.counts.rows.get()
    }

    /// The objects that were built of those rows. A join that repeats rows reads more than it builds.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.counts.objects.get()
    }

    /// The time that the statements took together.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.counts.elapsed.get()
    }

    /// The round trips of the network that the session [models](Session::model_network): waited for, if it waits, else
    /// reckoned. Not part of [`elapsed`](Self::elapsed).
    #[must_use]
    pub fn round_trips(&self) -> Duration {
        self.counts.round_trips.get()
    }

    /// The time of the slowest statement: what a slow-query log goes by.
    #[must_use]
    pub fn slowest(&self) -> Duration {
        self.counts.slowest.get()
    }

    /// The shapes, in the order in which each came first.
    #[must_use]
    pub fn shapes(&self) -> Vec<Shape> {
        self.counts.shapes.borrow().list.clone()
    }
}

impl Counts {
    fn of(&self, kind: Kind) -> &Cell<u64> {
        match kind {
            Kind::Explicit => &self.explicit,
            Kind::Access => &self.access,
            Kind::Eager => &self.eager,
            Kind::Control => &self.control,
        }
    }
}

impl Observer for Counts {
    fn statement(&self, event: &Event<'_>) {
        let kind = event.cause.kind();
        let counter = self.of(kind);
        counter.set(counter.get() + 1);
        self.rows.set(self.rows.get() + event.rows);
        self.objects.set(self.objects.get() + event.objects);
        self.elapsed.set(self.elapsed.get() + event.elapsed);
        self.round_trips
            .set(self.round_trips.get().saturating_add(event.round_trip));
        self.slowest.set(self.slowest.get().max(event.elapsed));

        self.shapes.borrow_mut().add(event);
    }
}

/// The shapes, in the order in which each came first.
#[derive(Default)]
struct Shapes {
    list: Vec<Shape>,
    /// The place in the list of those after the first few.
    places: HashMap<(Kind, String), usize>,
}

/// How many shapes are looked through one by one. A page has a handful, and comparing a handful of texts, which mostly
/// differ in length, is quicker than to reckon a hash.
const FEW: usize = 8;

impl Shapes {
    fn add(&mut self, event: &Event<'_>) {
        let kind = event.cause.kind();
        let is_it = |shape: &Shape| shape.kind == kind && shape.sql == event.sql;
        let place = self.list.iter().take(FEW).position(is_it).unwrap_or_else(|| {
            let sql = match self.list.len() < SHAPES {
                true => event.sql,
                false => "(other statements)",
            };
            let list = &mut self.list;
            let known = (list.len() > FEW)
                .then(|| self.places.get(&(kind, event.sql.to_owned())))
                .flatten();
            known.copied().unwrap_or_else(|| {
                *self.places.entry((kind, sql.to_owned())).or_insert_with(|| {
                    list.push(Shape::beginning_with(event, sql));
                    list.len() - 1
                })
            })
        });
        self.list[place].add(event);
    }
}

impl Shape {
    fn add(&mut self, event: &Event<'_>) {
        self.statements += 1;
        self.rows += event.rows;
        self.elapsed += event.elapsed;
        self.slowest = self.slowest.max(event.elapsed);
        let place = event.cause.place();
        if let Some((_, statements)) = self.places.iter_mut().find(|(known, _)| *known == place) {
            *statements += 1;
        } else if self.places.len() < PLACES {
            self.places.push((place, 1));
        }
    }

    fn beginning_with(event: &Event<'_>, sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            kind: event.cause.kind(),
            statements: 0,
            rows: 0,
            elapsed: Duration::ZERO,
            slowest: Duration::ZERO,
            first: event.number,
            places: Vec::new(),
        }
    }
}
