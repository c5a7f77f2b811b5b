//! The admin page: customers with their number of orders and total spend.
//!
//! [`rows`] is the page's code, and it is the same whichever way the customers were loaded: that choice is made
//! where they are queried. [`loaded_rows`] demands it by type. [`report`] has no objects: it is one SQL statement.

use eagerly::{Error, FromRow, Loaded, Loads, Result, Session};

use crate::models::{Customer, Order, OrderItem, customer, order};

/// A line of the page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct PageRow {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// How many orders.
    pub orders: i64,
    /// What they come to, in cents.
    pub total: i64,
}

/// The page, over objects. It sends a statement for each relation that is not loaded.
///
/// # Errors
/// If a relation cannot be loaded, or a total does not fit in 64 bits.
// ANCHOR: page
pub fn rows(customers: &[Customer]) -> Result<Vec<PageRow>> {
    let mut rows = Vec::new();
    for customer in customers {
        let orders = customer.orders()?;
        let mut total = 0_i64;
        for order in orders {
            for item in order.items()? {
                total = with_price_of(item, total).ok_or_else(|| too_large(customer))?;
            }
        }
        rows.push(PageRow {
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            orders: orders.len() as i64,
            total,
        });
    }
    Ok(rows)
}
// ANCHOR_END: page

/// The page over rows whose orders and items were loaded, by type: no statement, wherever it is called.
///
/// # Errors
/// If a total does not fit in 64 bits.
// ANCHOR: loaded
pub fn loaded_rows(
    customers: &Loaded<Customer, impl Loads<customer::Orders, Below: Loads<order::Items>>>,
) -> Result<Vec<PageRow>> {
    let mut rows = Vec::new();
    for customer in customers {
        let orders = customer.get(Customer::ORDERS);
        let mut total = 0_i64;
        for order in orders {
            for item in order.get(Order::ITEMS) {
                total = with_price_of(&item, total).ok_or_else(|| too_large(&customer))?;
            }
        }
        rows.push(PageRow {
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            orders: orders.len() as i64,
            total,
        });
    }
    Ok(rows)
}
// ANCHOR_END: loaded

/// A total and the price of one more item; `None` if that does not fit.
fn with_price_of(item: &OrderItem, total: i64) -> Option<i64> {
    total.checked_add(item.quantity.checked_mul(item.unit_price)?)
}

fn too_large(customer: &Customer) -> Error {
    Error::other(format!(
        "adding up the orders of customer {}: the total does not fit in 64 bits\n  what to do: look for an item with an absurd quantity or unit_price",
        customer.id
    ))
}

/// The same page as one SQL statement. Each figure is reckoned for itself, so that no row is counted twice. Items are
/// added up per order first, in the order of their index: only a row for each order has to be sorted by customer.
pub const REPORT: &str = "\
SELECT c.first_name, c.last_name,
    (SELECT count(*) FROM orders WHERE customer_id = c.id) AS orders,
    coalesce(spent.total, 0) AS total
FROM customers AS c
LEFT JOIN (
    SELECT orders.customer_id, sum(i.total) AS total
    FROM (
        SELECT order_id, sum(quantity * unit_price) AS total FROM order_items GROUP BY order_id
    ) AS i
    JOIN orders ON orders.id = i.order_id
    GROUP BY orders.customer_id
) AS spent ON spent.customer_id = c.id
ORDER BY c.id";

/// The page, by SQL.
///
/// # Errors
/// If the database fails, or a total does not fit in 64 bits.
#[track_caller]
pub fn report(session: &Session) -> Result<Vec<PageRow>> {
    session.query(REPORT, [])
}
