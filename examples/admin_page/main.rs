//! The case study, from start to end: the page that fired 33,001 statements.
//!
//! It teaches that a page can be slow although none of its statements is, that only their number shows why, and
//! that one line mends it. The page's own code is `shop::page::rows`; this program runs it in development and
//! in production, watches the SQL, looks at the (empty) slow-query log, applies the fix, and compares the ways.
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
mod story;
mod ways;

use database::Database;
use ways::Way;

/// The ways that an option names.
#[derive(Clone)]
struct Ways(Vec<Way>);

/// The page that fired 33,001 statements: the case study, on real data in a real SQLite file.
#[derive(Parser)]
#[command(name = "admin_page", version, allow_negative_numbers = true)]
struct Options {
    /// How many customers
    #[arg(long, default_value_t = Size::default().customers)]
    customers: u32,

    /// Orders of a customer, on average
    #[arg(long, default_value_t = Size::default().orders, value_parser = mean)]
    orders: f64,

    /// Items of an order, on average
    #[arg(long, default_value_t = Size::default().items, value_parser = mean)]
    items: f64,

    /// Another seed gives other data; the same gives the same
    #[arg(long, default_value_t = Size::default().seed)]
    seed: u64,

    /// The time a statement takes to travel to a database server and back, as in 1ms or 250us
    #[arg(long, default_value = "1ms", value_parser = round_trip)]
    round_trip: Duration,

    /// How the page gets its data: lazy, immediate, batch, selectin, subquery, joined, raise, sql, or all
    #[arg(long, default_value = "all", value_parser = ways)]
    strategy: Ways,

    /// Print every statement, on standard error
    #[arg(long)]
    echo: bool,

    /// Keep the database in this file, or use the one that is there; without it, a temporary file
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,

    /// Print the figures as one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// The ways that a name stands for.
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

/// Says what went wrong in one line.
fn complain(message: &str, code: u8) -> ExitCode {
    let message = message.split("\n\nUsage").next().unwrap_or(message);
    let message = message.split("\n\nFor more").next().unwrap_or(message);
    let lines: Vec<_> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
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
    let database = Database::prepare(options.db.as_deref(), &size)?;
    database.session.echo(options.echo);
    let ways = options.strategy.0.as_slice();
    if options.json {
        let runs = ways::run_all(&database.session, ways)?;
        story::print_json(&database, &runs, options.round_trip)
    } else if ways.len() > 1 {
        story::tell(&database, ways, &size, options.round_trip)
    } else {
        story::print_heading(&database);
        let runs = ways::run_all(&database.session, ways)?;
        story::print_table(&runs, options.round_trip);
        Ok(())
    }
}
