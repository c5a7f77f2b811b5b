//! The page under many users at once: "it hammered the database", measured.
//!
//! `server_page` has one user. It shows how long that user waits. A web site has many users, and a pool of a few
//! connections that they share. A page holds one connection from its first statement to its last. The lazy page sends
//! hundreds of statements, and between them it waits for the network. It does not use the connection then, but no other
//! user can have it. So the other users wait, too, while the server has little to do.
//!
//! The program starts a throw-away server and opens 10 connections to it, through a proxy that adds a round trip of 1 ms.
//! Then it lets 1 to 64 users ask for the same page, first by `lazy` and then by `selectin`. Each user sends the next
//! request as soon as the answer to the last one is there (a *closed loop*). So a slow page also slows down the requests.
//!
//!     cargo under-load
//!     cargo under-load --users 1,16 --seconds 2 --strategy lazy,selectin,joined
//!     cargo under-load --connections 20 --chart under_load.svg
//!     cargo under-load --json
//!
//! Reading order: `page` is one request, `database` starts the server and opens the connections, and `level` measures. The
//! pool, the users and the figures are in `shop_server::load`, because the dashboard has the same. The others print.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use eagerly::Strategy;

// These files are shared with `admin_page` and `server_page`. No program uses all of them.
#[path = "../admin_page/arguments.rs"]
#[allow(dead_code)]
mod arguments;
#[path = "../admin_page/progress.rs"]
#[allow(dead_code)]
mod progress;
#[path = "../admin_page/screen.rs"]
#[allow(dead_code)]
mod screen;
#[path = "../server_page/waiting.rs"]
mod waiting;
#[path = "../admin_page/ways.rs"]
#[allow(dead_code)]
mod ways;

// This one is shared with `measure`.
#[path = "../../benches/measure/svg.rs"]
mod svg;

mod chart;
mod database;
mod level;
mod page;
mod report;
mod story;

use arguments::{complain, round_trip};
use database::Database;

/// Measures the page of the case study under many users at once, on PostgreSQL.
#[derive(Parser)]
#[command(name = "under_load", version, allow_negative_numbers = true)]
struct Options {
    /// Numbers of users at once [default: 1,2,4,8,16,32,64]
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,2,4,8,16,32,64", hide_default_value = true, value_parser = clap::value_parser!(u16).range(1..=500))]
    users: Vec<u16>,

    /// Seconds to measure each number of users
    #[arg(long, value_name = "N", default_value = "4", value_parser = seconds)]
    seconds: Duration,

    /// Connections in the pool
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    connections: u16,

    /// Customers on the page
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    customers: u32,

    /// Round trip to add; 0 for no proxy
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = round_trip, allow_hyphen_values = true)]
    round_trip: Duration,

    /// How the page loads its data: lazy, immediate, batch,
    /// selectin, subquery or joined; several with commas
    /// [default: lazy,selectin]
    #[arg(long, value_name = "WAY", value_delimiter = ',', default_value = "lazy,selectin", hide_default_value = true, value_parser = strategy, verbatim_doc_comment)]
    strategy: Vec<Strategy>,

    /// Also draw the figures as a chart in this SVG file
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,

    /// Print only the figures, as one JSON object
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("expected a number from 0.1 to 600, such as 4 or 0.5".to_owned()),
    }
}

fn strategy(name: &str) -> Result<Strategy, String> {
    match name.parse() {
        Ok(Strategy::Raise) => Err("raise returns an error instead of a page".to_owned()),
        Ok(strategy) => Ok(strategy),
        Err(error) => Err(error.to_string()),
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

fn run(options: &Options) -> Result<()> {
    // Before the measurement, so that it does not run in vain.
    let chart = options.chart.as_deref().map(create).transpose()?;
    let database = Database::start(options.round_trip)?;
    let pool = database.pool(options)?;
    if !options.json {
        story::print_heading(&database, &pool, options);
    }
    let levels = level::measure_all(&database, &pool, options)?;
    match options.json {
        true => report::print(&database, &pool, options, &levels)?,
        false => story::print(&pool, &levels),
    }
    if let Some(mut chart) = chart {
        chart.write_all(chart::svg(&levels, options)?.as_bytes()).context("cannot write the chart")?;
    }
    Ok(())
}

fn create(file: &Path) -> Result<File> {
    File::create(file).map_err(|error| {
        anyhow!("cannot write {}: {error}\n  help: choose another file with --chart", file.display())
    })
}
