//! The grid: the predicted and the measured time of every strategy, over many shapes of data.
//!
//!     cargo run --release --example grid                       # SQLite
//!     cargo run --release --example grid --features postgres   # SQLite and PostgreSQL
//!     cargo run --release --example grid -- --quick            # few cells, in seconds
//!     cargo run --release --example grid -- --quick --json     # only the results, as JSON
//!
//! A cell has a number of children per parent, a width of the rows, and a round trip. It also has the share of the parents whose
//! children the page accesses. For each cell, the program computes the statements and rows of each strategy from the shape alone, and
//! predicts its time with a `CostModel`. The model is calibrated once for each database and round trip, before the first
//! cell. Then it counts and measures.
//!
//! If a counted number is not the predicted one, the program ends with an error. The report states the error of the predicted
//! times. It also states in how many cells the picked strategy is within 15 % of the best one.

#[path = "../colours.rs"]
mod colours;
mod data;
mod figures;
#[path = "../machine.rs"]
mod machine;
mod map;
#[path = "../output.rs"]
mod output;
mod place;
mod report;
#[path = "../times.rs"]
mod times;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use clap::Parser;
use data::{Data, OneIn, page};
use eagerly::{Session, Strategy};
use eagerly_watch::CostModel;
use figures::{Calibrated, Cell, Figure, Figures};
use indicatif::{ProgressBar, ProgressStyle};
use place::Place;
use terminal::println;
use times::median;

const FAN_OUTS: [f64; 5] = [0.1, 1.0, 10.0, 100.0, 1_000.0];
const WIDTHS: [u64; 2] = [30, 1_000];
const SHARES: [OneIn; 4] = [64, 16, 4, 1];
/// In microseconds.
const ROUND_TRIPS: [u64; 4] = [0, 250, 1_000, 10_000];

/// The least number of rounds. More follow until a second is over, up to `MOST_ROUNDS`. Each strategy takes one turn in a round.
const ROUNDS: usize = 3;
const MOST_ROUNDS: usize = 200;
const LONG_ENOUGH: Duration = Duration::from_secs(1);

/// Predicts and measures the time of every strategy, over a grid of shapes
#[derive(Parser)]
struct Options {
    /// Measure few small cells in few rounds (seconds)
    #[arg(long)]
    quick: bool,
    /// Print the results as one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Folder for the report and the chart
    #[arg(long, default_value = "target/measure")]
    out: PathBuf,
}

/// The cells to measure.
struct Grid {
    fan_outs: Vec<f64>,
    round_trips: Vec<Duration>,
    most_rounds: usize,
}

/// A strategy, and the share of the parents that the page accesses. Only `lazy` depends on the share, so the others are
/// measured with an access to all parents.
const TURNS: [(Strategy, OneIn); 9] = [
    (Strategy::Lazy, 64),
    (Strategy::Lazy, 16),
    (Strategy::Lazy, 4),
    (Strategy::Lazy, 1),
    (Strategy::Immediate, 1),
    (Strategy::Batch, 1),
    (Strategy::Selectin, 1),
    (Strategy::Subquery, 1),
    (Strategy::Joined, 1),
];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let round_trips: Vec<_> = ROUND_TRIPS.map(Duration::from_micros).into();
    let grid = match options.quick {
        true => Grid { fan_outs: FAN_OUTS[..3].into(), round_trips: round_trips[..2].into(), most_rounds: 1 },
        false => Grid { fan_outs: FAN_OUTS.into(), round_trips, most_rounds: MOST_ROUNDS },
    };
    let places = Place::all(&grid.round_trips)?;
    let figures = measure(&grid, &places)?;
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    let versions: Vec<_> = places.iter().map(Place::version).collect();
    let machine = machine::measured_on(&versions.join(", "));
    let files = [("grid.md", report::markdown(&figures, &machine)), ("grid.svg", map::svg(&figures)?)];
    output::write(&options.out, &files)?;
    let good = figures.cells.iter().filter(|cell| cell.is_good()).count();
    println!("{good} of {} picks are within 15 % of the best strategy", figures.cells.len());
    Ok(())
}

