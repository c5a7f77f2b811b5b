//! Measures the shop's page in other ORMs (the peers), in eagerly, and in hand-written SQL.
//!
//!     cargo peers                                          # all peers, with 5,000 customers
//!     cargo peers --only diesel,django --customers 1000    # two peers, and the base
//!     cargo peers --server                                 # the peers that can use PostgreSQL, on a server
//!
//! Every peer is a process that is already running, so the start of a process is not measured. Each round
//! runs every way of every peer once, so that other load on the machine affects all of them equally.

mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use peers::peer::{self, Answer, Peer, Running};
use peers::site::Site;
use peers::ours;
use shop::Size;

/// Measures the shop's page in other ORMs, in turns
#[derive(Parser)]
struct Options {
    /// Numbers of customers
    #[arg(long, value_delimiter = ',', default_value = "5000", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: Vec<u32>,
    /// Number of rounds; each way runs once in a round
    #[arg(long, default_value = "5", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Only these peers, and the base
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Measure on PostgreSQL, on servers that are started for this run
    #[arg(long)]
    server: bool,
    /// Folder for measured.md, or measured_postgres.md
    #[arg(long)]
    out: Option<PathBuf>,
    /// Run as a peer, on this shop
    #[arg(long, hide = true, num_args = 2, value_names = ["PEER", "SHOP"])]
    serve: Vec<String>,
}

/// The result of one way of a peer at one size of the shop.
#[derive(Default)]
pub struct Row {
    customers: u32,
    /// The index of the peer among the running ones.
    peer: usize,
    /// The name and version of the ORM.
    orm: String,
    /// The versions of SQLite or of the client library, and of the language.
    on: String,
    way: String,
    statements: u64,
    /// The times in milliseconds, the fastest first.
    times: Vec<f64>,
    is_base: bool,
    /// The error, or `wrong page`.
    trouble: Option<String>,
}

/// The time limit in milliseconds for repeating a way. A slower way runs only once.
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
        return ours::serve(name, shop);
    }
    let names = peer::names(&options.only, options.server, Some("hand"))?;
    let mut missing = Vec::new();
    let peers = Peer::install_all(names, options.server, &mut missing);
    let (mut rows, mut description) = (Vec::new(), None);
    for customers in &options.customers {
        let site = if options.server { Site::server()? } else { Site::file()? };
        rows.extend(measure(&site, *customers, options.rounds, &peers, &mut missing)?);
        description = Some(site.description());
    }
    missing.sort();
    missing.dedup();
    print!("{}", report::text(&rows, &missing));
    if let (Some(folder), Some(description)) = (&options.out, description) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let path = folder.join(description.file);
        std::fs::write(
            &path,
            report::markdown(&rows, &missing, options.rounds, &description),
        )
        .with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(())
}

/// Measures all peers at one size of the shop.
fn measure(
    site: &Site,
    customers: u32,
    rounds: u32,
    peers: &[(&str, Peer)],
    missing: &mut Vec<String>,
) -> Result<Vec<Row>> {
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    progress.set_message(format!("{customers} customers: filling"));
    progress.enable_steady_tick(Duration::from_millis(100));
    // On average 4.55 orders per customer and 3 items per order, as in `measure`.
    let size = Size { customers, orders: 4.55, items: 3.0, seed: 1 };
    let session = site.fill(&size).context("cannot create the shop")?;
    let right = ours::checksum(&session).context("cannot read the shop")?;

    let (mut running, mut rows) = (Vec::new(), Vec::new());
    for (name, peer) in peers {
        match Running::start(peer, site.shop()) {
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
            Err(error) => missing.push(format!(
                "missing: {name}: {error:#}\n  help: start it by hand to see why"
            )),
        }
    }
    progress.set_length(rows.len() as u64 * u64::from(rounds + 1));
    for round in 0..=rounds {
        for row in &mut rows {
            progress.set_message(format!("{customers} customers: {}, {}", row.orm, row.way));
            let is_long = row.times.first().is_some_and(|time| *time > LONG_TURN);
            if row.trouble.is_none() && !is_long {
                let (peer, one) = &mut running[row.peer];
                // The first round counts statements and is not timed. It also fills the caches.
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
                        // If the peer cannot be restarted, its next way fails, too.
                        if let Ok(again) = Running::start(peer, site.shop()) {
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
