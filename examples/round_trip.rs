//! The round trip: what the same page costs when the database is a server.
//!
//!     cargo run --release --example round_trip
//!
//! SQLite runs in this process, where one statement of an N+1 takes microseconds. Over a network each
//! statement also makes a round trip. A session can model that as statements × round trip. The *modelled*
//! time is never added to the *measured* time. A session can also really wait, for a demonstration.

use std::time::{Duration, Instant};

use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::{count, time};
use eagerly::{LoadPath, Network, Session, Strategy, by};
use shop::{Customer, Order, Size, data, page};
use terminal::{println, say};

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    let mut headings = vec!["".to_owned(), "statements".to_owned(), "measured".to_owned()];
    headings.extend(Network::PRESETS.map(|(name, network)| {
        format!("{}\n{}", name.replace("a ", "").replace(' ', "\n"), time(network.round_trip()))
    }));
    table.set_header(headings);
    for strategy in [Strategy::Lazy, Strategy::Selectin] {
        let (statements, measured) = run(&session, strategy)?;
        let mut cells = vec![strategy.to_string(), count(statements), time(measured)];
        cells.extend(Network::PRESETS.map(|(_, network)| time(network.modelled(statements))));
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    say("3,000 customers, in memory: measured, and modelled (statements × round trip).", 0);
    println!("{table}\n");

    let small = Session::in_memory()?;
    let size = Size { customers: 30, ..Size::default() };
    data::fill(&small, &size, |_| {})?;
    small.model_network(Some(Network::BETWEEN_ZONES.waiting()));
    println!("A page of 30 customers, where every statement really waits for 1 ms:");
    for strategy in [Strategy::Lazy, Strategy::Selectin] {
        let (statements, measured) = run(&small, strategy)?;
        let statements = count(statements);
        println!(
            "  {:<8}  {statements:>3} statements  {} measured, with the wait",
            strategy.name(),
            time(measured)
        );
    }
    Ok(())
}

/// Returns the number of statements and the measured time of the page.
fn run(session: &Session, strategy: Strategy) -> Result<(u64, Duration)> {
    let tally = session.tally();
    let start = Instant::now();
    let customers = session.all(Customer::select().with(path(strategy)))?;
    page::rows(&customers)?;
    Ok((tally.statements(), start.elapsed()))
}

fn path(strategy: Strategy) -> impl LoadPath<Customer> {
    by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS)
}
