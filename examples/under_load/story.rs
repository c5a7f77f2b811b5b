//! The output for people: a heading, a table, and what it shows. Each sentence about the run depends on what the run
//! measured.

use comfy_table::{CellAlignment, Table, presets};
use eagerly::Strategy;
use eagerly::numbers::{count, counted, time};
use owo_colors::OwoColorize as _;
use shop_server::load::{Level, Pool};
use terminal::{println, say, wrapped};

use crate::Options;
use crate::database::Database;
use crate::screen::{NONE, chapter, indented};

/// The number of columns of the table.
const COLUMNS: usize = 9;

pub fn print_heading(database: &Database, pool: &Pool, options: &Options) {
    let [customers, orders, items] = database.rows();
    println!("{}", "The admin page under load: many users share a pool of connections".bold());
    say(
        &format!(
            "{} customers, {} orders, {} items, in PostgreSQL {}. The page lists the first {}.",
            count(customers),
            count(orders),
            count(items),
            database.server.version(),
            counted(pool.lines, "customer"),
        ),
        0,
    );
    let way = match &database.proxy {
        None => "without a proxy".to_owned(),
        Some(proxy) => format!(
            "through a proxy that adds a round trip: {} requested, {} measured (median)",
            time(proxy.round_trip()),
            time(proxy.measured())
        ),
    };
    say(&format!("The pool has {}, {way}.", counted(options.connections.into(), "connection")), 0);
    say("Each user sends the next request as soon as the page is there (a closed loop).", 0);
}

/// Prints the table and what it shows.
pub fn print(pool: &Pool, levels: &[Level]) {
    chapter("Every number of users, measured");
    print_table(levels);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    for note in [
        format!("Each request returned the same page: checksum {}.", pool.checksum),
        "p50, p99: the times of a page that 50 % and 99 % of the pages do not exceed.".to_owned(),
        "wait: the part of that time in which it waits for a connection, on average.".to_owned(),
        "busy: the number of connections that pages hold at the same time, on average.".to_owned(),
        "CPU: the number of processors that the server keeps busy, on average.".to_owned(),
        format!(
            "The users, the proxy and the server share {} here. So with many users, a statement can take longer than the \
             round trip.",
            counted(processors as u64, "processor")
        ),
    ] {
        println!("{}", wrapped(&note, 2).dimmed());
    }
    print_lesson(levels);
}

fn print_table(levels: &[Level]) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header::<[&str; COLUMNS]>([
        "users",
        "way",
        "pages\nper s",
        "statements\nper s",
        "p50",
        "p99",
        "wait",
        "busy",
        "CPU",
    ]);
    for level in levels {
        let first = levels.iter().find(|other| other.users == level.users);
        let is_first = first.is_some_and(|first| std::ptr::eq(first, level));
        table.add_row([
            if is_first { level.users.to_string() } else { String::new() },
            level.way.to_owned(),
            rate(level.pages_per_second()),
            rate(level.statements_per_second()),
            time(level.median),
            time(level.p99),
            time(level.waiting),
            format!("{:.1}", level.busy),
            level.processors().map_or(NONE.to_owned(), |used| format!("{used:.2}")),
        ]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        if index != 1 {
            column.set_cell_alignment(CellAlignment::Right);
        }
        // The default is a space on both sides, which would make the table wider than the screen.
        column.set_padding((1, if index + 1 == COLUMNS { 1 } else { 0 }));
    }
    println!("{}", indented(&table));
}

/// Prints what a page costs, and what follows for the number of pages. Compares `lazy` with `selectin`.
fn print_lesson(levels: &[Level]) {
    let Some(most) = levels.iter().map(|level| level.users).max() else { return };
    chapter(&format!("The cost of a page, with {} (measured)", counted(most.into(), "user")));
    let last: Vec<_> = levels.iter().filter(|level| level.users == most).collect();
    for level in &last {
        let worked =
            level.cpu_of_page().map(|cpu| format!(" The server works on it for {} of CPU time.", time(cpu)));
        let text = format!(
            "{}: {}. A page holds a connection for {} on average.{}",
            level.way,
            counted(level.statements, "statement"),
            time(level.held),
            worked.unwrap_or_default(),
        );
        say(&text, 2);
    }
    let of = |strategy: Strategy| last.iter().find(|level| level.way == strategy.name());
    if let (Some(lazy), Some(selectin)) = (of(Strategy::Lazy), of(Strategy::Selectin)) {
        let ratio = selectin.pages_per_second() / lazy.pages_per_second();
        say(
            &format!("Over the same connections, selectin serves {ratio:.0} times as many pages as lazy."),
            2,
        );
        if let (Some(cpu), true) = (lazy.processors(), lazy.waiting > lazy.held) {
            say(
                &format!(
                    "By lazy, pages hold {:.1} connections, and the server keeps {cpu:.2} processors busy. A lazy page does \
                     not only wait. It holds a connection while it waits, so the other users wait, too.",
                    lazy.busy
                ),
                2,
            );
        }
    }
}

/// Returns a number per second with about three digits.
fn rate(number: f64) -> String {
    match number < 99.95 {
        true => format!("{number:.1}"),
        false => count(number.round() as u64),
    }
}
