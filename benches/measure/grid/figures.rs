//! What is predicted and measured: the rows of the report, and the object that `--json` prints.

use eagerly::Strategy;
use eagerly_watch::CostModel;
use serde::Serialize;

use crate::data::Data;

/// A pick is good if it takes at most this much longer than the best strategy.
pub const TOLERANCE: f64 = 1.15;

/// The model of one database at one round trip.
#[derive(Serialize)]
pub struct Calibrated {
    pub database: &'static str,
    pub added_ms: f64,
    /// How long the calibration took.
    pub took_ms: f64,
    /// The constants, all in microseconds except `commit`.
    #[serde(serialize_with = "constants")]
    pub model: CostModel,
}

/// One shape of data at one round trip.
#[derive(Serialize)]
pub struct Cell {
    pub database: &'static str,
    pub fan_out: f64,
    pub bytes: u64,
    /// The program accesses one parent in `one_in`.
    pub one_in: u64,
    pub added_ms: f64,
    /// The strategy with the shortest predicted time.
    pub pick: &'static str,
    pub ways: Vec<Figure>,
    #[serde(skip)]
    pub data: Data,
}

/// A strategy in a cell. The statements and rows are those of the whole page, parents included.
#[derive(Serialize, Clone)]
pub struct Figure {
    #[serde(serialize_with = "by_name")]
    pub strategy: Strategy,
    pub predicted_statements: u64,
    pub counted_statements: u64,
    pub predicted_rows: u64,
    pub counted_rows: u64,
    pub predicted_objects: u64,
    pub counted_objects: u64,
    pub predicted_ms: f64,
    /// The fastest turn.
    pub measured_ms: f64,
    /// The median turn.
    pub median_ms: f64,
}

/// Writes the constants by name.
fn constants<S: serde::Serializer>(model: &CostModel, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(named(model))
}

/// Returns the constants of a model with their names, in the order of the formula.
pub fn named(model: &CostModel) -> [(&'static str, f64); 8] {
    [
        ("round_trip", model.round_trip),
        ("commit", model.commit as f64),
        ("transaction", model.transaction),
        ("statement", model.statement),
        ("row", model.row),
        ("byte", model.byte),
        ("joined_row", model.joined_row),
        ("repeated_byte", model.repeated_byte),
    ]
}

fn by_name<S: serde::Serializer>(strategy: &Strategy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(strategy.name())
}

#[derive(Serialize)]
pub struct Figures {
    pub models: Vec<Calibrated>,
    pub cells: Vec<Cell>,
}

impl Cell {
    /// Returns the measured best strategy.
    pub fn best(&self) -> &Figure {
        let faster = |one: &&Figure, other: &&Figure| one.measured_ms.total_cmp(&other.measured_ms);
        self.ways.iter().min_by(faster).expect("a cell has strategies")
    }

    pub fn of(&self, strategy: &str) -> &Figure {
        self.ways.iter().find(|way| way.strategy.name() == strategy).expect("a cell has every strategy")
    }

    /// Returns how much longer the picked strategy takes than the best one: 1 if it is the best one.
    pub fn off(&self) -> f64 {
        self.of(self.pick).measured_ms / self.best().measured_ms
    }

    pub fn is_good(&self) -> bool {
        self.off() <= TOLERANCE
    }
}
