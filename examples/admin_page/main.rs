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

mod arguments;
mod database;
mod echo;
mod progress;
mod runs;
mod screen;
mod story;
mod ways;

use arguments::{ShopSize, Ways, complain, round_trip, ways};
use database::Database;

/// Runs the case study: an admin page that sends 33,001 statements, and the fix.
#[derive(Parser)]
#[command(name = "admin_page", version, allow_negative_numbers = true)]
struct Options {
    #[command(flatten)]
    shop: ShopSize,

    /// Modelled round trip; 0 for none
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = round_trip, allow_hyphen_values = true)]
    round_trip: Duration,

    /// How the page loads its data: lazy, immediate, batch,
    /// selectin, subquery, joined, raise;
    /// orders (no totals), totals (a sum in SQL),
    /// sql (no objects); or all
    /// [default: all]
    #[arg(long, value_name = "WAY", default_value = "all", hide_default_value = true, value_parser = ways)]
    #[arg(verbatim_doc_comment)]
    strategy: Ways,

    /// Print every statement to standard error
    #[arg(long)]
    echo: bool,

    /// Database file, which is created if it does not exist
    /// [default: a temporary file]
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    db: Option<PathBuf>,

    /// Print the figures as one JSON object and nothing else
    #[arg(long)]
    json: bool,
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

fn run(options: &Options) -> Result<()> {
    let size = options.shop.size();
    let mut database = Database::prepare(options.db.as_deref(), &size)?;
    database.echo(options.echo);
    let ways = options.strategy.0.as_slice();
    if options.json {
        let runs = runs::run_all(&database, ways)?;
        story::print_json(&database, &runs, options.round_trip)
    } else if ways.len() > 1 {
        story::tell(&database, ways, &size, options.round_trip)
    } else {
        story::print_heading(&database);
        let runs = runs::run_all(&database, ways)?;
        story::print_table(&runs, &database, options.round_trip);
        Ok(())
    }
}
