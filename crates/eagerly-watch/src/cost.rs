//! The time of a strategy, predicted from what it sends and reads.
//!
//! ```text
//! time = round trips   × round_trip
//!      + transactions  × transaction    SQLite locks the file for each
//!      + statements    × statement
//!      + objects       × row
//!      + their bytes   × byte
//!      + joined rows   × joined_row     the columns of two entities side by side
//!      + repeated bytes × repeated_byte
//! ```
//!
//! `data_shape.rs` computes the amounts, and `calibration.rs` measures the constants. A statement outside a snapshot is a
//! transaction of its own.
//!
//! A simpler model had one constant for each statement, row and byte. The grid (`benches/measured/grid.md`) showed two errors:
//!
//! - A join builds the same objects as `selectin`, from fewer or as many rows. A row that repeats a wide parent took a few
//!   tenths of a microsecond more than another row, and not the 1.5 µs of 1,000 decoded bytes. So objects and their bytes
//!   count once, and a joined row has a price of its own.
//! - `immediate` sent 64 statements to SQLite in 50 µs, and `lazy` in 430 µs. The difference is the lock, which a snapshot
//!   takes only once. So transactions count.

use std::time::Duration;

use eagerly::Strategy;

use crate::data_shape::{DataShape, Way};

/// The constants that predict the time of a strategy, all in microseconds except `commit`.
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
/// let model = CostModel { round_trip: 1_000.0, row: 0.5, joined_row: 0.2, ..CostModel::default() };
/// assert_eq!(model.pick(&orders), Strategy::Joined);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CostModel {
    /// The time of a round trip to the server. It is 0 for SQLite, except on a network that
    /// [waits](eagerly::Network::waiting).
    pub round_trip: f64,
    /// The time to begin and end a transaction, without round trips.
    pub transaction: f64,
    /// The number of round trips that end a snapshot: 1 on PostgreSQL, 0 on SQLite. The strategies that load up front by
    /// statements of their own need a snapshot.
    pub commit: u64,
    /// The time of a statement that returns hardly anything, without its transaction and its round trip.
    pub statement: f64,
    /// The time of a row, from the database to the object.
    pub row: f64,
    /// The additional time of each byte of an object's values.
    pub byte: f64,
    /// The additional time of a row of a join.
    pub joined_row: f64,
    /// The time of each byte that a join repeats.
    pub repeated_byte: f64,
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
    /// let model = CostModel { round_trip: 1_000.0, commit: 1, statement: 20.0, row: 1.0, joined_row: 0.5, ..CostModel::default() };
    /// let [lazy, _, batch, selectin, _, joined] = shape.ways().map(|way| model.time(&shape, &way).as_micros());
    /// assert_eq!(lazy, 51 * 1_020 + 550);
    /// assert_eq!(batch, 2 * 1_020 + 550);
    /// assert_eq!(selectin, 2 * 1_020 + 1_000 + 550); // `COMMIT` takes a round trip.
    /// assert_eq!(joined, 1_020 + 550 + 500 / 2);
    /// ```
    #[must_use]
    pub fn time(&self, shape: &DataShape, way: &Way) -> Duration {
        let statements = shape.queries + way.statements;
        let transactions = if way.snapshots > 0 { way.snapshots } else { statements };
        let joined_rows = if way.strategy == Strategy::Joined { way.rows } else { 0 };
        let terms = [
            (statements + way.snapshots * self.commit, self.round_trip),
            (transactions, self.transaction),
            (statements, self.statement),
            (way.objects, self.row),
            (way.bytes - way.repeated_bytes, self.byte),
            (joined_rows, self.joined_row),
            (way.repeated_bytes, self.repeated_byte),
        ];
        let micros: f64 = terms.into_iter().map(|(amount, cost)| amount as f64 * cost).sum();
        Duration::try_from_secs_f64(micros.max(0.0) / 1e6).unwrap_or(Duration::MAX)
    }

    /// Returns the strategy with the shortest predicted time.
    #[must_use]
    pub fn pick(&self, shape: &DataShape) -> Strategy {
        self.pick_of(shape, |_| true)
    }

    /// Returns the strategy with the shortest predicted time of those that are allowed.
    pub(crate) fn pick_of(&self, shape: &DataShape, is_allowed: impl Fn(Strategy) -> bool) -> Strategy {
        let allowed = PREFERENCE.into_iter().filter(|strategy| is_allowed(*strategy));
        let ways = allowed.filter_map(|strategy| shape.way(strategy));
        // `min_by_key` returns the first of several minimums.
        ways.min_by_key(|way| self.time(shape, way)).map_or(Strategy::Selectin, |way| way.strategy)
    }
}
