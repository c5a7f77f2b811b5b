//! Measure: every way to load the page, in turns, compared with hand-written code.
//!
//!     cargo run --release --example measure                     # tables, a report in Markdown, charts
//!     cargo run --release --example measure -- --quick          # one size, in half a minute
//!     cargo run --release --example measure -- --quick --json   # only the results, as JSON
//!
//! In each round every way takes one turn, so that other load on the machine affects all of them alike. The
//! tables show the median, the fastest and the slowest round, and the ratio to the hand-written `IN`. The
//! numbers of statements are exact and the same on every machine. The peak memory is that of a separate
//! process, as Linux reports it; on other systems it is missing.

mod chart;
mod memory;
mod report;
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use clap::Parser;
use eagerly::numbers::count;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use support::{BASE, Shop, Way};

/// Measures every way to load the admin page, in turns
#[derive(Parser)]
struct Options {
    /// Measure one size in few rounds (half a minute)
    #[arg(long)]
    quick: bool,
    /// Print the results as one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Numbers of customers to measure, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// Number of turns for every way
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,
    /// Print the peak memory of this way, for the file given with --shop
    #[arg(long, hide = true, requires = "shop")]
    peak_of: Option<String>,
    #[arg(long, hide = true)]
    shop: Option<PathBuf>,
    /// Folder for the report and the charts
    #[arg(long, default_value = "target/measure")]
    out: PathBuf,
}

/// The cost of a way at one size.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    customers: u32,
    statements: u64,
    median_ms: f64,
    min_ms: f64,
    max_ms: f64,
    /// The median relative to that of the hand-written `IN` at the same size.
    ratio: f64,
    /// `None` if the system does not report it.
    peak_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Figures {
    base: &'static str,
    rows: Vec<Row>,
}

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
    if let (Some(name), Some(shop)) = (&options.peak_of, &options.shop) {
        return memory::print_peak(name, shop);
    }
    let sizes = match (options.customers.as_slice(), options.quick) {
        ([], true) => vec![5_000],
        ([], false) => vec![100, 1_000, 5_000, 20_000],
        (sizes, _) => sizes.to_vec(),
    };
    let rounds = options.rounds.unwrap_or(if options.quick { 9 } else { 11 });
    let mut rows = Vec::new();
    for customers in sizes {
        rows.extend(measure(customers, rounds)?);
    }
    let figures = Figures { base: "hand-written IN", rows };
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    println!("{}", report::tables(&figures.rows));
    std::fs::create_dir_all(&options.out).map_err(|error| {
        anyhow!(
            "cannot create the folder {}: {error}\n  help: choose another folder with --out",
            options.out.display()
        )
    })?;
    let mut files = vec![("measured.md", report::markdown(&figures.rows, rounds))];
    files.extend(chart::all(&figures.rows)?);
    for (name, text) in files {
        let path = options.out.join(name);
        std::fs::write(&path, text).map_err(|error| {
            anyhow!("cannot write {}: {error}\n  help: choose another folder with --out", path.display())
        })?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// Measures all ways at one size.
fn measure(customers: u32, rounds: u32) -> Result<Vec<Row>> {
    let ways = Way::all();
    // The last turn of each way counts its statements and measures its memory.
    let progress = ProgressBar::new((u64::from(rounds) + 1) * ways.len() as u64);
    progress.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} turns")?);
    // No thread redraws the bar, since it would disturb the measurement.
    let show = |step: &str| {
        let customers = count(u64::from(customers));
        progress.set_message(format!("{customers} customers: {step}"));
    };
    let shop = Shop::with_progress(customers, show)?;
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (index, way) in ways.iter().enumerate() {
            show(&format!("timing {}", way.name()));
            times[index].push(one_turn(*way, &shop));
            progress.inc(1);
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    let median = |index: usize| milliseconds(times[index][times[index].len() / 2]);
    let base = ways.iter().position(|way| *way == BASE).map_or(f64::NAN, median);
    let rows = ways.iter().enumerate().map(|(index, way)| {
        show(&format!("counting {}", way.name()));
        let statements = shop.statements(*way)?;
        show(&format!("memory of {}", way.name()));
        let peak_bytes = memory::peak(*way, &shop)?;
        progress.inc(1);
        Ok(Row {
            name: way.name(),
            customers,
            statements,
            median_ms: median(index),
            min_ms: times[index].first().copied().map_or(0.0, milliseconds),
            max_ms: times[index].last().copied().map_or(0.0, milliseconds),
            ratio: rounded(median(index) / base),
            peak_bytes,
        })
    });
    let rows = rows.collect();
    progress.finish_and_clear();
    rows
}

/// Measures one page. For `raise`, that is the time to its error. For `hand: rows`, which computes no page,
/// it is the time to read and drop the rows.
fn one_turn(way: Way, shop: &Shop) -> Duration {
    let start = Instant::now();
    drop(way.page(shop));
    start.elapsed()
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// Rounds to three decimal places.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
