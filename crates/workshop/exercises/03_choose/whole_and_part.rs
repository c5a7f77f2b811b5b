//! # 12. The whole and the part
//!
//! A page of customers: the number of all their orders, the number of the open ones, and the total of the open ones.
//! Its lines are right. The query loads the orders. Then the page queries the open orders again, for one customer after
//! the other.
//!
//! - **Predict**: there are two obvious ways out. Load everything, with the items, and filter in Rust: how many rows
//!   would that read, for 7 customers with 28 orders and 70 items? Or load a part of the orders instead of all: what
//!   would `customer.orders()?.len()` be then, and what would it cost? Write it down. Then run: `main` shows both.
//! - **Edit**: `page`. A load path accepts a part of a relation, too, and a query can load both: the whole, and beside
//!   it `Customer::ORDERS.filter(…)` with the items of those. The part is stored separately. `customer.orders.part()` is
//!   `Some` if the query loaded a part, even if no row matched, and `None` if it did not.
//! - **Done** when it sends at most 4 statements at every size, and reads no item of an order that is not open.
//!
//! Chapter: `book/src/choose.md`
//!
//! Fails with: `expected at most 4 statements, ran 12`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    open: i64,
    due: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;

    let mut lines = Vec::new();
    for customer in &customers {
        // TODO: have the query above load these, and take them from the customer.
        let open = session.all(
            Order::select()
                .filter(Order::CUSTOMER_ID.eq(customer.id))
                .filter(Order::STATUS.eq("open"))
                .with(selectin(Order::ITEMS)),
        )?;
        lines.push(Line {
            name: customer.first_name.clone(),
            orders: customer.orders()?.len() as i64,
            open: open.len() as i64,
            due: total(&open)?,
        });
    }
    Ok(lines)
}

/// Returns the total of some orders, in cents.
fn total(orders: &[Order]) -> Result<i64> {
    let mut total = 0;
    for order in orders {
        for item in order.items()? {
            total += item.quantity * item.unit_price;
        }
    }
    Ok(total)
}

fn main() -> Result<()> {
    show_for(7, page)?;
    the_two_other_ways(&shop(7))
}

/// Shows what you predicted.
fn the_two_other_ways(session: &Session) -> Result<()> {
    let tally = session.tally();
    session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?;
    println!("\neverything, for 7 customers:      {} rows read", tally.rows());

    // Any part would do: this one is the first order of each customer.
    let part = Customer::ORDERS.limit_each(1);
    let customers = session.all(Customer::select().with(selectin(part)))?;
    let tally = session.tally();
    let orders = customers.iter().map(|customer| Ok(customer.orders()?.len()));
    let orders = orders.collect::<Result<Vec<_>>>()?;
    let sent = eagerly::numbers::counted(tally.statements(), "statement");
    println!("`orders()?.len()` beside a part:  {orders:?}, by {sent}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id AND status = 'open') AS open,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM orders JOIN order_items ON order_id = orders.id
                WHERE customer_id = customers.id AND status = 'open') AS due
        FROM customers ORDER BY id";

    /// Each customer, each order, each open order once more, and the items of those.
    const ROWS: &str = "
        SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM orders)
            + (SELECT count(*) FROM orders WHERE status = 'open')
            + (SELECT count(*) FROM orders JOIN order_items ON order_id = orders.id WHERE status = 'open') AS number";

    #[derive(FromRow)]
    struct Rows {
        number: i64,
    }

    #[test]
    fn few_statements_and_few_rows_at_every_size() {
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let rows = truth::<Rows>(&session, ROWS)[0].number as u64;
            let lines = expect_at_most(&session, 4, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_objects(&session, || page(&session));
            expect_rows_read(&session, rows, || page(&session));
        }
    }
}
