//! The time of a strategy, predicted from what it sends and reads.
//!
//! ```text
//! time = round trips × round trip + statements × statement + rows × row + bytes × byte
//! ```
//!
//! `data_shape.rs` computes the statements, rows and bytes. The statement for the parents counts, too.

use std::time::Duration;

use eagerly::Strategy;

use crate::data_shape::{DataShape, Way};

/// The time of a round trip, a statement, a row and a byte, all in microseconds.
///
/// [`calibrate`](Self::calibrate) measures them on the database of a session.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// use eagerly_watch::{CostModel, Recording};
///
/// let recording = Recording::start(&session);
/// page::rows(&session.all(Customer::select())?)?;
/// let orders = recording.advice().relations[0].data;
/// let model = CostModel { round_trip: 0.0, statement: 20.0, row: 0.5, byte: 0.001, commit: 0 };
/// assert_eq!(model.pick(&orders), Strategy::Joined);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostModel {
    /// The time of a round trip to the server. It is 0 for SQLite, except on a network that
    /// [waits](eagerly::Network::waiting).
    pub round_trip: f64,
    /// The time of a statement that returns hardly anything, without the round trip.
    pub statement: f64,
    /// The time of a row, from the database to the object.
    pub row: f64,
    /// The additional time of each byte of its values.
    pub byte: f64,
    /// The number of round trips that end a snapshot: 1 on PostgreSQL, 0 on SQLite. The strategies that load up front by
    /// statements of their own need a snapshot.
    pub commit: u64,
}

/// The strategies, in the order in which they are preferred if their predicted times are the same.
const PREFERENCE: [Strategy; 6] = [
    Strategy::Selectin,
    Strategy::Joined,
    Strategy::Lazy,
    Strategy::Batch,
    Strategy::Subquery,
    Strategy::Immediate,
];

impl CostModel {
    /// Returns the predicted time of a strategy, including the statement for the parents.
    ///
    /// ```
    /// # use eagerly::{RelationKind, Strategy};
    /// # use eagerly_watch::{CostModel, DataShape};
    /// # let shape = DataShape { kind: RelationKind::HasMany, queries: 1, parents: 50, accessed: 50, parent_bytes: 40.0,
    /// #     accessed_rows: 500, rows: Some(500), row_bytes: 30.0, childless: Some(0) };
    /// let model = CostModel { round_trip: 1_000.0, statement: 20.0, row: 1.0, byte: 0.01, commit: 1 };
    /// let [lazy, _, batch, selectin, ..] = shape.ways().map(|way| model.time(&shape, &way).as_micros());
    /// assert_eq!(lazy, 51 * 1_000 + 51 * 20 + 550 + (50 * 40 + 500 * 30) / 100);
    /// assert_eq!(batch, 2 * 1_000 + 2 * 20 + 550 + 170);
    /// assert_eq!(selectin, 3 * 1_000 + 2 * 20 + 550 + 170); // `COMMIT` is a round trip
    /// ```
    #[must_use]
    pub fn time(&self, shape: &DataShape, way: &Way) -> Duration {
        let statements = (shape.queries + way.statements) as f64;
        let round_trips = statements + (way.snapshots * self.commit) as f64;
        let micros = round_trips * self.round_trip
            + statements * self.statement
            + way.rows as f64 * self.row
            + way.bytes as f64 * self.byte;
        Duration::try_from_secs_f64(micros.max(0.0) / 1e6).unwrap_or(Duration::MAX)
    }

    /// Returns the strategy with the shortest predicted time.
    #[must_use]
    pub fn pick(&self, shape: &DataShape) -> Strategy {
        let ways = PREFERENCE.into_iter().filter_map(|strategy| shape.way(strategy));
        // `min_by_key` returns the first of several minimums.
        ways.min_by_key(|way| self.time(shape, way)).map_or(Strategy::Selectin, |way| way.strategy)
    }
}
