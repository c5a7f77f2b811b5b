//! The figures as one JSON object. The rates, times, connections and CPU times are measured.

use anyhow::Result;
use serde::Serialize;
use shop_server::load::{Level, Pool};
use terminal::println;

use crate::Options;
use crate::database::Database;
use crate::screen::milliseconds;

#[derive(Serialize)]
struct Report<'a> {
    database: String,
    /// The numbers of rows in the shop.
    customers: u64,
    orders: u64,
    items: u64,
    /// The number of customers on the page.
    lines: u64,
    checksum: &'a str,
    connections: u16,
    /// The value of `--round-trip`.
    round_trip_ms: f64,
    /// The median that the proxy measured at its start. Null without a proxy.
    round_trip_measured_ms: Option<f64>,
    levels: Vec<ReportedLevel<'a>>,
}

#[derive(Serialize)]
struct ReportedLevel<'a> {
    users: u16,
    strategy: &'a str,
    /// The number of statements of one page.
    statements: u64,
    /// The number of pages that were finished in `seconds`.
    pages: u64,
    seconds: f64,
    pages_per_second: f64,
    statements_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// The time in which a request waits for a connection, on average.
    waiting_ms: f64,
    /// The time in which a page holds a connection, on average.
    held_ms: f64,
    /// The number of connections that are held at once, on average.
    busy: f64,
    /// Seconds of the server's CPU time per second. Null if the system does not report it.
    server_cpu: Option<f64>,
    server_cpu_ms_per_page: Option<f64>,
}

/// Prints the results as one JSON object.
pub fn print(database: &Database, pool: &Pool, options: &Options, levels: &[Level]) -> Result<()> {
    let [customers, orders, items] = database.rows();
    let report = Report {
        database: format!("PostgreSQL {}", database.server.version()),
        customers,
        orders,
        items,
        lines: pool.lines,
        checksum: &pool.checksum,
        connections: options.connections,
        round_trip_ms: milliseconds(options.round_trip),
        round_trip_measured_ms: database.proxy.as_ref().map(|proxy| milliseconds(proxy.measured())),
        levels: levels.iter().map(reported).collect(),
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn reported(level: &Level) -> ReportedLevel<'_> {
    ReportedLevel {
        users: level.users,
        strategy: level.way,
        statements: level.statements,
        pages: level.pages,
        seconds: level.time.as_secs_f64(),
        pages_per_second: level.pages_per_second(),
        statements_per_second: level.statements_per_second(),
        p50_ms: milliseconds(level.median),
        p99_ms: milliseconds(level.p99),
        waiting_ms: milliseconds(level.waiting),
        held_ms: milliseconds(level.held),
        busy: level.busy,
        server_cpu: level.processors(),
        server_cpu_ms_per_page: level.cpu_of_page().map(milliseconds),
    }
}
