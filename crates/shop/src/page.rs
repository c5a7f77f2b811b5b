//! The admin page: each customer with the number of orders and the total spend.
//!
//! [`rows`] builds the page from objects, with any loading strategy; the caller's query chooses the strategy.
//! [`loaded_rows`] requires loaded relations by type. [`report`] needs no objects, only one SQL statement.

use eagerly::{Error, FromRow, Loaded, Loads, Result, Session};

use crate::models::{Customer, Order, OrderItem, customer, order};

/// A line of the page: one customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct PageRow {
    /// The given name.
    pub first_name: String,
    /// The family name.
    pub last_name: String,
    /// The number of orders.
    pub orders: i64,
    /// The total price of all orders, in cents.
    pub total: i64,
}

/// Builds the page from objects. Accessing an unloaded relation sends a statement.
///
/// # Errors
/// Fails if a relation cannot be loaded, or if a total does not fit in 64 bits.
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

/// Builds the page from objects whose type proves that orders and items are loaded. Never sends a statement.
///
/// # Errors
/// Fails if a total does not fit in 64 bits.
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

/// Adds the price of an item to a total. Returns `None` on overflow.
fn with_price_of(item: &OrderItem, total: i64) -> Option<i64> {
    total.checked_add(item.quantity.checked_mul(item.unit_price)?)
}

fn too_large(customer: &Customer) -> Error {
    Error::other(format!(
        "cannot add up the orders of customer {}: the total does not fit in 64 bits\n  help: look for an item whose quantity or unit_price is too large",
        customer.id
    ))
}

/// The same page as one SQL statement.
///
/// The statement computes each aggregate in its own subquery. One join over both would count an order once
/// for each of its items. The statement sums the items per order first, in index order, so SQLite sorts only
/// one row per order by customer.
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

/// Builds the page with the SQL statement [`REPORT`], without objects.
///
/// # Errors
/// Fails if the database fails, or if a total does not fit in 64 bits.
#[track_caller]
pub fn report(session: &Session) -> Result<Vec<PageRow>> {
    session.query(REPORT, [])
}
