//! The data of a page: the statements in lanes, and what was counted.
//!
//! The texts are shown as they are, so they may contain markup. The numbers of shapes, places and lanes are
//! positions in the lists of [`Waterfall`], from 0. If a list is shorter, the page cannot be drawn.

use std::time::Duration;

use serde::Serialize;

use crate::micros::micros;

/// The data of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// The name of the page, in the tab of the browser.
    pub title: String,
    /// The first line of the page.
    pub heading: String,
    /// Where the times of the round trips come from.
    pub network: Network,
    /// The totals of all statements. They include the statements that are not in `statements`.
    pub totals: Totals,
    /// The different texts of the statements. Their position decides their colour.
    pub shapes: Vec<Shape>,
    /// The places in the program that sent the statements, such as `lazy Customer.orders at src/page.rs:31`.
    pub places: Vec<String>,
    /// The lanes of the timeline. Lanes of the same parent are drawn in the order of the list.
    pub lanes: Vec<Lane>,
    /// The statements to draw, in the order of sending.
    pub statements: Vec<Statement>,
    /// The boxes above the timeline, from the top down.
    pub findings: Vec<Finding>,
    /// A text about the amount of data and the cost of each loading strategy. `None` hides its section.
    pub advice: Option<String>,
}

/// An empty page with general words for its title and its heading, and a modelled network.
impl Default for Waterfall {
    fn default() -> Self {
        Self {
            title: "Waterfall of statements".to_owned(),
            heading: "Statements sent to the database".to_owned(),
            network: Network::default(),
            totals: Totals::default(),
            shapes: Vec::new(),
            places: Vec::new(),
            lanes: Vec::new(),
            statements: Vec::new(),
            findings: Vec::new(),
            advice: None,
        }
    }
}

/// Where the times of the round trips come from. It decides what the page offers, and which times it calls measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Network {
    /// The statements went through no network. The page has a slider, which adds a round trip per statement.
    Modelled {
        /// The round trip at which the slider starts, from 0 to 150 ms.
        #[serde(serialize_with = "micros")]
        round_trip: Duration,
    },
    /// The program slept for a round trip after each statement, because there was no network. The slider is
    /// disabled, and [`Statement::from_server`] is the time of the sleep.
    Waited,
    /// The statements went through a network to a server, and their times on the wire were measured. The page has
    /// no slider, because the measured times contain the round trips.
    Measured {
        /// The number of round trips, with those of transaction control. Statements that were sent together share
        /// a round trip.
        round_trips: u64,
        /// The time of these round trips on the wire, without the time in the server.
        #[serde(serialize_with = "micros")]
        on_the_wire: Duration,
    },
}

impl Default for Network {
    fn default() -> Self {
        Self::Modelled { round_trip: Duration::ZERO }
    }
}

/// The totals of all statements without transaction control, such as `BEGIN`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// The number of statements.
    pub statements: u64,
    /// The number of statements that are not in [`Waterfall::statements`], because they are too old. It includes
    /// transaction control.
    pub not_kept: u64,
    /// The number of statements that failed.
    pub failed: u64,
    /// The number of rows that the statements returned.
    pub rows: u64,
    /// The sum of [`Statement::in_database`].
    #[serde(serialize_with = "micros")]
    pub in_database: Duration,
    /// The maximum of [`Statement::in_database`].
    #[serde(serialize_with = "micros")]
    pub slowest: Duration,
    /// The number of slow statements, for the slow-query log of the page.
    pub slow: SlowCounts,
}

/// The number of statements above each threshold of the page's slow-query log: 16 thresholds, from 10 µs to 1 s.
///
/// The page itself cannot count them, because it contains only the newest statements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SlowCounts([u64; THRESHOLDS.len()]);

/// The thresholds of the slow-query log, in microseconds.
pub(crate) const THRESHOLDS: [u64; 16] = [
    10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000,
];

