//! A recording: what a session sent, statement by statement, to be looked at afterwards.
//!
//! It keeps the newest statements (100,000, unless told otherwise) and exact totals of all. Statements stand in
//! *lanes*: one for each query of the program, and below it one for each relation that is followed from there. The
//! cohorts of one lane are its branches. That is the picture which [`write_html`](Recording::write_html) draws.

mod html;
mod json_lines;
mod perfetto;

use std::cell::{Ref, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use eagerly::cohort::Cohort;
use eagerly::relation::RelationInfo;
use eagerly::{CallSite, Event, Kind, Network, Observation, Observer, Place, Session, Strategy};

use crate::advice::Advice;
use crate::detector::Detector;
use crate::report::Report;

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

/// What was recorded.
pub(crate) struct Tape {
    started: Instant,
    /// How many statements the session had sent before: they are numbered from the beginning of the recording.
    before: u64,
    /// The newest statements.
    statements: VecDeque<Recorded>,
    capacity: usize,
    totals: Totals,
    shapes: Vec<ShapeTotals>,
    shape_numbers: HashMap<String, usize>,
    places: Vec<Place>,
    pub(crate) lanes: Vec<Lane>,
    queries: HashMap<CallSite, usize>,
    /// The cohorts that were met last, and their lanes: the one that was completed, and the one whose rows needed a
    /// statement. The next statement is mostly for one of them.
    met: [(u64, usize); 2],
}

/// A statement.
struct Recorded {
    number: u64,
    /// Since the recording began.
    start: Duration,
    elapsed: Duration,
    round_trip: Duration,
    /// Whether the round trip was waited for, and not only reckoned.
    waited: bool,
    rows: u64,
    changed: u64,
    shape: usize,
    place: usize,
    lane: usize,
    /// The id of the cohort that the parents are, and the statement that they came from; 0 if there are none.
    parents: u64,
    parents_statement: u64,
    values: String,
    failed: bool,
}

/// Exact, however many statements were kept.
#[derive(Default, Clone)]
struct Totals {
    statements: u64,
    control: u64,
    failed: u64,
    rows: u64,
    elapsed: Duration,
    slowest: Duration,
    /// The round trip that was last reckoned with, and whether any was waited for.
    round_trip: Duration,
    waited: bool,
    /// For each of [`SLOW`], how many statements took longer.
    over: [u64; SLOW.len()],
}

/// Thresholds of a slow-query log, in milliseconds.
const SLOW: [f64; 16] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
];

struct ShapeTotals {
    sql: String,
    statements: u64,
    rows: u64,
    elapsed: Duration,
    slowest: Duration,
}

/// A query of the program, or a relation that is followed from another lane.
pub(crate) struct Lane {
    pub(crate) parent: Option<usize>,
    below: Vec<usize>,
    /// The relation that leads here.
    pub(crate) relation: Option<&'static RelationInfo>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) is_part: bool,
    pub(crate) origin: CallSite,
    /// The entity of the rows, if there are any.
    pub(crate) entity: Option<&'static str>,
    pub(crate) statements: u64,
    pub(crate) cohorts: u64,
    /// The rows that became objects.
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    last_shape: usize,
    /// Whether queries for different entities were sent from the one place.
    pub(crate) is_mixed: bool,
    /// Whether this is for all that came when there was no room for more lanes.
    pub(crate) is_other: bool,
}

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
        Advice::of(&self.tape().lanes)
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

impl Tape {
    fn new(capacity: usize, before: u64) -> Self {
        Self {
            started: Instant::now(),
            before,
            statements: VecDeque::new(),
            capacity,
            totals: Totals::default(),
            shapes: Vec::new(),
            shape_numbers: HashMap::new(),
            places: Vec::new(),
            lanes: Vec::new(),
            queries: HashMap::new(),
            met: [(0, 0); 2],
        }
    }

