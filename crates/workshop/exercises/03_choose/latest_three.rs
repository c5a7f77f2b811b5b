//! # 13. The latest three
//!
//! The page shows customers, each with the dates of the latest three orders. Its lines are right. A LIMIT applies to all
//! rows of a statement, so the page seems to need a statement for each customer.
//!
//! - **Predict**: the obvious fix is `selectin(Customer::ORDERS)`, with the latest three taken in Rust. It takes 2
//!   statements. How many rows do they return for three customers, if one has 1,000 orders, one has 2, and one has
//!   none? How many rows does the page need? Write both numbers into `PREDICTED`.
//! - **Edit**: `page`. The latest three of *each* customer are a part of a relation (some of its rows), as the open
//!   orders in exercise 12. A part can be sorted, and limited for each parent (for each customer, here).
//! - **Done** when it sends 2 statements at every size, and reads no order that it does not show.
//!
//! Chapter: `book/src/choose.md`
//!
//! Fails with: `your prediction is wrong: the rows that all_orders reads: 0`
//! Then fails with: `expected 2 statements`

use workshop::*;

/// How many rows are read for three customers, who have 1,000 orders, 2 orders and none: by `all_orders`, and at least, if
/// only the rows that are shown are read.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 2] = [0, 0];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    latest: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select())?;

    let mut lines = Vec::new();
    for customer in &customers {
        // TODO: have the query above load the latest three of all customers.
        let latest = session.all(
            Order::select()
                .filter(Order::CUSTOMER_ID.eq(customer.id))
                .order_by(Order::PLACED_ON.desc())
                .limit(3),
        )?;
        lines.push(Line { name: customer.first_name.clone(), latest: days(&latest) });
    }
    Ok(lines)
}

/// Returns the days of some orders.
fn days(orders: &[Order]) -> String {
    let days: Vec<_> = orders.iter().map(|order| order.placed_on.as_str()).collect();
    days.join(", ")
}

/// Does what the obvious fix would do: it loads all orders. The page would then show three of each customer.
fn all_orders(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select().with(selectin(Customer::ORDERS)))
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    if has_argument("all") {
        let session = shop(5);
        session.echo(true);
        all_orders(&session)?;
    }
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "watch `all_orders`, with `cargo run --bin latest_three -- all`";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let session = shop(3);
        session.execute("DELETE FROM order_items", []).expect("no items");
        session.execute("DELETE FROM orders", []).expect("no orders");
        session
            .insert_all((1..=1_002).map(|id| Order {
                id,
                customer_id: if id > 2 { 1 } else { 2 },
                placed_on: "2026-11-22".to_owned(),
                ..Order::default()
            }))
            .expect("1,000 orders of one customer, and 2 of another");
        let [of_all_orders, at_least] = PREDICTED;
        let read = rows_of(&session, || all_orders(&session));
        expect_prediction("the rows that all_orders reads", of_all_orders, read, HELP);
        let rows = truth::<Rows>(&session, ROWS)[0].number as u64;
        expect_prediction("the rows that the page needs", at_least, rows, HELP);
    }

    const LINES: &str = "
        SELECT first_name AS name, coalesce((SELECT group_concat(placed_on, ', ') FROM
            (SELECT placed_on FROM orders WHERE customer_id = customers.id ORDER BY placed_on DESC, id LIMIT 3)), '')
            AS latest
        FROM customers ORDER BY id";

    /// Counts each customer, and each order that is shown.
    const ROWS: &str = "
        SELECT count(*) + sum(min(3, (SELECT count(*) FROM orders WHERE customer_id = customers.id))) AS number
        FROM customers";

    #[derive(FromRow)]
    struct Rows {
        number: i64,
    }

    #[test]
    fn two_statements_and_no_row_too_many() {
        the_predictions_are_right();
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let rows = truth::<Rows>(&session, ROWS)[0].number as u64;
            let lines = expect_statements(&session, 2, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_rows_read(&session, rows, || page(&session));
        }
    }
}
