//! Scale: the time and the memory of each row of the page, up to a million customers.
//!
//!     cargo run --release --example scale                         # up to 100,000 customers: ten minutes
//!     cargo run --release --example scale -- --customers 1000,10000,100000,1000000   # 40 minutes
//!     cargo run --release --example scale -- --quick --json       # only the results, as JSON
//!
//! A million customers have 4.55 million orders and 13.65 million items. Measured: the file takes 0.9 GB of disk, and
//! the page 3 GB of memory.
//!
//! The program answers three questions:
//!
//! 1. How long does a row take, and how much memory, at each size? (`sizes.rs`)
//! 2. How large must SQLite's page cache be? (`caches.rs`)
//! 3. For which share of the parents is it faster to read whole tables than to look up keys? (`shares.rs`)
//!
//! A time is that of the whole page: it loads the objects, computes the lines, and drops everything.

mod caches;
mod figures;
#[path = "../machine.rs"]
mod machine;
#[path = "../memory.rs"]
mod memory;
#[path = "../output.rs"]
mod output;
mod report;
mod shares;
mod sizes;
#[path = "../../support/mod.rs"]
mod support;
#[path = "../svg.rs"]
mod svg;
#[path = "../times.rs"]
mod times;
mod way;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::Session;
use eagerly::numbers::count;
use figures::Figures;
use indicatif::{ProgressBar, ProgressStyle};
use shop::{Size, data};
use terminal::println;
use way::Way;

/// Measures the time and the memory of each row, at growing sizes
#[derive(Parser)]
struct Options {
    /// Measure two small sizes in one round (seconds)
    #[arg(long)]
    quick: bool,
    /// Print the results as one JSON object and nothing else
    #[arg(long)]
    json: bool,
    /// Numbers of customers to measure, separated by commas
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// Folder for the files
    #[arg(long, value_name = "OUT", default_value = "target/measure")]
    out: PathBuf,
    /// Print the peak memory of this way, for the shop given with --shop
    #[arg(long, hide = true, requires = "shop")]
    peak_of: Option<String>,
    #[arg(long, hide = true)]
    shop: Option<PathBuf>,
}

/// A shop in a file, and what the measurements of it share.
struct Shop<'p> {
    session: Session,
    path: PathBuf,
    size: Size,
    rounds: u32,
    progress: &'p ProgressBar,
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
        return print_peak(name, shop);
    }
    let sizes = match (options.customers.as_slice(), options.quick) {
        ([], true) => &[200, 1_000],
        ([], false) => &[1_000, 10_000, 100_000][..],
        (sizes, _) => sizes,
    };
    let progress = ProgressBar::new_spinner();
    progress.set_style(ProgressStyle::with_template("{msg} {elapsed}")?);
    let mut figures = Figures::default();
    for customers in sizes {
        measure(*customers, options.quick, &progress, &mut figures)?;
    }
    progress.finish_and_clear();
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    println!("{}", report::tables(&figures)?);
    let machine = machine::measured_on(&format!("SQLite {}", rusqlite::version()));
    output::write(&options.out, &report::files(&figures, &machine)?)
}

/// Creates a shop, and answers the three questions for it.
fn measure(customers: u32, is_quick: bool, progress: &ProgressBar, figures: &mut Figures) -> Result<()> {
    let folder = terminal::folder()?;
    let path = folder.path().join("shop.db");
    let size = support::size(customers);
    let rows: u64 = size.rows().iter().sum();
    let (customers, rows) = (count(customers.into()), count(rows));
    let filled =
        |done| progress.set_message(format!("{customers} customers: {} of {rows} rows", count(done)));
    data::fill(&Session::open(&path)?, &size, filled)?;
    // A turn takes some milliseconds for a thousand customers, and most of a minute for a million.
    let rounds = if is_quick { 1 } else { (500_000 / size.customers).clamp(3, 51) };
    let shop = Shop { session: Session::open(&path)?, path, size, rounds, progress };
    figures.sizes.extend(sizes::measure(&shop)?);
    figures.caches.extend(caches::measure(&shop)?);
    figures.shares.extend(shares::measure(&shop)?);
    Ok(())
}

impl Shop<'_> {
    /// Returns the number of rows of the page.
    fn rows(&self) -> u64 {
        self.size.rows().iter().sum()
    }

    /// Shows what is being measured. No thread redraws the line, since it would disturb the measurement.
    fn show(&self, what: &str) {
        self.progress.set_message(format!("{} customers: {what}", count(self.size.customers.into())));
        self.progress.tick();
    }

    /// Takes one turn after the other in each round, so that other load on the machine affects all of them. Returns the
    /// sorted times of each turn.
    fn in_turns<T>(
        &self,
        turns: &[T],
        name: impl Fn(&T) -> String,
        mut work: impl FnMut(&T) -> Result<()>,
    ) -> Result<Vec<Vec<Duration>>> {
        let mut times = vec![Vec::new(); turns.len()];
        for _ in 0..self.rounds {
            for (turn, times) in turns.iter().zip(&mut times) {
                self.show(&name(turn));
                let start = Instant::now();
                work(turn)?;
                times.push(start.elapsed());
            }
        }
        times.iter_mut().for_each(|times| times.sort_unstable());
        Ok(times)
    }
}

/// Prints the additional memory of one page in this process. First it fills SQLite's page cache, which is not counted.
fn print_peak(name: &str, path: &Path) -> Result<()> {
    let way = Way::named(name).with_context(|| format!("there is no way named {name:?}"))?;
    let session = Session::open(path)?;
    session.query::<i64>(&support::report_in_one_number(), [])?;
    memory::print_peak(|| Ok(way.page(&session)?))
}