impl SlowCounts {
    /// Counts a statement that took this long in the database.
    pub fn add(&mut self, in_database: Duration) {
        let over =
            THRESHOLDS.iter().take_while(|micros| in_database > Duration::from_micros(**micros)).count();
        self.0[..over].iter_mut().for_each(|count| *count += 1);
    }
}

/// A shape: the text of a statement without its values, and the totals of the statements with this text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The text. The page shows a [shortened](crate::sql::shortened) form and a [summary](crate::sql::Summary)
    /// where there is no space.
    pub sql: String,
    /// The number of statements.
    pub statements: u64,
    /// The number of rows that they returned.
    pub rows: u64,
    /// The sum of [`Statement::in_database`].
    pub in_database: Duration,
    /// The maximum of [`Statement::in_database`].
    pub slowest: Duration,
}

/// A lane: a row of the timeline, whose statements belong together.
///
/// A click opens it, and shows its statements one below the other, in the time of the visible ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lane {
    /// The text on the left.
    pub label: Label,
    /// The lane below which this one is indented. `None` at the left edge.
    pub parent: Option<usize>,
}

/// The label of a [`Lane`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Label {
    /// A text. If it is too long, the page cuts its end off, and shows all of it under the mouse.
    Text(String),
    /// The position of a shape in [`Waterfall::shapes`], for a lane of equal statements. The page shows the
    /// [shortened](crate::sql::shortened) text, and all of it under the mouse and when the lane is selected.
    Shape(usize),
}

impl Default for Label {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A statement: a bar of the timeline.
///
/// Its three times follow each other from `start`. The time in the database is drawn in a solid colour, and the
/// others in a pale one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// The number of the statement, in the order of sending and from 1. Statements that are not kept have numbers, too.
    pub number: u64,
    /// When the program sent it, from the start of the recording.
    pub start: Duration,
    /// The measured time on the wire to the server. Zero without a network.
    pub to_server: Duration,
    /// The measured time in the database. On a wire, it ends with the last byte that the server sends.
    pub in_database: Duration,
    /// The measured time on the wire back to the program. Zero without a network.
    pub from_server: Duration,
    /// The number of rows that it returned.
    pub rows: u64,
    /// The number of rows that it changed.
    pub changed: u64,
    /// The position of its text in [`Waterfall::shapes`].
    pub shape: usize,
    /// Its bound values, as text. Empty if there are none.
    pub values: String,
    /// The position of its place in [`Waterfall::places`]. `None` if the place is unknown, as on a wire.
    pub place: Option<usize>,
    /// The position of its lane in [`Waterfall::lanes`].
    pub lane: usize,
    /// A number for all statements of a lane that belong to the same parent rows. If a lane has several groups,
    /// a reader opens one group at a time.
    pub group: u64,
    /// The [number](Self::number) of the statement that returned the parent rows. An arrow leads from there to
    /// the first of its children. `None` if there is no such statement.
    pub parent: Option<u64>,
    /// Whether it controls a transaction, such as `BEGIN`. The modelled network adds no round trip to it.
    pub is_control: bool,
    /// Whether it failed. Then its bar is red and higher, and its label says so.
    pub failed: bool,
}

/// A text above the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The colour of its left edge.
    pub kind: FindingKind,
    /// The text. Its line breaks and spaces are shown.
    pub text: String,
}

/// The kind of a [`Finding`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Something to fix: red.
    Problem,
    /// Something that can be right: grey.
    Hint,
    /// A check that found no problem: green.
    Clean,
}

impl Finding {
    /// Creates a finding that is to be fixed.
    #[must_use]
    pub fn problem(text: impl Into<String>) -> Self {
        Self { kind: FindingKind::Problem, text: text.into() }
    }

    /// Creates a finding that can be right.
    #[must_use]
    pub fn hint(text: impl Into<String>) -> Self {
        Self { kind: FindingKind::Hint, text: text.into() }
    }

    /// Creates the result of a check that found no problem.
    #[must_use]
    pub fn clean(text: impl Into<String>) -> Self {
        Self { kind: FindingKind::Clean, text: text.into() }
    }
}
