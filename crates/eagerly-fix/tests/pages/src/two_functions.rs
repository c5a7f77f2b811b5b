//! The query is in one function, and the loop is in another.

use eagerly::{Result, Session};
use shop::Customer;

fn customers(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select().limit(20))
}

fn pieces(customers: &[Customer]) -> Result<i64> {
    let mut pieces = 0;
    for customer in customers {
        for order in customer.orders()? {
            pieces += order.items()?.iter().map(|item| item.quantity).sum::<i64>();
        }
    }
    Ok(pieces)
}

/// Returns the number of pieces that customers have ordered.
pub fn ordered(session: &Session) -> Result<i64> {
    pieces(&customers(session)?)
}
