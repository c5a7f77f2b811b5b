//! A part of a relation is loaded eagerly, and the items below it are not.

use eagerly::{RelationExt as _, Result, Session, selectin};
use shop::{Customer, Order};

/// Returns the number of items in open orders.
pub fn open_items(session: &Session) -> Result<usize> {
    let open = selectin(Customer::ORDERS.filter(Order::STATUS.eq("open")));
    let customers = session.all(Customer::select().with(open))?;
    let mut items = 0;
    for customer in &customers {
        for order in customer.orders.part().unwrap_or_default() {
            items += order.items()?.len();
        }
    }
    Ok(items)
}
