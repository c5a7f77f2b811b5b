//! Checks the recorder on the wire against other ORMs, and against the server.
//!
//!     cargo wire-check                              # every ORM, with 300 customers, 1 ms from the server
//!     cargo wire-check --only django,prisma
//!     cargo wire-check --out crates/eagerly-wire/README.md
//!     cargo wire-check --record crates/eagerly-wire/tests/captures
//!
//! Each way of each ORM runs once, in a process of its own, through a proxy that adds a round trip and records the wire.
//! The server counts the same statements in its view `pg_stat_statements`. A way fails if the two counts differ, or if the
//! page is wrong. A lazy way also fails if the recorder finds no N+1, and every other way if it does.

mod table;
mod witness;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use eagerly::numbers::count;
use indicatif::{ProgressBar, ProgressStyle};
use peers::ours;
use peers::peer::{self, Answer, Peer, Running};
use peers::server::{self, Calls, ShopServer};
use shop::Size;
use witness::{Page, Witness};

/// Checks the recorder on the wire against other ORMs, and against the server
#[derive(Parser)]
struct Options {
    /// Number of customers
    #[arg(long, default_value = "300", value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    customers: u32,
    /// Folder for captures of the bytes that pass, with 5 customers
    #[arg(long)]
    record: Option<PathBuf>,
    /// Round trip to add: 1ms, 250us, …
    #[arg(long, default_value = "1ms", value_parser = duration)]
    round_trip: Duration,
    /// Only these peers
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Document whose table of ORMs is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Run as a peer, on this shop
    #[arg(long, hide = true, num_args = 2, value_names = ["PEER", "SHOP"])]
    serve: Vec<String>,
}

/// The number of customers of a capture. A finding in a shop of that size is often only a hint.
const RECORDED: u32 = 5;

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
    /// What the recorder saw.
    page: Page,
    /// The reasons why the way fails.
    failures: Vec<String>,
}

