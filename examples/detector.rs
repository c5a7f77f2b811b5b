//! The detector: what loads too often, what loads for nothing, and which line to change.
//!
//!     cargo run --release --example detector
//!
//! It does not guess. Each statement that an accessor sends is known to be for one row of one query's result; a second
//! row of the same result that needs one makes an N+1. The fix is named with the line where it belongs: where the
//! parents were queried, which is not where it hurts.

use anyhow::Result;
use eagerly::{FromRow, Result as DatabaseResult, Session, params, selectin};
use eagerly_watch::Detector;
use shop::{Customer, Order, Size, data, page};

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    heading("The page, as it is");
    let detector = Detector::attach(&session);
    page::rows(&session.all(Customer::select())?)?;
    println!("{}", detector.report());

    heading("With the line that it says");
    let detector = Detector::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    println!("{}", detector.report());

    heading("Too much of a good thing: nobody reads the items");
    let detector = Detector::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    for customer in &session.all(Customer::select().with(path))? {
        customer.orders()?;
    }
    println!("{}", detector.report());

    heading("Raw SQL in a loop: no more than a hint");
    let detector = Detector::attach(&session);
    for customer in [1, 2, 3, 4, 5, 5] {
        orders_of(&session, customer)?;
    }
    println!("{}", detector.report());

    heading("In a test: the second statement is an error");
    let detector = Detector::refusing(&session);
    if let Err(error) = page::rows(&session.all(Customer::select())?) {
        println!("{error}");
    }
    drop(detector);
    Ok(())
}

#[derive(FromRow)]
struct Count {
    #[row(column = "count")]
    _orders: i64,
}

fn orders_of(session: &Session, customer: i64) -> DatabaseResult<Vec<Count>> {
    let sql = "SELECT count(*) AS count FROM orders WHERE customer_id = ?1";
    session.query(sql, params![customer])
}

fn heading(text: &str) {
    println!("\n== {text}");
}
