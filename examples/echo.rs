//! Echo: prints every statement of a page whose code shows no SQL.
//!
//!     cargo run --release --example echo
//!
//! There are 30 customers, with 10 orders each on average. First write down how many statements you expect.
//! Standard error shows each statement with the line of code that caused it. After 20 statements of one shape
//! (the same text with other values), the rest are only counted.
//!
//! In your own program, `session.echo(true)` prints the same, one line for each statement. Here, long lines are broken at
//! the width of the terminal.

use std::io::stderr;
use std::rc::Rc;

use anyhow::Result;
use clap::Parser;
use eagerly::{Echo, Session};
use shop::{Customer, Size, data, page};
use terminal::Fitting;

/// Prints every statement of the page
#[derive(Parser)]
struct Options {
    /// Number of customers
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    customers: u32,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let session = Session::in_memory()?;
    let size = Size { customers: options.customers, ..Size::default() };
    data::fill(&session, &size, |_| {})?;

    let echo = session.observe(Rc::new(Echo::to(Fitting::new(stderr()))));
    page::rows(&session.all(Customer::select())?)?;
    drop(echo);
    Ok(())
}
