//! The output of the case study, in the order of events. Each sentence about the run depends on what the run measured.

use std::time::{Duration, Instant};

use anyhow::Result;
use comfy_table::{Table, presets};
use eagerly::numbers::{bytes, count, counted, time};
use eagerly::{Session, Strategy};
use owo_colors::OwoColorize as _;
use shop::Size;
use terminal::{cut, fitted, print, println};
use waterfall::sql::shortened;

use crate::database::Database;
use crate::runs::{self, Run};
use crate::screen::{chapter, indented, print_fix};
use crate::slow_log::{SETTING, Slow};
use crate::statistics::Entry;
use crate::table::print_table;
use crate::ways::Way;

const LAZY: Way = Way::Objects(Strategy::Lazy);
const FIX: Way = Way::Objects(Strategy::Selectin);

/// How many rows of `pg_stat_statements` are shown.
const SHOWN: usize = 5;

/// Runs and prints the whole case study. For a single way, prints only its line of the table.
pub fn tell(database: &mut Database, ways: &[Way], size: &Size, echo: bool) -> Result<()> {
    let is_whole = ways.len() > 1;
    print_heading(database, size);
    database.develop(size, ways)?;
    if is_whole && ways.contains(&LAZY) {
        print_development(&database.page)?;
    }
    database.fill(size)?;
    database.echo(echo);
    let runs = runs::run_all(database, ways)?;
    if let Some(lazy) = runs.iter().find(|run| is_whole && run.way == LAZY) {
        print_production(lazy, database);
        print_slow_log_of(lazy);
        print_statistics(lazy, database);
        print_wire(lazy);
        print_fix();
        chapter("Every way to load the page, measured");
    }
    print_table(&runs, database);
    if is_whole {
        print_slow_log_of_all(&runs);
    }
    Ok(())
}

/// Prints a sentence that may be longer than a line.
fn say(text: &str) {
    terminal::say(text, 2);
}

fn print_heading(database: &Database, size: &Size) {
    let [customers, orders, items] = size.rows();
    println!("{}", "The admin page: each customer with the number of orders and the total spend".bold());
    let mut lines = vec![format!(
        "{} customers, {} orders, {} items, in {}",
        count(customers),
        count(orders),
        count(items),
        database.version
    )];
    lines.push(match &database.own_schema {
        None => "The server is a throw-away server. It is removed at the end.".to_owned(),
        Some(own) => format!("The server is yours. The schema {} is dropped at the end.", own.name),
    });
    lines.push(match database.wire.as_ref().map(|wire| &wire.proxy) {
        None => "There is no proxy. The page connects directly to the server.".to_owned(),
        Some(proxy) => format!(
            "A proxy adds a round trip: {} requested, {} measured (median).",
            time(proxy.round_trip()),
            time(proxy.measured())
        ),
    });
    for line in lines {
        terminal::say(&line, 0);
    }
}

fn print_development(session: &Session) -> Result<()> {
    let tally = session.tally();
    let customers = Way::Orders.page(session)?.len();
    let orders_only = tally.statements();
    let tally = session.tally();
    let start = Instant::now();
    LAZY.page(session)?;
    let measured = start.elapsed();
    chapter("In development the page sends few statements");
    say(&format!(
        "{customers} customers: {orders_only} statements with the orders of each, {} with the items of each order, in \
         {} (measured).",
        tally.statements(),
        time(measured),
    ));
    Ok(())
}

fn print_production(lazy: &Run, database: &Database) {
    chapter("In production the same code sends many");
    println!(
        "  {} in {} (measured).",
        counted(lazy.statements, "statement").bold().red(),
        time(lazy.measured).bold().red()
    );
    if let Some(worked) = lazy.server_time() {
        let each = lazy.measured.div_f64(lazy.statements.max(1) as f64);
        let way =
            if database.wire.is_some() { "the round trips through the proxy" } else { "the round trips" };
        say(&format!(
            "The server worked for {} of that time. The page also waited for {way}. A statement took {} on average.",
            time(worked),
            time(each),
        ));
    }
}

