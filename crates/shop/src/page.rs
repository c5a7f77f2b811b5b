//! The admin page: each customer with the number of orders and the total spend.
//!
//! [`rows`] builds the page from objects, with any loading strategy; the caller's query chooses the strategy.
//! [`loaded_rows`] requires loaded relations by type. [`with_totals`] sums in SQL, [`report`] needs no objects.

use eagerly::{Error, FromRow, Loaded, Loads, RelationExt as _, Result, Session, selectin};

use crate::models::{Customer, Order, OrderItem, customer, order};

/// A line of the page: one customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, FromRow)]
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
        let mut total = 0;
        for order in orders {
            for item in order.items()? {
                total += price(item)?;
            }
        }
        rows.push(line(customer, orders.len(), total)?);
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
        let mut total = 0;
        for order in orders {
            for item in order.get(Order::ITEMS) {
                total += price(&item)?;
            }
        }
        rows.push(line(&customer, orders.len(), total)?);
    }
    Ok(rows)
}
// ANCHOR_END: loaded

/// Returns the price of an item, in cents. It fits in 64 bits, and its type is wider, so a sum of prices cannot overflow.
fn price(item: &OrderItem) -> Result<i128> {
    let price = item.quantity.checked_mul(item.unit_price).map(i128::from);
    price.ok_or_else(|| {
        Error::other(format!(
            "cannot compute the price of order item {}: it does not fit in 64 bits\n  help: correct its quantity or its unit_price",
            item.id
        ))
    })
}

/// Returns the line of a customer, if the total fits in 64 bits.
fn line(customer: &Customer, orders: usize, total: i128) -> Result<PageRow> {
    let total = i64::try_from(total).map_err(|_| {
        Error::other(format!(
            "cannot add up the orders of customer {}: the total does not fit in 64 bits\n  help: look for an item whose quantity or unit_price is too large",
            customer.id
        ))
    })?;
    let (first_name, last_name) = (customer.first_name.clone(), customer.last_name.clone());
    Ok(PageRow { first_name, last_name, orders: orders as i64, total })
}

/// Builds the page from objects and a sum: loads the customers with their orders, and computes the totals in the database
/// by one more statement. So it sends three statements, and reads no items.
///
/// # Errors
/// Fails if the database fails, or if a total does not fit in 64 bits.
// ANCHOR: totals
#[track_caller]
pub fn with_totals(session: &Session) -> Result<Vec<PageRow>> {
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
    let spent = Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE));
    let totals = session.figures(&customers, spent)?;
    let lines = customers.iter().zip(totals);
    lines.map(|(customer, total)| line(customer, customer.orders()?.len(), total.into())).collect()
}
// ANCHOR_END: totals

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
