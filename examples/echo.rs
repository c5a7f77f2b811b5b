//! Echo: watch the SQL of a page that looks innocent.
//!
//!     cargo run --release --example echo
//!
//! Before you run it: the shop has 30 customers with 10 orders each in the mean. How many statements does the page
//! send? Write it down. Then read what is printed, on standard error: one line for each statement, with the line of
//! code that caused it. From the 21st of a shape on, they are only counted.

use anyhow::Result;
use clap::Parser;
use eagerly::Session;
use shop::{Customer, Size, data, page};

/// Prints every statement of the page
#[derive(Parser)]
struct Options {
    /// How many customers
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    customers: u32,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let session = Session::in_memory()?;
    let size = Size {
        customers: options.customers,
        ..Size::default()
    };
    data::fill(&session, &size, |_| {})?;

    session.echo(true);
    page::rows(&session.all(Customer::select())?)?;
    session.echo(false);
    Ok(())
}
