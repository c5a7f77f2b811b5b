//! # 12. The whole and the part: why they are separate
//!
//! A filtered collection is not the collection. `customer.orders()?` returns all orders, whatever part was loaded. The
//! part is separate, in `customer.orders.part()`. If the open orders could be stored as all orders, `len()` would count
//! only the open ones, without an error or a warning. A helper in another file, which does not see the query, would
//! return a wrong number. Here, the accessor sends a statement for all orders instead: 7 for 7 customers.
//!
//! So the query loads both: the orders, to count them, and the open ones again, with their items. It takes 4 statements:
//! the customers, their orders, their open orders, and the items of those. To load all items and to filter in Rust takes
//! 3, and reads every item of every order, to use one in eight. For 7 customers, it reads 105 rows instead of 51. So
//! count the statements, and count the rows, too.
//!
//! The page uses `expect`, and not `unwrap_or_default`. `None` means that the query loaded no part. That is not the same
//! as a part without rows.
//!
//! The page loads all orders only to count them. The next exercise is about that.

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    open: i64,
    due: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
    let customers = session.all(
        Customer::select().with(selectin(Customer::ORDERS)).with(selectin(open).selectin(Order::ITEMS)),
    )?;

    let mut lines = Vec::new();
    for customer in &customers {
        let open = customer.orders.part().expect("the query loads the open orders");
        lines.push(Line {
            name: customer.first_name.clone(),
            orders: customer.orders()?.len() as i64,
            open: open.len() as i64,
            due: total(open)?,
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
