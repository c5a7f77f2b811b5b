//! # 12. The whole and the part
//!
//! The page shows for each customer the number of all orders, and the number and the total of the open ones. Its lines
//! are right. The query loads the orders. Then the page queries the open orders again, for one customer after the other.
//!
//! A **part** is some of the related rows, by a filter or a limit: `Customer::ORDERS.filter(…)`. A load path accepts a
//! part, too, as in `selectin(Customer::ORDERS.filter(…))`. A query can load the whole relation, and parts beside it,
//! each by a `.with(…)` of its own.
//!
//! - **Predict**: there are two obvious ways to improve the page. You can load everything, with the items, and filter
//!   in Rust. How many rows would that read, for 7 customers with 28 orders and 70 items? Or you can load a part of the
//!   orders instead of all. What would `customer.orders()?.len()` be then, and how many statements would it send? Write
//!   your numbers into the two constants.
//! - **Edit**: `page`. To read a part, write `customer.orders.part()`, with the field `orders` and not the accessor. It
//!   is `Some` if the query loaded a part, even if no row matched, and `None` if it did not.
//! - **Done** when it sends at most 4 statements at every size, and reads no item of an order that is not open.
//!
//! Chapter: `book/src/choose.md`
//!
//! Fails with: `your prediction is wrong: the rows of everything: 0`
//! Then fails with: `expected at most 4 statements`

use workshop::*;

/// How many rows `everything` reads for 7 customers with 28 orders and 70 items.
// TODO: your predictions, and then the page.
const ROWS_OF_EVERYTHING: u64 = 0;

/// A customer has 4 orders, and the query has loaded a part of them: one order. What is `customer.orders()?.len()`, and how
/// many statements does this access send?
const BESIDE_A_PART: [u64; 2] = [0, 0];

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
    println!("predicted: {ROWS_OF_EVERYTHING}, {BESIDE_A_PART:?}\n");
    show_for(7, page)?;
    if has_argument("ways") {
        println!();
        watch_the_other_ways()?;
    }
    Ok(())
}

/// Watches what you predicted.
fn watch_the_other_ways() -> Result<()> {
    let session = shop(7);
    session.echo(true);
    println!("everything:");
    everything(&session)?;
    println!("the accessor beside a part:");
    let customer = with_a_part(&session)?;
    println!("{}", customer.orders()?.len());
    Ok(())
}

/// Loads everything, to filter in Rust.
fn everything(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))
}

/// Returns the first customer, who has 4 orders, with a part of them: one order.
fn with_a_part(session: &Session) -> Result<Customer> {
    let query = Customer::select().limit(1).with(selectin(Customer::ORDERS.limit_each(1)));
    Ok(session.all(query)?.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "watch both with `cargo run --bin whole_and_part -- ways`";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let session = shop(7);
        let read = rows_of(&session, || everything(&session));
        expect_prediction("the rows of everything", ROWS_OF_EVERYTHING, read, HELP);
        let [length, statements] = BESIDE_A_PART;
        let customer = with_a_part(&session).expect("a customer");
        let tally = session.tally();
        let orders = customer.orders().expect("orders").len() as u64;
        expect_prediction("the length beside a part", length, orders, HELP);
        expect_prediction("the statements of that access", statements, tally.statements(), HELP);
    }

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id AND status = 'open') AS open,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM orders JOIN order_items ON order_id = orders.id
                WHERE customer_id = customers.id AND status = 'open') AS due
        FROM customers ORDER BY id";

    /// Counts each customer, each order, each open order once more, and the items of the open orders.
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
        the_predictions_are_right();
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
