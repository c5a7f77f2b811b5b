//! The case study: the page that sends 33,001 statements, and the fix.
//!
//! A page can be slow although each of its statements is fast. Only the number of statements shows why, and
//! one line fixes it. The page's own code is `shop::page::rows`. This program runs it on a small and on a
//! large database, and shows the SQL and the (empty) slow-query log. Then it applies the fix and compares
//! every way to load the page.
//!
//!     cargo run --release --example admin_page
//!     cargo run --release --example admin_page -- --customers 50 --strategy lazy --echo
//!     cargo run --release --example admin_page -- --json

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use shop::Size;

mod database;
mod echo;
mod progress;
mod story;
mod ways;

use database::Database;
use ways::Way;

/// The ways to run: the value of `--strategy`.
#[derive(Clone)]
struct Ways(Vec<Way>);

/// Runs the case study: an admin page that sends 33,001 statements, and the fix.
#[derive(Parser)]
#[command(name = "admin_page", version, allow_negative_numbers = true)]
struct Options {
    /// Number of customers
    #[arg(long, default_value_t = Size::default().customers)]
    customers: u32,

    /// Orders per customer, on average
    #[arg(long, default_value_t = Size::default().orders, value_parser = mean)]
    orders: f64,

    /// Items per order, on average
    #[arg(long, default_value_t = Size::default().items, value_parser = mean)]
    items: f64,

    /// Seed of the generated data: the same seed creates the same data
    #[arg(long, default_value_t = Size::default().seed)]
    seed: u64,

    /// Modelled round trip to a database server, such as 1ms or 250us
    #[arg(long, default_value = "1ms", value_parser = round_trip)]
    round_trip: Duration,

    /// How the page loads its data: lazy, immediate, batch, selectin, subquery, joined, raise, sql, or all
    #[arg(long, default_value = "all", value_parser = ways)]
    strategy: Ways,

    /// Print every statement to standard error
    #[arg(long)]
    echo: bool,

    /// Database file: created if it does not exist, otherwise reused (default: a temporary file)
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,

    /// Print the figures as one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// Parses the value of `--strategy`.
fn ways(name: &str) -> Result<Ways, String> {
    match name {
        "all" => Ok(Ways(Way::all())),
        "sql" => Ok(Ways(vec![Way::Report])),
        _ => match name.parse() {
            Ok(strategy) => Ok(Ways(vec![Way::Objects(strategy)])),
            Err(error) => Err(format!("{error}, sql, all")),
        },
    }
}

fn mean(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(mean) if (0.0..=1_000_000.0).contains(&mean) => Ok(mean),
        _ => Err("expected a number from 0 to 1000000, such as 10 or 4.5".to_owned()),
    }
}

fn round_trip(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<jiff::SignedDuration>();
    match parsed.ok().and_then(|time| Duration::try_from(time).ok()) {
        Some(time) => Ok(time),
        None => Err("expected a time such as 1ms, 250us or 0.5s".to_owned()),
    }
}

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.exit_code() == 0 => error.exit(),
        Err(error) => return complain(&error.to_string(), 2),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("error: {error:#}"), 1),
    }
}

/// Prints an error as one line: clap's usage text would hide it.
fn complain(message: &str, code: u8) -> ExitCode {
    let message = message.split("\n\nUsage").next().unwrap_or(message);
    let message = message.split("\n\nFor more").next().unwrap_or(message);
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    anstream::eprintln!("{}", lines.join("; ").replace(":;", ":"));
    ExitCode::from(code)
}

fn run(options: &Options) -> Result<()> {
    let size = Size {
        customers: options.customers,
        orders: options.orders,
        items: options.items,
        seed: options.seed,
    };
    let mut database = Database::prepare(options.db.as_deref(), &size)?;
    database.echo(options.echo);
    let ways = options.strategy.0.as_slice();
    if options.json {
        let runs = ways::run_all(&database, ways)?;
        story::print_json(&database, &runs, options.round_trip)
    } else if ways.len() > 1 {
        story::tell(&database, ways, &size, options.round_trip)
    } else {
        story::print_heading(&database);
        let runs = ways::run_all(&database, ways)?;
        story::print_table(&runs, options.round_trip);
        Ok(())
    }
}
