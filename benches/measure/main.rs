//! Measure: every way to load the page, in turns, compared with hand-written code.
//!
//!     cargo run --release --example measure                     # tables, a report in Markdown, charts
//!     cargo run --release --example measure -- --quick          # one size, in half a minute
//!     cargo run --release --example measure -- --quick --json   # only the results, as JSON
//!     cargo run --release --example measure --features postgres -- --server   # on PostgreSQL
//!
//! In each round every way takes one turn, so that other load on the machine affects all of them alike. The
//! tables show the median, the fastest and the slowest round, and the ratio to the hand-written `IN` or `= ANY`. The
//! numbers of statements are exact and the same on every machine. The peak memory is that of a separate
//! process, as Linux reports it; on other systems it is missing.
//!
//! On a server that it started, the program also measures the page at several round trips, to test the model.

#[cfg(feature = "postgres")]
#[path = "../support/by_hand_postgres.rs"]
mod by_hand_postgres;
mod chart;
mod figures;
mod machine;
mod memory;
mod output;
#[cfg(feature = "postgres")]
mod postgres;
mod report;
#[cfg(feature = "postgres")]
mod round_trips;
mod sqlite;
#[path = "../support/mod.rs"]
mod support;
mod svg;
mod times;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::numbers::count;
use figures::{Figures, Row, Times};
use indicatif::{ProgressBar, ProgressStyle};
use shop::page::PageRow;
#[cfg(feature = "postgres")]
use support::by_hand;
use support::{Shop, Way};
use terminal::println;

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
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// Number of turns for every way
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: Option<u32>,
    /// Start a PostgreSQL server, and measure on it
    #[arg(long, conflicts_with = "url")]
    server: bool,
    /// Connect to that server over TCP, not by a Unix socket
    #[arg(long, requires = "server")]
    tcp: bool,
    /// Measure on this PostgreSQL server, in a schema of its own
    #[arg(long)]
    url: Option<String>,
    /// Print the peak memory of this way, for the shop given with --shop or --url
    #[arg(long, hide = true)]
    peak_of: Option<String>,
    #[arg(long, hide = true)]
    shop: Option<PathBuf>,
    /// Folder for the files
    #[arg(long, value_name = "OUT", default_value = "target/measure")]
    out: PathBuf,
}

/// How a report calls the database and the way that all ratios refer to.
struct Site {
    database: String,
    base: &'static str,
    base_in_markdown: &'static str,
    /// The name of the report's file.
    file: &'static str,
}

/// A shop in a database, and the ways to load its page.
trait Subject {
    fn ways(&self) -> Vec<Way>;

    /// The way that all ratios refer to.
    fn base(&self) -> Way;

    /// Computes the page, and drops the objects that it was computed from.
    fn page(&self, way: Way) -> Result<Vec<PageRow>>;

    /// Returns the number of statements of a way: the session's count, or another one for hand-written code.
    fn statements(&self, way: Way) -> Result<u64>;

    /// Fills the database's own cache in this process, if it has one, and keeps no other memory.
    fn fill_cache(&self) -> Result<()>;

    /// The option, and its value, by which another process opens the same shop.
    fn arguments(&self) -> [OsString; 2];
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
    if let Some(name) = &options.peak_of {
        return match (&options.shop, &options.url) {
            (Some(shop), _) => print_peak(name, &Shop::open(shop)?),
            (None, url) => print_peak_on_server(name, url.as_deref().unwrap_or_default()),
        };
    }
    let is_remote = options.server || options.url.is_some();
    let sizes = match (options.customers.as_slice(), options.quick) {
        ([], true) => vec![5_000],
        // A lazy page of 20,000 customers takes several seconds on a server.
        ([], false) if is_remote => vec![1_000, 3_000, 5_000],
        ([], false) => vec![100, 1_000, 5_000, 20_000],
        (sizes, _) => sizes.to_vec(),
    };
    let rounds = options.rounds.unwrap_or(if options.quick { 9 } else { 11 });
    let (site, figures) = match is_remote {
        true => measure_on_server(options, &sizes, rounds)?,
        false => {
            let fill = |customers, show: &dyn Fn(&str)| Shop::with_progress(customers, show);
            let (site, rows) = (sqlite::site(), measure_all(&sizes, rounds, fill)?);
            let figures = Figures { base: site.base, rows, points: Vec::new() };
            (site, figures)
        }
    };
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    println!("{}", report::tables(&figures)?);
    let mut files = vec![(site.file, report::markdown(&figures, rounds, &site))];
    files.extend(match is_remote {
        true => charts_of_server(&figures)?,
        // These charts show the ways of SQLite.
        false => chart::all(&figures.rows)?,
    });
    output::write(&options.out, &files)
}

