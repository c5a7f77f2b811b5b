//! The case study on a real PostgreSQL server, with measured times.
//!
//! `admin_page` runs on SQLite, inside its own process, and has to model the round trips. Here a statement travels to a
//! server and back. So the seconds of the slow page are measured, and the server itself reports what it saw: its
//! slow-query log, and the calls that it counted in `pg_stat_statements`.
//!
//! The program starts a throw-away server, fills it, runs the page in every way, and removes the server. A proxy adds a
//! round trip of 1 ms, as between two zones of a data centre. With `--url` it uses a server of yours, and there only a
//! schema of its own.
//!
//!     cargo run --release --features postgres --example server_page
//!     cargo server-page --customers 300 --round-trip 0
//!     cargo server-page --url postgres://ada@localhost/shop
//!     cargo server-page --json

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use shop::Size;

// What is the same as on SQLite. Neither program uses all of it.
#[path = "../admin_page/arguments.rs"]
mod arguments;
#[path = "../admin_page/progress.rs"]
#[allow(dead_code)]
mod progress;
#[path = "../admin_page/screen.rs"]
mod screen;
#[path = "../admin_page/ways.rs"]
#[allow(dead_code)]
mod ways;

mod address;
mod database;
mod own_schema;
mod report;
mod runs;
mod slow_log;
mod statistics;
mod story;
mod table;
mod text;

use arguments::{Ways, complain, mean, round_trip, ways};
use database::Database;
use eagerly::Strategy;
use ways::Way;

/// Runs the case study on a PostgreSQL server: 33,001 statements, the server's own view of them, and the fix.
#[derive(Parser)]
#[command(name = "server_page", version, allow_negative_numbers = true)]
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

    /// Round trip that a proxy adds between the page and the server, such as 1ms or 250us; 0 for no proxy
    #[arg(long, default_value = "1ms", value_parser = round_trip)]
    round_trip: Duration,

    /// How the page loads its data: lazy, immediate, batch, selectin, subquery, joined, raise, sql, or all
    /// [default: all except immediate and raise]
    #[arg(long, value_parser = ways)]
    strategy: Option<Ways>,

    /// Print every statement of the measured pages to standard error
    #[arg(long)]
    echo: bool,

    /// Use this server, and there only a schema that is dropped at the end (default: a throw-away server)
    #[arg(long, value_name = "postgres://USER:PASSWORD@HOST/DATABASE")]
    url: Option<String>,

    /// Print the figures as one JSON object and nothing else
    #[arg(long)]
    json: bool,
}

/// Returns the ways that run by default. `immediate` sends the statements of `lazy`, so it would take as long again
/// and show nothing new. `raise` returns no page.
fn usual() -> Vec<Way> {
    let is_usual = |way: &Way| !matches!(way, Way::Objects(Strategy::Immediate | Strategy::Raise));
    Way::all().into_iter().filter(is_usual).collect()
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == own_schema::KEEPER) {
        return own_schema::keep();
    }
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.exit_code() == 0 => error.exit(),
        // A URL without its `--url` would be part of the message.
        Err(error) => return complain(&text::without_passwords(&error.to_string()), 2),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("error: {error:#}"), 1),
    }
}

fn run(options: &Options) -> Result<()> {
    let size = Size {
        customers: options.customers,
        orders: options.orders,
        items: options.items,
        seed: options.seed,
    };
    let ways = match &options.strategy {
        Some(Ways(chosen)) => chosen.clone(),
        None => usual(),
    };
    let mut database = Database::open(options.url.as_deref(), options.round_trip)?;
    if options.json {
        database.develop(&size, &ways)?;
        database.fill(&size)?;
        database.echo(options.echo);
        let runs = runs::run_all(&database, &ways)?;
        report::print(&database, &runs)?;
    } else {
        story::tell(&mut database, &ways, &size, options.echo)?;
    }
    database.close()
}
