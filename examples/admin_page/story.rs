//! The output of the case study, in the order of events, on one screen.

use std::time::Duration;

use anstream::println;
use anyhow::Result;
use comfy_table::{Table, presets};
use eagerly::numbers::{count, time};
use eagerly::{Kind, Strategy};
use owo_colors::OwoColorize as _;
use serde::Serialize;
use shop::{Customer, Size};

use crate::database::{self, Database};
use crate::runs::{self, Run};
use crate::screen::{chapter, indented, milliseconds, print_figures, print_page};
use crate::ways::Way;

/// The threshold of the slow-query log.
const SLOW: Duration = Duration::from_millis(100);

const LAZY: Way = Way::Objects(Strategy::Lazy);

/// Runs and prints the whole case study.
pub fn tell(database: &Database, ways: &[Way], size: &Size, round_trip: Duration) -> Result<()> {
    print_heading(database);
    print_development(size)?;
    let runs = runs::run_all(database, ways)?;
    if let Some(lazy) = runs.iter().find(|run| run.way == LAZY) {
        print_production(lazy, round_trip);
        print_echo(lazy);
        print_slow_log(lazy);
    }
    print_fix();
    chapter("Every way to the same page");
    print_table(&runs, round_trip);
    Ok(())
}

pub fn print_heading(database: &Database) {
    println!(
        "{}\n{} customers, {} orders, {} items, in {}",
        "The admin page: each customer with the number of orders and the total spend".bold(),
        count(database.customers),
        count(database.orders),
        count(database.items),
        if database.reused {
            "an existing SQLite file (the options for size and seed have no effect)"
        } else {
            "a SQLite file"
        }
    );
}

fn print_development(size: &Size) -> Result<()> {
    let session = database::development(size)?;
    let customers = session.count(Customer::select())?;
    let tally = session.tally();
    for customer in &session.all(Customer::select())? {
        customer.orders()?;
    }
    let orders_only = tally.statements();
    let tally = session.tally();
    LAZY.page(&session)?;
    chapter("In development the page sends few statements");
    println!(
        "  {customers} customers: {orders_only} statements with the orders of each, {} with the items of each order.",
        tally.statements()
    );
    Ok(())
}

fn print_production(lazy: &Run, round_trip: Duration) {
    chapter("In production the same code sends many");
    println!(
        "  {} statements. They take {} here, where the database runs in the same process (measured).",
        count(lazy.statements).bold().red(),
        time(lazy.measured),
    );
    println!(
        "  With a database server, each also makes a round trip. At {} each, that adds {} (modelled).",
        time(round_trip),
        time(lazy.modelled(round_trip)).bold().red(),
    );
}

fn print_echo(lazy: &Run) {
    chapter("Watch the SQL (session.echo(true))");
    for line in &lazy.first_statements {
        println!("{line}");
    }
    let shown = lazy.first_statements.len() as u64;
    let shapes = lazy.shapes.iter().filter(|shape| shape.kind == Kind::Access);
    println!(
        "        … {} more, of {} shapes",
        count(lazy.statements.saturating_sub(shown)).bold(),
        shapes.count(),
    );
}

fn print_slow_log(lazy: &Run) {
    chapter(&format!("The slow-query log (statements over {})", time(SLOW)));
    let mut log = Table::new();
    log.load_style(presets::UTF8_FULL);
    if lazy.slowest < SLOW {
        log.add_row(["                 (  E M P T Y  )                 "]);
    } else {
        log.add_row([format!("the slowest statement took {}", time(lazy.slowest))]);
    }
    println!("{}", indented(&log));
    println!(
        "  The slowest of the {} statements took {}. No statement is slow; there are too many.",
        count(lazy.statements),
        time(lazy.slowest),
    );
}

fn print_fix() {
    chapter("The fix is one line");
    println!("{}", "  - session.all(Customer::select())?".red());
    println!(
        "{}",
        "  + session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?"
            .green()
    );
}

/// Prints a table with one row for each way.
pub fn print_table(runs: &[Run], round_trip: Duration) {
    let modelled = format!("modelled at {}", time(round_trip));
    let rows = runs.iter().map(|run| {
        [
            run.way.title().to_owned(),
            count(run.statements),
            count(run.rows),
            time(run.measured),
            time(run.modelled(round_trip)),
            time(run.total(round_trip)),
        ]
    });
    print_figures(["way", "statements", "rows read", "measured", &modelled, "total"], rows);
    let pages: Vec<_> = runs.iter().filter(|run| run.error.is_none()).collect();
    if let Some(first) = pages.first() {
        print_page(first.lines, &first.checksum, pages.len());
    }
    for run in runs {
        if let Some(error) = &run.error {
            println!("  {}: {}", run.way.name(), error.replace("\n  ", "\n    "));
        }
    }
    let control: Vec<_> = pages.iter().filter(|run| run.control > 0).map(|run| run.way.name()).collect();
    if !control.is_empty() {
        let note =
            format!("BEGIN and COMMIT are not counted (sent for one snapshot by {}).", control.join(", "));
        println!("  {}", note.dimmed());
    }
}

#[derive(Serialize)]
struct Report<'a> {
    customers: u64,
    orders: u64,
    items: u64,
    round_trip_ms: f64,
    runs: Vec<ReportedRun<'a>>,
}

#[derive(Serialize)]
struct ReportedRun<'a> {
    strategy: &'a str,
    statements: u64,
    control: u64,
    rows: u64,
    measured_ms: f64,
    modelled_ms: f64,
    checksum: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Prints the results as one JSON object.
pub fn print_json(database: &Database, runs: &[Run], round_trip: Duration) -> Result<()> {
    let report = Report {
        customers: database.customers,
        orders: database.orders,
        items: database.items,
        round_trip_ms: milliseconds(round_trip),
        runs: runs
            .iter()
            .map(|run| ReportedRun {
                strategy: run.way.name(),
                statements: run.statements,
                control: run.control,
                rows: run.rows,
                measured_ms: milliseconds(run.measured),
                modelled_ms: milliseconds(run.modelled(round_trip)),
                checksum: &run.checksum,
                error: run.error.as_deref(),
            })
            .collect(),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
