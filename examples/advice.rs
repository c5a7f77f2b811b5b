//! Advice by the shape of the data: what each strategy would cost for what you have.
//!
//!     cargo run --release --example advice
//!
//! A recording knows, for each relation, how many parents there were, how many rows they led to, and how wide those
//! are. From that it reckons what `lazy`, `selectin` and `joined` send and read. To many rows, a join repeats the
//! parent with each; to one row, it repeats little.

use anyhow::Result;
use eagerly::Session;
use eagerly_watch::Recording;
use shop::{Customer, Order, Size, data, page};

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
