//! The waterfall: a picture of what a page sends, in one file that any browser opens.
//!
//!     cargo run --release --example waterfall -- --out waterfall.html
//!
//! The page of the case study is recorded as it loads lazily (or by another strategy), and written as a web page that
//! needs no network: a lane for each relation, each statement where it happened, arrows from parents to children, a
//! slider for the round trip. `--perfetto` and `--json-lines` write the same recording for other tools.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use eagerly::text::counted;
use eagerly::{Session, Strategy, by};
use eagerly_watch::Recording;
use shop::{Customer, Order, Size, data, page};

/// Records the admin page and writes it as a picture
#[derive(Parser)]
struct Options {
    /// The page to write
    #[arg(long, default_value = "waterfall.html")]
    out: PathBuf,
    /// A Chrome trace to write, for <https://ui.perfetto.dev>
    #[arg(long)]
    perfetto: Option<PathBuf>,
    /// JSON lines to write, one for each statement
    #[arg(long)]
    json_lines: Option<PathBuf>,
    /// How many customers the shop has
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    customers: u32,
    /// How orders and items are loaded
    #[arg(long, default_value_t = Strategy::Lazy)]
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
    let size = Size {
        customers: options.customers,
        ..Size::default()
    };
    data::fill(&session, &size, |_| {})?;

    let recording = Recording::start(&session);
    let path = by(options.strategy, Customer::ORDERS).by(options.strategy, Order::ITEMS);
    let rows = page::rows(&session.all(Customer::select().with(path))?)?;

    println!(
        "{} for a page of {}, by {}",
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
