//! The output of the case study, in the order of events, on one screen.

use std::time::Duration;

use anyhow::Result;
use comfy_table::{Table, presets};
use eagerly::numbers::{count, counted, time};
use eagerly::{Kind, Strategy};
use owo_colors::OwoColorize as _;
use serde::Serialize;
use shop::{Customer, Size};
use terminal::{println, say, wrapped};

use crate::database::{self, Database};
use crate::echo::SLOW;
use crate::runs::{self, Run};
use crate::screen::{
    NONE, chapter, indented, milliseconds, print_error, print_figures, print_fix, print_page,
};
use crate::ways::Way;

const LAZY: Way = Way::Objects(Strategy::Lazy);

/// The number of statements from which a page sends many. The reader's own pages are the measure.
const MANY: u64 = 100;

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
    chapter("Every way to load the page");
    print_table(&runs, database, round_trip);
    Ok(())
}

pub fn print_heading(database: &Database) {
    println!("{}", "The admin page: each customer with the number of orders and the total spend".bold());
    let file = match database.reused {
        true => "an existing SQLite file (the options for size and seed have no effect)",
        false => "a SQLite file",
    };
    let [customers, orders, items] =
        [(database.customers, "customer"), (database.orders, "order"), (database.items, "item")]
            .map(|(number, name)| counted(number, name));
    say(&format!("{customers}, {orders}, {items}, in {file}"), 0);
}

fn print_development(size: &Size) -> Result<()> {
    let session = database::development(size)?;
    let customers = session.count(Customer::select())?;
    let tally = session.tally();
    Way::Orders.page(&session)?;
    let orders_only = tally.statements();
    let tally = session.tally();
    LAZY.page(&session)?;
    chapter("In development the page sends few statements");
    say(
        &format!(
            "{customers} customers: {orders_only} statements with the orders of each, {} with the items, too.",
            tally.statements()
        ),
        2,
    );
    Ok(())
}

fn print_production(lazy: &Run, round_trip: Duration) {
    chapter(match lazy.statements > MANY {
        true => "In production the same code sends many",
        false => "With this shop, too, the same code sends few",
    });
    let statements = counted(lazy.statements, "statement");
    let take = if lazy.statements == 1 { "takes" } else { "take" };
    say(
        &format!(
            "{} {take} {} (measured). The database runs in this process.",
            statements.bold().red(),
            time(lazy.measured),
        ),
        2,
    );
    if round_trip.is_zero() {
        return say("On a server, each takes a round trip. None is modelled here.", 2);
    }
    say(
        &format!(
            "On a server, each takes a round trip. At {}, that adds {} (modelled).",
            time(round_trip),
            time(lazy.modelled(round_trip)).bold().red(),
        ),
        2,
    );
}

fn print_echo(lazy: &Run) {
    chapter("Watch the SQL (session.echo(true))");
    for statement in &lazy.first_statements {
        println!("{statement}");
    }
    let more = lazy.statements.saturating_sub(lazy.first_statements.len() as u64);
    if more > 0 {
        let shapes = lazy.shapes.iter().filter(|shape| shape.kind == Kind::Access).count();
        println!("       … {} more, of {}", count(more).bold(), counted(shapes as u64, "shape"));
    }
}

fn print_slow_log(lazy: &Run) {
    chapter(&format!("The slow-query log (statements over {})", time(SLOW)));
    let statements = counted(lazy.statements, "statement");
    let slowest = time(lazy.slowest);
    let mut log = Table::new();
    log.load_style(presets::UTF8_FULL);
    log.add_row([match lazy.slow {
        0 => "                 (  E M P T Y  )                 ".to_owned(),
        slow => format!("{}, the slowest took {slowest}", counted(slow, "statement")),
    }]);
    println!("{}", indented(&log));
    let text = match (lazy.slow, lazy.statements) {
        (0, 0 | 1) => format!("The statement took {slowest}. It is not slow."),
        (0, MANY..) => {
            let all = count(lazy.statements);
            format!("The slowest took {slowest}. No statement is slow, but {all} are too many.")
        }
        (0, _) => format!("The slowest of {statements} took {slowest}. No statement is slow."),
        (slow, MANY..) => {
            format!("The log has {} of {statements}. The others are not slow, but too many.", count(slow))
        }
        (slow, _) => format!("The log has {} of {statements}.", count(slow)),
    };
    say(&text, 2);
}

/// Prints a table with one row for each way, and notes on it.
pub fn print_table(runs: &[Run], database: &Database, round_trip: Duration) {
    let cells = |run: &Run| {
        // An error is no page, so it has no time.
        let time_of = |time_of: &dyn Fn(&Run) -> Duration| match run.error {
            None => time(time_of(run)),
            Some(_) => NONE.to_owned(),
        };
        let measured = if run.error.is_some() { "error".to_owned() } else { time(run.measured) };
        let modelled = time_of(&|run| run.modelled(round_trip));
        let total = time_of(&|run| run.total(round_trip));
        [run.way.title().to_owned(), count(run.statements), count(run.rows), measured, modelled, total]
    };
    if round_trip.is_zero() {
        let rows = runs.iter().map(|run| {
            let [way, statements, rows, measured, ..] = cells(run);
            [way, statements, rows, measured]
        });
        print_figures(["way", "statements", "rows read", "measured"], rows);
    } else {
        let modelled = format!("modelled\nat {}", time(round_trip));
        let header = ["way", "statements", "rows read", "measured", &modelled, "total"];
        print_figures(header, runs.iter().map(cells));
    }
    print_notes(runs, database);
}

fn print_notes(runs: &[Run], database: &Database) {
    let pages: Vec<_> = runs.iter().filter(|run| run.error.is_none()).collect();
    let (whole, others): (Vec<_>, Vec<_>) =
        pages.iter().copied().partition(|run: &&Run| run.way.has_totals());
    if let Some(first) = whole.first() {
        print_page(first.lines, &first.checksum, whole.len());
    }
    for run in others {
        say(&format!("{}: another page, without totals.", run.way.title()), 2);
    }
    for run in runs {
        if let Some(error) = &run.error {
            print_error(run.way.name(), error);
        }
    }
    let mut notes = Vec::new();
    let control: Vec<_> = pages.iter().filter(|run| run.control > 0).map(|run| run.way.title()).collect();
    if !control.is_empty() {
        let ways = control.join(", ");
        notes.push(format!("BEGIN and COMMIT are not counted (sent for one snapshot by {ways})."));
    }
    if database.echoes {
        notes.push("The measured times include the printing of the statements.".to_owned());
    }
    for note in notes {
        println!("{}", wrapped(&note, 2).dimmed());
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
    /// Missing if the way ends in an error, which is no page. So is `modelled_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modelled_ms: Option<f64>,
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
                measured_ms: run.error.is_none().then(|| milliseconds(run.measured)),
                modelled_ms: run.error.is_none().then(|| milliseconds(run.modelled(round_trip))),
                checksum: &run.checksum,
                error: run.error.as_deref(),
            })
            .collect(),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}
