//! Typed views: accessing a relation that was not loaded is a compile error.
//!
//!     cargo run --release --example typed_views
//!
//! In other ORMs, accessing an unloaded relation sends a statement, raises an exception or returns an empty
//! list. Here the load path is part of the type of the result. To see the error, remove
//! `.selectin(Order::ITEMS)` from `report` below and build again. The compiler reports that `Items` is not
//! loaded by this query.

use anyhow::Result;
use eagerly::numbers::count;
use eagerly::{Loads, Session, View, joined, selectin};
use shop::{Customer, Order, Size, customer, data, order};
use terminal::println;

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    let size = Size { customers: 4, ..Size::default() };
    data::fill(&session, &size, |_| {})?;
    report(&session)?;
    side_by_side(&session)?;
    part(&session)
}

/// Prints what each customer spent. The loop has no `?`: nothing in it can send a statement.
fn report(session: &Session) -> Result<()> {
    let tally = session.tally();
    let customers = session.load(Customer::select(), selectin(Customer::ORDERS).selectin(Order::ITEMS))?;
    println!("== Customers with orders and items: {} statements", tally.statements());
    for customer in &customers {
        println!(
            "{:>3} orders {:>10} cents  {} {}",
            customer.get(Customer::ORDERS).len(),
            count(spent(customer).unsigned_abs()),
            customer.first_name,
            customer.last_name,
        );
    }
    println!("after the loops: {} statements\n", tally.statements());
    Ok(())
}

/// Returns what a customer spent, in cents. The signature requires that orders and items are loaded.
fn spent(customer: View<'_, Customer, impl Loads<customer::Orders, Below: Loads<order::Items>>>) -> i64 {
    let orders = customer.get(Customer::ORDERS);
    let items = orders.iter().flat_map(|order| order.get(Order::ITEMS));
    items.map(|item| item.quantity * item.unit_price).sum()
}

/// Loads two relations of each order: the path is a tuple. For a belongs-to relation, `get` returns one row.
fn side_by_side(session: &Session) -> Result<()> {
    let tally = session.tally();
    let path = (joined(Order::CUSTOMER), selectin(Order::ITEMS));
    let orders = session.load(Order::select().limit(3), path)?;
    println!("== Three orders with customer and items: {} statements", tally.statements());
    for order in &orders {
        println!(
            "order {} of {}: {} items",
            order.id,
            order.get(Order::CUSTOMER).first_name,
            order.get(Order::ITEMS).len()
        );
    }
    println!();
    Ok(())
}

/// Loads a part of a relation (some of its rows), which has a type of its own.
/// `customer.get(Customer::ORDERS)` would claim all orders, so it does not compile here.
fn part(session: &Session) -> Result<()> {
    use eagerly::RelationExt as _;

    let tally = session.tally();
    let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(2);
    let customers = session.load(Customer::select(), selectin(latest))?;
    println!("== The latest two orders of each: {} statements", tally.statements());
    for customer in &customers {
        let days: Vec<_> = customer
            .get_part(Customer::ORDERS)
            .iter()
            .map(|order| order.placed_on.as_str().to_owned())
            .collect();
        println!("{}: {}", customer.first_name, days.join(", "));
    }
    Ok(())
}
