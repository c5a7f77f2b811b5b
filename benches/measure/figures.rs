//! What is measured: the rows of the tables, and the object that `--json` prints.

use serde::Serialize;

/// The cost of a way at one size.
#[derive(Serialize)]
pub struct Row {
    pub name: &'static str,
    pub customers: u32,
    pub statements: u64,
    /// `None` for `raise`: an error is no page, so it has no time. The JSON object lacks the fields then.
    #[serde(flatten)]
    pub times: Option<Times>,
    /// `None` if the system does not report it, or for an error.
    pub peak_bytes: Option<u64>,
}

/// The times of a way at one size.
#[derive(Serialize)]
pub struct Times {
    pub median_ms: f64,
    pub min_ms: f64,
    pub max_ms: f64,
    /// The median relative to that of the base at the same size.
    pub ratio: f64,
}

/// The time of a way at one added round trip: modelled, and measured.
#[derive(Serialize)]
pub struct Point {
    pub name: &'static str,
    pub customers: u32,
    pub round_trips: u64,
    pub added_ms: f64,
    /// The median without an added round trip.
    pub direct_ms: f64,
    /// `direct_ms` + `round_trips` × `added_ms`.
    pub modelled_ms: f64,
    /// The median through a proxy that adds the round trip.
    pub measured_ms: f64,
    /// `measured_ms` ÷ `modelled_ms`.
    pub ratio: f64,
}

#[derive(Serialize)]
pub struct Figures {
    pub base: &'static str,
    pub rows: Vec<Row>,
    /// Empty except on a server that this program started.
    pub points: Vec<Point>,
}
