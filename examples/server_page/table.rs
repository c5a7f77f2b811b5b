//! The table with a row for each way, and the notes below it.

use anstream::println;
use eagerly::Strategy;
use eagerly::numbers::{count, time};
use owo_colors::OwoColorize as _;

use crate::database::Database;
use crate::runs::Run;
use crate::screen::{print_figures, print_page};
use crate::text::wrapped;
use crate::ways::Way;

/// Replaces a figure that is missing.
const NONE: &str = "–";

/// Prints a table with one row for each way.
pub fn print_table(runs: &[Run], database: &Database) {
    let rows = runs.iter().map(|run| {
        [
            run.way.title().to_owned(),
            count(run.statements),
            run.calls().map_or(NONE.to_owned(), count),
            run.wire.as_ref().map_or(NONE.to_owned(), |wire| count(wire.statements)),
            count(run.round_trips),
            run.server_time().map_or(NONE.to_owned(), time),
            // The time until an error is not the time of a page.
            if run.error.is_some() { "an error".to_owned() } else { time(run.measured) },
        ]
    });
    print_figures(["way", "session", "server", "wire", "trips", "worked", "measured"], rows);
    print_notes(runs, database);
}

fn print_notes(runs: &[Run], database: &Database) {
    let pages: Vec<_> = runs.iter().filter(|run| run.error.is_none()).collect();
    if let Some(first) = pages.first() {
        print_page(first.lines, &first.checksum, pages.len());
    }
    let of = |strategy| pages.iter().find(|run| run.way == Way::Objects(strategy));
    if let (Some(lazy), Some(selectin)) = (of(Strategy::Lazy), of(Strategy::Selectin)) {
        let ratio = lazy.measured.as_secs_f64() / selectin.measured.as_secs_f64();
        println!("  lazy takes {} as long as selectin.", format!("{ratio:.0} times").bold());
    }
    for run in runs {
        if let Some(error) = &run.error {
            let (failure, help) = error.split_once('\n').unwrap_or((error, ""));
            println!("{}", wrapped(&format!("{}: {failure}", run.way.name()), 2));
            println!("{}", wrapped(help, 4));
        }
    }
    let mut notes = vec![match &database.statistics {
        Ok(_) => "The statements were counted three times: by the session, by the server (pg_stat_statements), and by the \
                  proxy, which reads them on the wire. `trips` are round trips. `worked` is the time of the server.".to_owned(),
        Err(reason) => format!("The count and the time of the server are not shown: {reason}."),
    }];
    let counted =
        runs.iter().filter_map(|run| run.wire.as_ref().map(|wire| (wire.round_trips, run.round_trips)));
    let counted: Vec<_> = counted.collect();
    if !counted.is_empty() && counted.iter().all(|(wire, session)| wire == session) {
        notes.push("The proxy counted the same round trips as the session.".to_owned());
    }
    if runs.iter().any(|run| run.control > 0) {
        notes.push(
            "BEGIN and COMMIT are not counted as statements. The round trip of COMMIT is counted.".to_owned(),
        );
    }
    if runs.len() > 1 && !runs.iter().any(|run| run.way == Way::Objects(Strategy::Immediate)) {
        notes.push(
            "immediate sends the same statements as lazy. It runs only with --strategy all.".to_owned(),
        );
    }
    for note in notes {
        println!("{}", wrapped(&note, 2).dimmed());
    }
}
