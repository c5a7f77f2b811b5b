//! What is predicted and measured: the rows of the report, and the object that `--json` prints.

use eagerly::Strategy;
use eagerly::numbers::count;
use eagerly_watch::CostModel;
use serde::Serialize;

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

impl Figures {
    /// Returns the cells of a database.
    pub fn of(&self, database: &str) -> Vec<&Cell> {
        self.cells.iter().filter(|cell| cell.database == database).collect()
    }

    pub fn databases(&self) -> Vec<&'static str> {
        self.values(|cell| cell.database)
    }

    /// Returns the added round trips, in milliseconds.
    pub fn round_trips(&self) -> Vec<f64> {
        self.values(|cell| cell.added_ms)
    }

    pub fn shares(&self) -> Vec<u64> {
        self.values(|cell| cell.one_in)
    }

    /// Returns the different values of the cells, in their order.
    pub fn values<T: PartialEq>(&self, value: impl Fn(&Cell) -> T) -> Vec<T> {
        let mut values = Vec::new();
        for value in self.cells.iter().map(value) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// Returns how much longer than the fastest turn the median turn takes: the median of all strategies and cells.
    pub fn spread(&self) -> f64 {
        let ways = self.cells.iter().flat_map(|cell| &cell.ways);
        let mut ratios: Vec<_> = ways.map(|way| way.median_ms / way.measured_ms).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(1.0)
    }
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

/// Returns a number of children as the report and the chart write it.
pub fn per_parent(fan_out: f64) -> String {
    let number = if fan_out < 1.0 { fan_out.to_string() } else { count(fan_out as u64) };
    format!("{number} per parent")
}

/// Returns a share of the parents as the report and the chart write it.
pub fn share(one_in: u64) -> String {
    if one_in == 1 { "all".to_owned() } else { format!("1 in {one_in}") }
}

/// Returns a width of the rows as the report and the chart write it.
pub fn width(bytes: u64) -> String {
    format!("rows of {} bytes", count(bytes))
}
