//! Strategy: predicts the statements that one strategy sends for the page, then counts them.
//!
//!     cargo run --release --example strategy -- selectin
//!
//! The plan is computed from the query alone, before the page sends anything. It includes SQLite's own plan
//! for each statement (`EXPLAIN QUERY PLAN`).

use anyhow::Result;
use clap::Parser;
use eagerly::numbers::{count, counted};
use eagerly::{Session, Strategy, by};
use shop::{Customer, Order, Size, data, page};
use terminal::{fitted, println};

/// Shows the statements that one strategy sends for the page
#[derive(Parser)]
struct Options {
    /// lazy, immediate, batch, selectin, subquery, joined or raise
    strategy: Strategy,
    /// Number of customers
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    customers: u32,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let strategy = options.strategy;
    let session = Session::in_memory()?;
    let size = Size { customers: options.customers, ..Size::default() };
    data::fill(&session, &size, |_| {})?;
    let path = || by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);

    let plan = Customer::select().with(path()).plan(&session)?;
    println!("{}\n", fitted(&plan.to_string()));

    let tally = session.tally();
    let lines = session.all(Customer::select().with(path())).and_then(|customers| page::rows(&customers));
    println!(
        "{}: {}, {} rows read, {} objects built",
        counted(u64::from(options.customers), "customer"),
        counted(tally.statements(), "statement"),
        count(tally.rows()),
        count(tally.objects()),
    );
    if let Err(error) = lines {
        println!("{}", fitted(&error.to_string()));
    }
    Ok(())
}
