//! Measure: every way to the page, in turns, beside what one would write by hand.
//!
//!     cargo run --release --example measure                     # tables, a report in Markdown, charts
//!     cargo run --release --example measure -- --quick          # one size, in half a minute
//!     cargo run --release --example measure -- --quick --json   # the figures alone
//!
//! In each round every way has its turn, so that whatever else the machine does hits all of them alike; what is shown is
//! the median, with the fastest and the slowest round, and the ratio to the hand-written `IN`. Statements are counted,
//! not timed: they are the same on every machine. The peak of the memory is that of a process which does nothing else, as
//! Linux reports it; other systems have no such figure here.

mod chart;
mod memory;
mod report;
#[path = "../support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use support::{BASE, Shop, Way};

/// Measures every way to the admin page, in turns
#[derive(Parser)]
struct Options {
    /// One size and few rounds: half a minute
    #[arg(long)]
    quick: bool,
    /// Print the figures as one JSON object, and nothing else
    #[arg(long)]
    json: bool,
    /// Numbers of customers, in place of the usual ones
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// How often every way has its turn
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,
    /// Print the peak of the memory of this way, for the file given with --shop
    #[arg(long, hide = true, requires = "shop")]
    peak_of: Option<String>,
    #[arg(long, hide = true)]
    shop: Option<PathBuf>,
    /// The folder for the report and the charts
    #[arg(long, default_value = "target/measure")]
    out: PathBuf,
}

/// What a way costs at a size.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    customers: u32,
    statements: u64,
    median_ms: f64,
    min_ms: f64,
    max_ms: f64,
    /// To the hand-written `IN` at the same size.
    ratio: f64,
    /// `None` where the system does not say.
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
    let figures = Figures {
        base: "hand-written IN",
        rows,
    };
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    println!("{}", report::tables(&figures.rows));
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make the folder {}", options.out.display()))?;
    let mut files = vec![("measured.md", report::markdown(&figures.rows, rounds))];
    files.extend(chart::all(&figures.rows)?);
    for (name, text) in files {
        let path = options.out.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// All ways at one size.
fn measure(customers: u32, rounds: u32) -> Result<Vec<Row>> {
    let ways = Way::all();
    let progress = ProgressBar::new(u64::from(rounds) * ways.len() as u64);
    progress.set_style(ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}")?);
    progress.set_message(format!("{customers} customers: filling"));
    let shop = Shop::of(customers)?;
    progress.set_message(format!("{customers} customers"));
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (index, way) in ways.iter().enumerate() {
            times[index].push(one_turn(*way, &shop));
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    times.iter_mut().for_each(|times| times.sort_unstable());
    let median = |index: usize| milliseconds(times[index][times[index].len() / 2]);
    let base = ways.iter().position(|way| *way == BASE).map_or(f64::NAN, median);
    let rows = ways.iter().enumerate().map(|(index, way)| {
        Ok(Row {
            name: way.name(),
            customers,
            statements: shop.statements(*way)?,
            median_ms: median(index),
            min_ms: times[index].first().copied().map_or(0.0, milliseconds),
            max_ms: times[index].last().copied().map_or(0.0, milliseconds),
            ratio: rounded(median(index) / base),
            peak_bytes: memory::peak(*way, &shop)?,
        })
    });
    rows.collect()
}

/// The time of a page; of `raise`, that of its error, and of the rows alone, that of reading and dropping them.
fn one_turn(way: Way, shop: &Shop) -> Duration {
    let start = Instant::now();
    drop(way.page(shop));
    start.elapsed()
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// To three places.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