/// What all checks have in common.
struct Run<'r> {
    server: &'r ShopServer,
    round_trip: Duration,
    /// The checksum of the correct page.
    checksum: u32,
    record: Option<&'r Path>,
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
    let customers = if options.record.is_some() { RECORDED } else { options.customers };
    let round_trip = options.round_trip;
    let size = match options.record {
        // Captures are part of the repository, so they are as small as a proof allows.
        Some(_) => Size { customers, orders: 2.0, items: 2.0, ..Size::default() },
        None => Size { customers, ..Size::default() },
    };
    let server = ShopServer::start(&size)?;
    let checksum = server.checksum()?;
    let run = Run { server: &server, round_trip, checksum, record: options.record.as_deref() };
    let mut rows = Vec::new();
    for (name, peer) in &peers {
        // Only the introduction of this process is used.
        let ways = Running::start(peer, &server.url_of_peer()).map(|running| running.ways.clone());
        let ways = ways.with_context(|| format!("the peer {name} does not start"))?;
        for way in ways {
            progress.set_message(format!("{name}: {way}"));
            rows.push(check(name, peer, &way, &run)?);
        }
    }
    progress.finish_and_clear();

    let text = table::text(&rows, &missing, customers, round_trip);
    print!("{text}");
    if let Some(path) = &options.out {
        let table = table::markdown(&rows, &missing, customers, round_trip, server.version());
        replace_table(path, &table).with_context(|| format!("cannot change {}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(rows.iter().all(|row| row.failures.is_empty()))
}

/// The lines before and after the table in a document. mdBook includes what is between them.
const MARKS: [&str; 2] = ["<!-- ANCHOR: orms -->\n", "<!-- ANCHOR_END: orms -->\n"];

fn replace_table(path: &Path, table: &str) -> Result<()> {
    let text = std::fs::read_to_string(path)?;
    let parts = text.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
    let (before, after) = parts.with_context(|| format!("it lacks the marks {MARKS:?}"))?;
    Ok(std::fs::write(path, format!("{before}{}{table}{}{after}", MARKS[0], MARKS[1]))?)
}

/// Runs one way in a new process, so that it finds nothing in a cache of its connection.
fn check(name: &str, peer: &Peer, way: &str, run: &Run<'_>) -> Result<Row> {
    let is_capturing = run.record.is_some();
    let witness = Witness::start(run.server.address(), run.round_trip, is_capturing)
        .context("cannot start the proxy")?;
    let mut running = Running::start(peer, &server::url(witness.address()))?;
    // The page begins here. Until now the peer has only set up its connection.
    witness.start_page();
    run.server.reset_calls()?;
    let answer = running.ask("time", way);
    let page = witness.finish_page();
    let calls = run.server.calls()?;
    let mut failures = Vec::new();
    let time = match answer {
        Ok(Answer::Page(time, checksum)) => {
            if checksum != run.checksum {
                failures.push("the page is wrong".to_owned());
            }
            failures.extend(different_counts(&page, calls));
            failures.extend(different_findings(&page, way));
            Some(time)
        }
        Ok(Answer::Failed(message)) => {
            failures.push(message);
            None
        }
        Err(error) => {
            failures.push(format!("{error:#}"));
            None
        }
    };
    if let (Some(folder), Some(capture)) = (run.record, witness.captured()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let path = folder.join(format!("{name}-{}.capture", plain(way)));
        std::fs::write(&path, capture).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (name, orm, on) = (running.name.clone(), running.orm.clone(), running.on.clone());
    Ok(Row { name, orm, on, way: way.to_owned(), time, page, failures })
}

/// Returns the name of a way as part of a file's name: `include-query` for `include (query)`.
fn plain(way: &str) -> String {
    let words = way.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Compares the recorder's counts with the server's.
fn different_counts(page: &Page, calls: Calls) -> Vec<String> {
    let pairs = [
        ("statements", page.statements, calls.statements),
        ("control statements", page.control, calls.control),
    ];
    let different = pairs.into_iter().filter(|(_, seen, called)| seen != called);
    different
        .map(|(what, seen, called)| {
            format!("{} {what} on the wire, but {} in the server", count(seen), count(called))
        })
        .collect()
}

/// Compares the findings with what the way is known to do.
fn different_findings(page: &Page, way: &str) -> Vec<String> {
    let found = page.findings.iter().filter(|finding| !finding.is_hint);
    let (loops, others): (Vec<_>, Vec<_>) = found.partition(|finding| finding.is_n_plus_one);
    let levels = levels(way);
    let mut different: Vec<_> = others.iter().map(|other| format!("found: {}", other.what)).collect();
    if loops.len() != levels {
        different.push(format!("N+1 found at {} levels, but the way has it at {levels}", loops.len()));
    }
    different
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
        let what = "customer_id = id".to_owned();
        let finding = Finding { is_n_plus_one: true, is_hint: false, statements, what };
        Page { statements, control: 2, round_trips: statements, findings: vec![finding; findings] }
    }

    #[test]
    fn a_way_passes_if_counts_and_findings_are_as_expected() {
        let calls = Calls { statements: 7, control: 2 };
        assert!(different_counts(&page(7, 0), calls).is_empty());
        for (findings, way) in [(2, "lazy"), (1, "lazy to-one"), (0, "selectinload")] {
            assert!(different_findings(&page(7, findings), way).is_empty());
        }
    }

    #[test]
    fn a_way_fails_if_a_count_or_a_finding_differs() {
        let different = different_counts(&page(8, 0), Calls { statements: 7, control: 2 });
        assert_eq!(different, ["8 statements on the wire, but 7 in the server"]);
        assert_eq!(different_counts(&page(7, 0), Calls { statements: 7, control: 0 }).len(), 1);
        for (findings, way) in [(1, "lazy"), (0, "lazy"), (0, "lazy to-one"), (1, "preload")] {
            assert_eq!(different_findings(&page(7, findings), way).len(), 1);
        }
    }

    #[test]
    fn a_hint_is_ignored_and_another_finding_is_a_failure() {
        let mut page = page(7, 1);
        page.findings[0].is_n_plus_one = false;
        assert_eq!(different_findings(&page, "preload"), ["found: customer_id = id"]);
        page.findings[0].is_hint = true;
        assert!(different_findings(&page, "preload").is_empty());
    }

    #[test]
    fn the_name_of_a_file_has_no_blanks() {
        assert_eq!(plain("include (query)"), "include-query");
        assert_eq!(plain("lazy to-one"), "lazy-to-one");
        assert_eq!(plain("prefetch_related"), "prefetch_related");
    }
}
