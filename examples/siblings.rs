//! Siblings: two collections of the same parent multiply when one statement joins both.
//!
//!     cargo run --release --example siblings
//!
//! Each customer has orders and notes. The join pairs each order with each note; the pairs mean nothing.

use anyhow::Result;
use eagerly::numbers::count;
use eagerly::{Entity, HasMany, LoadPath, Session, joined, selectin};
use terminal::println;

#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<Order>,
    #[entity(foreign_key = "customer_id")]
    notes: HasMany<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    customer_id: i64,
}

const CUSTOMERS: i64 = 100;

fn main() -> Result<()> {
    println!("{CUSTOMERS} customers; \"each\" is the number of orders and of notes per customer");
    println!("  each   joined, joined      selectin, selectin    joined, selectin");
    for each in [1, 5, 10, 50] {
        let session = filled(each)?;
        let figures = [
            read(&session, (joined(Customer::ORDERS), joined(Customer::NOTES)))?,
            read(&session, (selectin(Customer::ORDERS), selectin(Customer::NOTES)))?,
            read(&session, (joined(Customer::ORDERS), selectin(Customer::NOTES)))?,
        ];
        let cells = figures.map(|(statements, rows)| format!("{statements} × {:>7} rows", count(rows)));
        println!("  {each:>4}   {}      {}      {}", cells[0], cells[1], cells[2]);
    }
    Ok(())
}

/// Returns the numbers of statements and rows of a query that loads orders and notes.
fn read(session: &Session, path: impl LoadPath<Customer>) -> Result<(u64, u64)> {
    let tally = session.tally();
    let customers = session.all(Customer::select().with(path))?;
    let related = customers.iter().map(|customer| Ok(customer.orders()?.len() + customer.notes()?.len()));
    let related: usize = related.sum::<eagerly::Result<_>>()?;
    assert_eq!(related as u64, session.count(Order::select())? + session.count(Note::select())?);
    Ok((tally.statements() - 2, tally.rows() - 2))
}

fn filled(each: i64) -> Result<Session> {
    let session = Session::in_memory()?;
    session.create_tables::<(Customer, Order, Note)>()?;
    session.insert_all((1..=CUSTOMERS).map(|id| Customer {
        id,
        name: format!("customer {id}"),
        orders: HasMany::default(),
        notes: HasMany::default(),
    }))?;
    let owners = || (0..CUSTOMERS * each).map(move |place| 1 + place / each);
    session.insert_all(owners().map(|customer_id| Order { id: 0, customer_id }))?;
    session.insert_all(owners().map(|customer_id| Note { id: 0, customer_id }))?;
    Ok(session)
}
