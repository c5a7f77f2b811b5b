//! Advice: what each strategy would cost for the recorded data.
//!
//!     cargo run --release --example advice
//!
//! A recording counts the parents and the related rows of each relation, and measures their size. From that
//! it computes what each strategy sends and reads. A join to many rows repeats the parent with each of them.
//! A join to one row repeats little.

use anyhow::Result;
use eagerly::Session;
use eagerly_watch::Recording;
use shop::{Customer, Order, Size, data, page};
use terminal::println;

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    println!("== Customers with their orders and items\n");
    let recording = Recording::start(&session);
    page::rows(&session.all(Customer::select())?)?;
    println!("{}\n", recording.advice());

    println!("== Orders with their customer\n");
    let recording = Recording::start(&session);
    for order in &session.all(Order::select())? {
        order.customer()?;
    }
    println!("{}", recording.advice());
    Ok(())
}
