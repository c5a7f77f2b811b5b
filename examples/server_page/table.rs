//! The table with a row for each way, and the notes below it.

use eagerly::Strategy;
use eagerly::numbers::{count, time};
use owo_colors::OwoColorize as _;
use terminal::{println, say, wrapped};

use crate::database::Database;
use crate::runs::Run;
use crate::screen::{NONE, print_error, print_figures, print_page};
use crate::ways::Way;

/// Prints a table with one row for each way.
pub fn print_table(runs: &[Run], database: &Database) {
    let rows = runs.iter().map(|run| {
        [
            run.way.title().to_owned(),
            count(run.statements),
            run.calls().map_or(NONE.to_owned(), count),
            run.wire.as_ref().map_or(NONE.to_owned(), |wire| count(wire.statements)),
            count(run.round_trips),
            // An error is no page, so it has no time.
            run.server_time().filter(|_| run.error.is_none()).map_or(NONE.to_owned(), time),
            if run.error.is_some() { "error".to_owned() } else { time(run.measured) },
        ]
    });
    print_figures(["way", "session", "server", "wire", "trips", "worked", "measured"], rows);
    print_notes(runs, database);
}

fn print_notes(runs: &[Run], database: &Database) {
    let pages: Vec<_> = runs.iter().filter(|run| run.error.is_none()).collect();
    let whole: Vec<_> = pages.iter().filter(|run| run.way.has_totals()).collect();
    if let Some(first) = whole.first() {
        print_page(first.lines, &first.checksum, whole.len());
    }
    for run in pages.iter().filter(|run| !run.way.has_totals()) {
        say(&format!("{}: another page, without totals.", run.way.title()), 2);
    }
    let of = |strategy| pages.iter().find(|run| run.way == Way::Objects(strategy));
    if let (Some(lazy), Some(selectin)) = (of(Strategy::Lazy), of(Strategy::Selectin)) {
        let ratio = lazy.measured.as_secs_f64() / selectin.measured.as_secs_f64();
        println!("  lazy takes {} as long as selectin.", format!("{ratio:.0} times").bold());
    }
    for run in runs {
        if let Some(error) = &run.error {
            print_error(run.way.name(), error);
        }
    }
    let by_server = "by the server (pg_stat_statements)";
    let by_proxy = "by the proxy, which reads them on the wire";
    let counters = match (&database.statistics, &database.wire) {
        (Ok(_), Some(_)) => Some(format!("three times: by the session, {by_server}, and {by_proxy}")),
        (Ok(_), None) => Some(format!("twice: by the session and {by_server}")),
        (Err(_), Some(_)) => Some(format!("twice: by the session and {by_proxy}")),
        (Err(_), None) => None,
    };
    let mut notes: Vec<_> =
        counters.map(|counters| format!("The statements were counted {counters}.")).into_iter().collect();
    notes.push("`trips` are round trips. `worked` is the time of the server.".to_owned());
    if let Err(reason) = &database.statistics {
        notes.push(format!("The count and the time of the server are not shown: {reason}."));
    }
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