fn print_slow_log_of(lazy: &Run) {
    chapter(&format!("The server's slow-query log ({SETTING})"));
    let Some(slow) = &lazy.slow else {
        say("Not shown: the log is a file of your server. Run this command without --url to see a log.");
        return;
    };
    if slow.is_empty() {
        let mut log = Table::new();
        log.load_style(presets::UTF8_FULL);
        log.add_row(["                 (  E M P T Y  )                 "]);
        println!("{}", indented(&log));
        say(&format!(
            "The slow page added 0 bytes. It sent {}. None took 100 ms.",
            counted(lazy.statements, "statement")
        ));
    } else {
        slow.iter().take(SHOWN).for_each(|slow| print_slow("lazy", slow));
        say(&format!(
            "The slow page added {}: {} took 100 ms or longer.",
            bytes(lazy.slow_bytes().unwrap_or_default()),
            of_all(slow.len() as u64, lazy.statements),
        ));
    }
}

fn of_all(few: u64, all: u64) -> String {
    format!("{} of {}", count(few), counted(all, "statement"))
}

fn print_statistics(lazy: &Run, database: &Database) {
    chapter("The server's statistics (pg_stat_statements, ordered by calls)");
    let entries = match (&lazy.entries, &database.statistics) {
        (Some(entries), _) => entries,
        (None, Err(reason)) => return say(&format!("Not shown: {reason}.")),
        (None, Ok(_)) => return,
    };
    println!("{:>9}  {:>9}  {:>9}  query", "calls", "total", "mean");
    for entry in entries.iter().take(SHOWN) {
        let mean = entry.time().div_f64(entry.calls().max(1) as f64);
        print_entry(entry, mean);
    }
    if let Some(most) = entries.iter().max_by_key(|entry| entry.calls()) {
        say(&format!(
            "The column `calls` is the diagnosis: one statement ran {}. The server counted {} in total, and the session \
             counted {}.",
            counted(most.calls(), "time"),
            counted(lazy.calls().unwrap_or_default(), "statement"),
            count(lazy.statements),
        ));
    }
}

fn print_entry(entry: &Entry, mean: Duration) {
    let figures = format!("  {:>9}  {:>9}  ", time(entry.time()), time(mean));
    let sql = cut(&shortened(&entry.sql), terminal::width() - 9 - figures.chars().count());
    print!("{:>9}", count(entry.calls()).bold());
    println!("{figures}{sql}");
}

/// Prints what the proxy has found. It knows nothing of the ORM, so it finds the same for an application in any language.
fn print_wire(lazy: &Run) {
    let Some(wire) = lazy.wire.as_ref().filter(|wire| !wire.findings.is_empty()) else { return };
    chapter("The proof on the wire: keys that came back are sent again");
    for finding in &wire.findings {
        println!("{}", fitted(&indented(finding)));
    }
}

fn print_slow(way: &str, slow: &Slow) {
    let start = format!("  {way:<12}  {:>8}  ", time(slow.took));
    println!("{start}{}", cut(&shortened(&slow.sql), terminal::width() - start.chars().count()));
}

/// Prints the slow-query log after all ways. The fix sends few statements, but each of them is larger. So they can appear in
/// the log, and often do on a slow machine.
fn print_slow_log_of_all(runs: &[Run]) {
    let Some(slow) = runs.iter().map(|run| run.slow.as_deref()).collect::<Option<Vec<_>>>() else {
        return;
    };
    chapter("The slow-query log after all of them");
    let mut logged = Vec::new();
    for (run, entries) in runs.iter().zip(slow) {
        entries.iter().take(SHOWN).for_each(|entry| print_slow(run.way.title(), entry));
        if !entries.is_empty() {
            logged.push(run);
        }
    }
    if logged.is_empty() {
        return say("The log is empty. In this run, no statement took 100 ms.");
    }
    let names: Vec<_> = logged.iter().map(|run| run.way.title()).collect();
    let lazy = runs.iter().find(|run| run.way == LAZY);
    if lazy.is_some_and(|lazy| logged.iter().all(|run| run.measured < lazy.measured)) {
        say(&format!(
            "The log has statements of {}. It has none of lazy, which takes longer. The log compares the durations of \
             single statements. It does not count statements.",
            names.join(" and ")
        ));
    }
    if !names.contains(&FIX.title()) && runs.iter().any(|run| run.way == FIX) {
        say("In this run, the log has no statement of the fix, selectin.");
    }
}
