//! A relation to one row: the customer of each order. The query has a line for each of its methods.

use eagerly::*;
use shop::Order;

/// Returns the names on the newest orders.
pub fn names(session: &Session) -> Result<Vec<String>> {
    let orders = session.all(
        Order::select()
            .filter(Order::STATUS.eq("open"))
            .order_by(Order::ID.desc()) // the newest first
            .limit(10),
    )?;
    orders.iter().map(|order| Ok(order.customer()?.last_name.clone())).collect()
}
