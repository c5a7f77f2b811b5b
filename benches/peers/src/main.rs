//! Peers: the shop's page in other ORMs, measured beside eagerly and beside what one would write by hand.
//!
//!     cargo peers                                          # all of them, at 5,000 customers
//!     cargo peers --only diesel,django --customers 1000    # two of them, and the base
//!
//! Every peer is a process that waits for its turn, so that nobody's start is measured. In each round every way of every
//! peer has its turn, and whatever else the machine does hits all of them alike.

#[path = "../../support/by_hand.rs"]
#[allow(dead_code)] // It holds more ways than the one that is the base.
mod by_hand;
mod ours;
mod peer;
#[path = "../protocol.rs"]
mod protocol;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::Session;
use indicatif::{ProgressBar, ProgressStyle};
use peer::{Answer, Peer, Running};
use shop::{Size, data};

/// Measures the shop's page in other ORMs, in turns
#[derive(Parser)]
struct Options {
    /// Numbers of customers
    #[arg(long, value_delimiter = ',', default_value = "5000", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// How often every way has its turn
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// These peers only, and what they are compared with
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The folder for measured.md
    #[arg(long)]
    out: Option<PathBuf>,
    /// Answer as a peer, on this shop
    #[arg(long, hide = true, num_args = 2, value_names = ["PEER", "SHOP"])]
    serve: Vec<PathBuf>,
}

/// A way at a size.
#[derive(Default)]
pub struct Row {
    customers: u32,
    /// Which of the running peers.
    peer: usize,
    /// Name and version.
    orm: String,
    /// What it runs on.
    on: String,
    way: String,
    statements: u64,
    /// In milliseconds, the fastest first.
    times: Vec<f64>,
    is_base: bool,
    /// Why there is no page of it, or no right one.
    trouble: Option<String>,
}

/// A way whose turn takes longer has no other.
pub const LONG_TURN: f64 = 5_000.0;

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
    if let [name, shop] = options.serve.as_slice() {
        return ours::serve(&name.to_string_lossy(), shop);
    }
    let names = peer::names(&options.only)?;
    let (mut peers, mut missing) = (Vec::new(), Vec::new());
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(100));
    for name in names {
        progress.set_message(format!(
            "{name}: building or installing; the first time takes minutes"
        ));
        match Peer::install(name) {
            Ok(peer) => peers.push((name, peer)),
            Err(error) => {
                // The outermost says what to do, and the others why.
                let reasons: Vec<_> = error.chain().skip(1).map(ToString::to_string).collect();
                missing.push(format!("missing: {name}: {}; {error}", reasons.join(": ")));
            }
        }
    }
    progress.finish_and_clear();
    let mut rows = Vec::new();
    for customers in &options.customers {
        rows.extend(measure(*customers, options.rounds, &peers, &mut missing)?);
    }
    missing.sort();
    missing.dedup();
    print!("{}", report::text(&rows, &missing));
    if let Some(folder) = &options.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = folder.join("measured.md");
        std::fs::write(&path, report::markdown(&rows, &missing, options.rounds))
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// All peers at one size.
fn measure(
    customers: u32,
    rounds: u32,
    peers: &[(&str, Peer)],
    missing: &mut Vec<String>,
) -> Result<Vec<Row>> {
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    progress.set_message(format!("{customers} customers: filling"));
    progress.enable_steady_tick(Duration::from_millis(100));
    let folder = tempfile::tempdir().context("cannot make a temporary folder for the shop")?;
    let shop = folder.path().join("shop.db");
    fill(&shop, customers).context("cannot make the shop in a temporary folder")?;
    let right = ours::checksum(&shop).context("cannot read the shop in a temporary folder")?;

    let (mut running, mut rows) = (Vec::new(), Vec::new());
    for (name, peer) in peers {
        match Running::start(peer, &shop) {
            Ok(one) => {
                rows.extend(one.ways.iter().map(|way| Row {
                    customers,
                    peer: running.len(),
                    orm: one.orm.clone(),
                    on: one.on.clone(),
                    way: way.clone(),
                    is_base: *name == "hand",
                    ..Row::default()
                }));
                running.push((peer, one));
            }
            Err(error) => missing.push(format!("missing: {name}: {error:#}; start it by hand to see why")),
        }
    }
    progress.set_length(rows.len() as u64 * u64::from(rounds + 1));
    for round in 0..=rounds {
        for row in &mut rows {
            progress.set_message(format!("{customers} customers: {}, {}", row.orm, row.way));
            let is_long = row.times.first().is_some_and(|time| *time > LONG_TURN);
            if row.trouble.is_none() && !is_long {
                let (peer, one) = &mut running[row.peer];
                // The first turn only counts. It also lets everybody prepare what is prepared once.
                let verb = if round == 0 { "count" } else { "time" };
                match one.ask(verb, &row.way) {
                    Ok(Answer::Page(_, checksum)) if checksum != right => {
                        row.trouble = Some("wrong page".to_owned())
                    }
                    Ok(Answer::Page(number, _)) if round == 0 => row.statements = number as u64,
                    Ok(Answer::Page(number, _)) => row.times.push(number),
                    Ok(Answer::Failed(message)) => row.trouble = Some(message),
                    Err(error) => {
                        row.trouble = Some(format!("{error:#}"));
                        // If it cannot be started again, its next way fails, too.
                        if let Ok(again) = Running::start(peer, &shop) {
                            *one = again;
                        }
                    }
                }
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    rows.iter_mut()
        .for_each(|row| row.times.sort_unstable_by(f64::total_cmp));
    Ok(rows)
}

/// The data of `measure`: 4.55 orders a customer and 3 items an order in the mean.
fn fill(shop: &Path, customers: u32) -> eagerly::Result<()> {
    let size = Size {
        customers,
        orders: 4.55,
        items: 3.0,
        seed: 1,
    };
    data::fill(&Session::open(shop)?, &size, |_| {})
}