fn measure(grid: &Grid, places: &[Place]) -> Result<Figures> {
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} shapes")?);
    let shapes = places.len() * WIDTHS.len() * grid.fan_outs.len() * grid.round_trips.len();
    progress.set_length(shapes as u64);
    let mut figures = Figures { models: Vec::new(), cells: Vec::new() };
    for place in places {
        let name = place.name();
        let first = figures.models.len();
        for added in &grid.round_trips {
            progress.set_message(format!("{name}, calibrating at {added:?}"));
            let session = place.session(*added)?;
            figures.models.push(calibrate(name, &session, *added)?);
        }
        for (bytes, fan_out) in
            WIDTHS.into_iter().flat_map(|bytes| grid.fan_outs.iter().map(move |n| (bytes, *n)))
        {
            let data = Data { fan_out, bytes };
            progress.set_message(format!("{name}, {fan_out} × {bytes} bytes: filling the tables"));
            data.fill(&place.session(Duration::ZERO)?)?;
            for (added, model) in grid.round_trips.iter().zip(&figures.models[first..]) {
                // No thread redraws the bar, since it would disturb the measurement.
                progress.set_message(format!("{name}, {fan_out} × {bytes} bytes at {added:?}"));
                let session = place.session(*added)?;
                figures.cells.extend(cells(grid, &session, data, model)?);
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    Ok(figures)
}

fn calibrate(database: &'static str, session: &Session, added: Duration) -> Result<Calibrated> {
    let start = Instant::now();
    let model = CostModel::calibrate(session)?;
    Ok(Calibrated { database, added_ms: milliseconds(added), took_ms: milliseconds(start.elapsed()), model })
}

/// Measures the cells of one shape at one round trip, which differ only in the share of the parents.
fn cells(grid: &Grid, session: &Session, data: Data, model: &Calibrated) -> Result<Vec<Cell>> {
    // The first round prepares the statements and counts. Its times do not count.
    let counts = TURNS.map(|(strategy, one_in)| counted(session, data, strategy, one_in));
    let counts = counts.into_iter().collect::<Result<Vec<_>>>()?;
    let mut times = TURNS.map(|_| Vec::new());
    let begin = Instant::now();
    for round in 0..grid.most_rounds {
        if round >= ROUNDS && begin.elapsed() > LONG_ENOUGH {
            break;
        }
        for ((strategy, one_in), times) in TURNS.into_iter().zip(&mut times) {
            let start = Instant::now();
            page(session, strategy, one_in)?;
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    let cells = SHARES.map(|one_in| {
        let shape = data.shape(one_in);
        let ways = shape.ways().map(|way| {
            let is_it = |turn: &(Strategy, OneIn)| {
                turn.0 == way.strategy && (turn.1 == one_in || way.strategy != Strategy::Lazy)
            };
            let turn = TURNS.iter().position(is_it).expect("every strategy has a turn");
            Figure {
                strategy: way.strategy,
                predicted_statements: shape.queries + way.statements,
                counted_statements: counts[turn].0,
                predicted_rows: way.rows,
                counted_rows: counts[turn].1,
                predicted_objects: way.objects,
                counted_objects: counts[turn].2,
                predicted_ms: milliseconds(model.model.time(&shape, &way)),
                measured_ms: milliseconds(times[turn][0]),
                median_ms: milliseconds(median(&times[turn])),
            }
        });
        Cell {
            database: model.database,
            fan_out: data.fan_out,
            bytes: data.bytes,
            one_in,
            added_ms: model.added_ms,
            pick: model.model.pick(&shape).name(),
            ways: ways.into(),
        }
    });
    Ok(cells.into())
}

/// Returns the statements, rows and objects of a page, and checks that the shape predicts them.
fn counted(session: &Session, data: Data, strategy: Strategy, one_in: OneIn) -> Result<(u64, u64, u64)> {
    let tally = session.tally();
    page(session, strategy, one_in)?;
    let counted = (tally.statements(), tally.rows(), tally.objects());
    let shape = data.shape(one_in);
    let way = shape.way(strategy).ok_or_else(|| anyhow!("the strategy {strategy} loads nothing"))?;
    let predicted = (shape.queries + way.statements, way.rows, way.objects);
    ensure!(
        counted == predicted,
        "{strategy} needs {counted:?} statements, rows and objects, and {predicted:?} are predicted, for {} children per parent \
         and one parent in {one_in}\n  help: report this as a bug in eagerly",
        data.fan_out,
    );
    Ok(counted)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
