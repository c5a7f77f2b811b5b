//! The detector: finds N+1 and unused eager loads, and names the line to change.
//!
//!     cargo run --release --example detector
//!
//! It does not guess. For each lazy statement it records the row that needs it and the query that loaded the
//! row. A second such row of one query makes an N+1. The report names the line to change: where the parents
//! were queried, not where the relation is accessed.

use anyhow::Result;
use eagerly::{FromRow, Result as DatabaseResult, Session, params, selectin};
use eagerly_watch::Detector;
use shop::{Customer, Order, Size, data, page};
use terminal::{fitted, println};

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    data::fill(&session, &Size::default(), |_| {})?;

    heading("The page, unchanged");
    let detector = Detector::attach(&session);
    page::rows(&session.all(Customer::select())?)?;
    println!("{}", fitted(&detector.report().to_string()));

    heading("With the suggested fix");
    let detector = Detector::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)?;
    println!("{}", fitted(&detector.report().to_string()));

    heading("Unused eager load: the items are never read");
    let detector = Detector::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    for customer in &session.all(Customer::select().with(path))? {
        customer.orders()?;
    }
    println!("{}", fitted(&detector.report().to_string()));

    heading("Raw SQL in a loop: hints only");
    let detector = Detector::attach(&session);
    for customer in [1, 2, 3, 4, 5, 5] {
        orders_of(&session, customer)?;
    }
    println!("{}", fitted(&detector.report().to_string()));

    heading("In a test: the second statement is an error");
    let detector = Detector::refusing(&session);
    if let Err(error) = page::rows(&session.all(Customer::select())?) {
        println!("{}", fitted(&error.to_string()));
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
