//! Eager loads that are never read, and one that only one of two callers reads.

use eagerly::{Result, Session, joined, selectin};
use shop::{Customer, Order};

/// Returns the number of customers with an e-mail address.
pub fn reachable(session: &Session) -> Result<usize> {
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;
    Ok(customers.iter().filter(|customer| !customer.email.is_empty()).count())
}

/// Returns the orders for two callers: one needs the customers, and one does not.
pub fn orders(session: &Session) -> Result<Vec<Order>> {
    session.all(Order::select().with(joined(Order::CUSTOMER)))
}