    fn statement(&mut self, event: &Event<'_>) {
        if event.number <= self.before {
            // It was sent before the recording began, and has ended now.
            return;
        }
        self.totals.add(event);
        let parents = event.cause.parents();
        let lane = match (parents, event.cause.relation()) {
            (Some(parents), Some(relation)) => {
                let parent = self.lane_of(parents);
                self.met[1] = (parents.id(), parent);
                let is_part = matches!(event.cause, eagerly::Cause::Eager { is_part: true, .. });
                self.lane_below(parent, relation, is_part)
            }
            _ => self.lane_of_query(event.cause.at()),
        };
        if event.cause.kind() != Kind::Control {
            self.lanes[lane].statements += 1;
        }
        let recorded = Recorded {
            number: event.number - self.before,
            start: event.started.saturating_duration_since(self.started),
            elapsed: event.elapsed,
            round_trip: event.round_trip,
            waited: event.network.is_some_and(Network::waits),
            rows: event.rows,
            changed: event.changed,
            shape: self.shape(lane, event),
            place: self.place(event.cause.place()),
            lane,
            parents: parents.map_or(0, Cohort::id),
            parents_statement: parents.map_or(0, |parents| parents.statement().saturating_sub(self.before)),
            values: values(event),
            failed: event.error.is_some(),
        };
        if self.statements.len() >= self.capacity {
            self.statements.pop_front();
        }
        if self.capacity > 0 {
            self.statements.push_back(recorded);
        }
    }

    fn cohort(&mut self, cohort: &Rc<Cohort>) {
        let number = self.lane_of(cohort);
        self.met[0] = (cohort.id(), number);
        let lane = &mut self.lanes[number];
        lane.is_mixed |= lane.entity.is_some_and(|entity| entity != cohort.entity());
        lane.entity = Some(cohort.entity());
        lane.strategy = cohort.strategy();
        lane.cohorts += 1;
        lane.rows += u64::from(cohort.size());
        lane.bytes += cohort.bytes();
    }

    /// The lane of a cohort: found by walking up to one that was met, or to the query, and down again.
    fn lane_of(&mut self, cohort: &Cohort) -> usize {
        let mut steps = Vec::new();
        let mut next = cohort;
        let mut lane = loop {
            if let Some((_, lane)) = self.met.iter().find(|(id, _)| *id == next.id()) {
                break *lane;
            }
            match (next.parents(), next.relation()) {
                (Some(parents), Some(relation)) => {
                    steps.push((relation, next.is_part()));
                    next = parents;
                }
                _ => break self.lane_of_query(next.origin()),
            }
        };
        for (relation, is_part) in steps.into_iter().rev() {
            lane = self.lane_below(lane, relation, is_part);
        }
        lane
    }

    /// The lane of a relation that is followed from another lane.
    fn lane_below(&mut self, parent: usize, relation: &'static RelationInfo, is_part: bool) -> usize {
        let is_it = |lane: &&usize| {
            let lane = &self.lanes[**lane];
            lane.relation == Some(relation) && lane.is_part == is_part
        };
        match self.lanes[parent].below.iter().find(is_it) {
            Some(lane) => *lane,
            None if self.lanes[parent].is_other => parent,
            None if self.lanes.len() >= DISTINCT => self.other_lane(),
            None => {
                let lane = Lane {
                    relation: Some(relation),
                    is_part,
                    ..Lane::new(Some(parent), self.lanes[parent].origin)
                };
                self.lanes.push(lane);
                let number = self.lanes.len() - 1;
                self.lanes[parent].below.push(number);
                number
            }
        }
    }

    fn lane_of_query(&mut self, at: CallSite) -> usize {
        match self.queries.get(&at) {
            Some(lane) => *lane,
            None if self.lanes.len() >= DISTINCT => self.other_lane(),
            None => {
                self.lanes.push(Lane::new(None, at));
                self.queries.insert(at, self.lanes.len() - 1);
                self.lanes.len() - 1
            }
        }
    }

