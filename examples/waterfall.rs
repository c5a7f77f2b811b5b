//! The waterfall: a timeline of the statements that a page sends, in one HTML file.
//!
//!     cargo run --release --example waterfall -- --out waterfall.html
//!
//! Records the page of the case study with a strategy, by default `lazy`, and writes a web page that needs no
//! network. It has a lane for each relation, a bar for each statement, arrows from parents to children, and a
//! slider for the round trip. `--perfetto` and `--json-lines` write the same recording for other tools.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use eagerly::numbers::counted;
use eagerly::{Session, Strategy, by};
use eagerly_watch::Recording;
use shop::{Customer, Order, Size, data, page};
use terminal::println;

/// Records the admin page and writes a timeline of its statements
#[derive(Parser)]
struct Options {
    /// HTML file to write
    #[arg(long, value_name = "FILE", default_value = "waterfall.html")]
    out: PathBuf,
    /// Trace to write, for <https://ui.perfetto.dev>
    #[arg(long, value_name = "FILE")]
    perfetto: Option<PathBuf>,
    /// JSON Lines to write, a line for each statement
    #[arg(long, value_name = "FILE")]
    json_lines: Option<PathBuf>,
    /// Number of customers in the shop
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    customers: u32,
    /// Strategy for the orders and items
    #[arg(long, value_name = "NAME", default_value_t = Strategy::Lazy)]
    strategy: Strategy,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let session = Session::in_memory()?;
    let size = Size { customers: options.customers, ..Size::default() };
    data::fill(&session, &size, |_| {})?;

    let recording = Recording::start(&session);
    let path = by(options.strategy, Customer::ORDERS).by(options.strategy, Order::ITEMS);
    let rows = page::rows(&session.all(Customer::select().with(path))?)?;

    println!(
        "{} for a page of {} (strategy: {})",
        counted(recording.statements(), "statement"),
        counted(rows.len() as u64, "line"),
        options.strategy
    );
    recording.write_html(&options.out)?;
    println!("written: {} (open it in a browser)", options.out.display());
    if let Some(path) = &options.perfetto {
        recording.write_perfetto(path)?;
        println!("written: {} (open it at https://ui.perfetto.dev)", path.display());
    }
    if let Some(path) = &options.json_lines {
        recording.write_json_lines(path)?;
        println!("written: {}", path.display());
    }
    Ok(())
}
