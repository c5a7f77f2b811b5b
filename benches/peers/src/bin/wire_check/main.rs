//! Checks the recorder on the wire against other ORMs, and against the server.
//!
//!     cargo wire-check                              # every ORM, with 300 customers, 1 ms from the server
//!     cargo wire-check --only django,prisma
//!     cargo wire-check --out benches/peers          # writes the table to wire_check.md, too
//!
//! Each way of each ORM runs once, in a process of its own, through a proxy that adds a round trip and records the wire.
//! The server counts the same statements in its view `pg_stat_statements`. A way fails if the two counts differ, or if the
//! page is wrong. A lazy way also fails if the recorder finds no N+1, and every other way if it does.

mod server;
mod table;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::numbers::count;
use indicatif::{ProgressBar, ProgressStyle};
use peers::ours;
use peers::peer::{self, Answer, Peer, Running};
use server::{Calls, ShopServer};
use shop::Size;
use witness::{Page, Witness};

/// Checks the recorder on the wire against other ORMs, and against the server
#[derive(Parser)]
struct Options {
    /// Number of customers
    #[arg(long, default_value = "300", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    customers: u32,
    /// Round trip to add: 1ms, 250us, …
    #[arg(long, default_value = "1ms", value_parser = duration)]
    round_trip: Duration,
    /// Only these peers
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Folder for wire_check.md
    #[arg(long)]
    out: Option<PathBuf>,
    /// Run as a peer, on this shop
    #[arg(long, hide = true, num_args = 2, value_names = ["PEER", "SHOP"])]
    serve: Vec<String>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<jiff::SignedDuration>();
    let time = parsed.ok().and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| "expected a time such as 1ms, 250us or 0.5s".to_owned())
}

/// The result of one way of an ORM.
pub struct Row {
    /// The name of the ORM.
    name: String,
    /// The name and version of the ORM.
    orm: String,
    /// The versions of its client library and of its language.
    on: String,
    way: String,
    /// The time of the page in milliseconds; `None` if the ORM failed.
    time: Option<f64>,
    /// The server's counts.
    calls: Calls,
    /// What the recorder saw; `None` if nothing recorded the wire.
    page: Option<Page>,
    /// The reasons why the way fails.
    failures: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether every way passed.
fn run(options: &Options) -> Result<bool> {
    if let [name, shop] = options.serve.as_slice() {
        return ours::serve(name, shop).map(|()| true);
    }
    let names = peer::names(&options.only, true, None)?;
    let mut missing = Vec::new();
    let peers = Peer::install_all(names, true, &mut missing);

    let progress = ProgressBar::new_spinner();
    progress.set_style(ProgressStyle::with_template("{spinner} {msg}")?);
    progress.enable_steady_tick(Duration::from_millis(100));
    progress.set_message("filling the shop");
    let size = Size { customers: options.customers, ..Size::default() };
    let server = ShopServer::start(&size)?;
    let checksum = server.checksum()?;
    let mut rows = Vec::new();
    for (name, peer) in &peers {
        // Only the introduction of this process is used.
        let ways = Running::start(peer, &server.url_of_peer()).map(|running| running.ways.clone());
        let ways = ways.with_context(|| format!("the peer {name} does not start"))?;
        for way in ways {
            progress.set_message(format!("{name}: {way}"));
            rows.push(check(peer, &way, &server, options.round_trip, checksum)?);
        }
    }
    progress.finish_and_clear();

    let text = table::text(&rows, &missing, options.customers, options.round_trip);
    print!("{text}");
    if let Some(folder) = &options.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let path = folder.join("wire_check.md");
        let text = table::markdown(&rows, &missing, options.customers, options.round_trip, server.version());
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(rows.iter().all(|row| row.failures.is_empty()))
}

/// Runs one way in a new process, so that it finds nothing in a cache of its connection.
fn check(peer: &Peer, way: &str, server: &ShopServer, round_trip: Duration, right: u32) -> Result<Row> {
    let witness = Witness::start(server.address(), round_trip).context("cannot start the proxy")?;
    let mut running = Running::start(peer, &server::url(witness.address()))?;
    // The page begins here. Until now the peer has only set up its connection.
    witness.start_page();
    server.reset_calls()?;
    let answer = running.ask("time", way);
    let page = witness.finish_page();
    let calls = server.calls()?;
    let mut row = Row {
        name: running.name.clone(),
        orm: running.orm.clone(),
        on: running.on.clone(),
        way: way.to_owned(),
        time: None,
        calls,
        page,
        failures: Vec::new(),
    };
    match answer {
        Ok(Answer::Page(time, checksum)) => {
            row.time = Some(time);
            if checksum != right {
                row.failures.push("the page is wrong".to_owned());
            }
        }
        Ok(Answer::Failed(message)) => row.failures.push(message),
        Err(error) => row.failures.push(format!("{error:#}")),
    }
    if let (Some(page), Some(_)) = (&row.page, row.time) {
        row.failures.extend(failures_of(page, way, calls));
    }
    Ok(row)
}

/// Compares what the recorder saw with the server's counts, and with what the way is known to do.
fn failures_of(page: &Page, way: &str, calls: Calls) -> Vec<String> {
    let mut failures = Vec::new();
    let pairs = [
        ("statements", page.statements, calls.statements),
        ("BEGIN and the like", page.control, calls.control),
    ];
    for (what, seen, called) in pairs {
        if seen != called {
            failures.push(format!(
                "{what}: {} on the wire, but {} on the server",
                count(seen),
                count(called)
            ));
        }
    }
    let found = page.findings.iter().filter(|finding| !finding.is_hint).count();
    let expected = levels(way);
    if found < expected {
        failures.push(format!("N+1 at {expected} levels, but {found} found"));
    }
    if found > expected {
        failures.push(format!("N+1 at {expected} levels, but {found} found, which are too many"));
    }
    failures
}

/// Returns the number of levels at which a way sends a statement for each parent.
fn levels(way: &str) -> usize {
    match way {
        // A statement for each customer, and one for each order.
        "lazy" => 2,
        // A statement for the customer of each order.
        "lazy to-one" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::witness::Finding;

    fn page(statements: u64, findings: usize) -> Page {
        let finding = Finding {
            statements,
            from: "customers.id".to_owned(),
            to: "orders.customer_id".to_owned(),
            is_hint: false,
        };
        Page { statements, control: 2, round_trips: statements, findings: vec![finding; findings] }
    }

    #[test]
    fn a_way_passes_if_counts_and_findings_are_as_expected() {
        let calls = Calls { statements: 7, control: 2 };
        assert!(failures_of(&page(7, 2), "lazy", calls).is_empty());
        assert!(failures_of(&page(7, 1), "lazy to-one", calls).is_empty());
        assert!(failures_of(&page(7, 0), "selectinload", calls).is_empty());
    }

    #[test]
    fn a_way_fails_if_a_count_or_a_finding_differs() {
        let calls = Calls { statements: 7, control: 2 };
        assert_eq!(
            failures_of(&page(8, 2), "lazy", calls),
            ["statements: 8 on the wire, but 7 on the server"]
        );
        assert_eq!(failures_of(&page(7, 0), "lazy", calls), ["N+1 at 2 levels, but 0 found"]);
        assert_eq!(failures_of(&page(7, 1), "preload", calls).len(), 1);
        assert_eq!(failures_of(&page(7, 2), "lazy", Calls { statements: 7, control: 0 }).len(), 1);
    }
}