#[cfg(feature = "postgres")]
fn measure_on_server(options: &Options, sizes: &[u32], rounds: u32) -> Result<(Site, Figures)> {
    let place = postgres::Place::of(options)?;
    let fill = |customers, show: &dyn Fn(&str)| postgres::Shop::create(&place.url, customers, show);
    let (site, rows) = (place.site()?, measure_all(sizes, rounds, fill)?);
    let points = match (&place.server, sizes.iter().max()) {
        (Some(server), Some(customers)) => round_trips::measure(server, *customers, rounds)?,
        _ => Vec::new(),
    };
    let figures = Figures { base: site.base, rows, points };
    Ok((site, figures))
}

#[cfg(feature = "postgres")]
fn charts_of_server(figures: &Figures) -> Result<Vec<(&'static str, String)>> {
    if figures.points.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![("round_trips_postgres.svg", round_trips::chart(&figures.points)?)])
}

#[cfg(feature = "postgres")]
fn print_peak_on_server(name: &str, url: &str) -> Result<()> {
    print_peak(name, &postgres::Shop::open(url)?)
}

#[cfg(not(feature = "postgres"))]
fn measure_on_server(_: &Options, _: &[u32], _: u32) -> Result<(Site, Figures)> {
    anyhow::bail!(WITHOUT_POSTGRES)
}

#[cfg(not(feature = "postgres"))]
fn charts_of_server(_: &Figures) -> Result<Vec<(&'static str, String)>> {
    anyhow::bail!(WITHOUT_POSTGRES)
}

#[cfg(not(feature = "postgres"))]
fn print_peak_on_server(_: &str, _: &str) -> Result<()> {
    anyhow::bail!(WITHOUT_POSTGRES)
}

#[cfg(not(feature = "postgres"))]
const WITHOUT_POSTGRES: &str = "this program was built without PostgreSQL\n  \
    help: run `cargo run --release --example measure --features postgres -- --server`";

/// Prints the additional memory of one page in this process. SQLite's page cache is not counted.
fn print_peak(name: &str, shop: &impl Subject) -> Result<()> {
    let ways = shop.ways();
    let way = ways.iter().find(|way| way.name() == name).with_context(|| {
        let names: Vec<_> = ways.iter().map(|way| way.name()).collect();
        format!("there is no way named {name:?}\n  help: choose one of {}", names.join(", "))
    })?;
    shop.fill_cache()?;
    memory::print_peak(|| shop.page(*way))
}

/// Measures all ways at each size.
fn measure_all<S: Subject>(
    sizes: &[u32],
    rounds: u32,
    fill: impl Fn(u32, &dyn Fn(&str)) -> Result<S>,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for customers in sizes {
        rows.extend(measure(*customers, rounds, &fill)?);
    }
    Ok(rows)
}

/// Measures all ways at one size.
fn measure<S: Subject>(
    customers: u32,
    rounds: u32,
    fill: impl Fn(u32, &dyn Fn(&str)) -> Result<S>,
) -> Result<Vec<Row>> {
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} turns, {eta} left")?);
    // No thread redraws the bar, since it would disturb the measurement.
    let show = |step: &str| {
        let customers = count(u64::from(customers));
        progress.set_message(format!("{customers} customers: {step}"));
    };
    let shop = fill(customers, &show)?;
    let ways = shop.ways();
    // The last turn of each way counts its statements and measures its memory.
    progress.set_length((u64::from(rounds) + 1) * ways.len() as u64);
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (index, way) in ways.iter().enumerate() {
            show(&format!("timing {}", way.name()));
            times[index].push(one_turn(*way, &shop));
            progress.inc(1);
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    let median = |index: usize| milliseconds(times::median(&times[index]));
    let base = ways.iter().position(|way| *way == shop.base()).map_or(f64::NAN, median);
    let rows = ways.iter().enumerate().map(|(index, way)| {
        show(&format!("counting {}", way.name()));
        let statements = shop.statements(*way)?;
        show(&format!("memory of {}", way.name()));
        let peak_bytes = if way.is_error() { None } else { memory::peak(way.name(), &shop.arguments())? };
        progress.inc(1);
        let times = (!way.is_error()).then(|| Times {
            median_ms: median(index),
            min_ms: times[index].first().copied().map_or(0.0, milliseconds),
            max_ms: times[index].last().copied().map_or(0.0, milliseconds),
            ratio: rounded(median(index) / base),
        });
        Ok(Row { name: way.name(), customers, statements, times, peak_bytes })
    });
    let rows = rows.collect();
    progress.finish_and_clear();
    rows
}

/// Measures one page. For `hand: rows`, which computes no page, that is the time to read and drop the rows.
fn one_turn(way: Way, shop: &impl Subject) -> Duration {
    let start = Instant::now();
    drop(shop.page(way));
    start.elapsed()
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3)
}

/// Rounds to three decimal places.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