    /// The lane of all that came when there was no room for more.
    fn other_lane(&mut self) -> usize {
        if self.lanes.len() == DISTINCT {
            let other = Lane {
                is_other: true,
                ..Lane::new(None, self.lanes[0].origin)
            };
            self.lanes.push(other);
        }
        DISTINCT
    }

    fn shape(&mut self, lane: usize, event: &Event<'_>) -> usize {
        // The statements of a lane mostly have one shape: a glance at the last saves looking it up.
        let last = self.lanes[lane].last_shape;
        let known = match self.shapes.get(last) {
            Some(shape) if shape.sql == event.sql => Some(last),
            _ => self.shape_numbers.get(event.sql).copied(),
        };
        let number = known.unwrap_or_else(|| {
            let sql = match self.shapes.len() < DISTINCT {
                true => event.sql,
                false => "(other statements)",
            };
            let shapes = &mut self.shapes;
            *self.shape_numbers.entry(sql.to_owned()).or_insert_with(|| {
                shapes.push(ShapeTotals {
                    sql: sql.to_owned(),
                    statements: 0,
                    rows: 0,
                    elapsed: Duration::ZERO,
                    slowest: Duration::ZERO,
                });
                shapes.len() - 1
            })
        });
        self.lanes[lane].last_shape = number;
        let shape = &mut self.shapes[number];
        shape.statements += 1;
        shape.rows += event.rows;
        shape.elapsed += event.elapsed;
        shape.slowest = shape.slowest.max(event.elapsed);
        number
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

    /// What was kept, in the order of sending: a statement is told of when it has ended, and others may have been sent
    /// between its rows.
    fn in_order(&self) -> Vec<&Recorded> {
        let mut statements: Vec<_> = self.statements.iter().collect();
        statements.sort_by_key(|statement| statement.number);
        statements
    }

    /// How many statements were sent and not kept.
    fn not_kept(&self) -> u64 {
        self.totals.statements + self.totals.control - self.statements.len() as u64
    }
}

impl Lane {
    fn new(parent: Option<usize>, origin: CallSite) -> Self {
        Self {
            parent,
            below: Vec::new(),
            relation: None,
            strategy: None,
            is_part: false,
            origin,
            entity: None,
            statements: 0,
            cohorts: 0,
            rows: 0,
            bytes: 0,
            last_shape: 0,
            is_mixed: false,
            is_other: false,
        }
    }

    /// `Customer.orders`; for a query, where it is.
    fn label(&self) -> String {
        match (self.relation, self.entity) {
            _ if self.is_other => "other statements".to_owned(),
            _ if self.is_mixed => format!("several entities at {}", self.origin),
            (Some(relation), _) if self.is_part => format!("part of {relation}"),
            (Some(relation), _) => relation.to_string(),
            (None, Some(entity)) => format!("{entity} at {}", self.origin),
            (None, None) => format!("at {}", self.origin),
        }
    }
}

impl Totals {
    fn add(&mut self, event: &Event<'_>) {
        if event.cause.kind() == Kind::Control {
            self.control += 1;
            return;
        }
        self.statements += 1;
        let milliseconds = event.elapsed.as_secs_f64() * 1e3;
        let over = SLOW
            .iter()
            .take_while(|threshold| milliseconds > **threshold)
            .count();
        self.over[..over].iter_mut().for_each(|count| *count += 1);
        self.failed += u64::from(event.error.is_some());
        self.rows += event.rows;
        self.elapsed += event.elapsed;
        self.slowest = self.slowest.max(event.elapsed);
        match event.network {
            Some(network) if network.waits() => self.waited = true,
            Some(network) => self.round_trip = network.round_trip(),
            None => {}
        }
    }
}

/// The bound values, as they are shown.
fn values(event: &Event<'_>) -> String {
    let mut text = String::new();
    for value in event.values {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = write!(text, "{value}");
    }
    text
}
