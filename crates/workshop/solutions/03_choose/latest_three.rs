//! # 13. The latest three: why a part
//!
//! `limit(3)` of a query means three rows in total, so it takes a statement for each customer. `limit_each(3)` means
//! three rows of each parent. The statement numbers the orders of every customer, and keeps the numbers up to three:
//!
//! ```sql
//! row_number() OVER (PARTITION BY "customer_id" ORDER BY "placed_on" DESC, "id")
//! ```
//!
//! Loading all orders, with `take(3)` in Rust, would take 2 statements as well. That is good enough while no customer
//! has many more than three. But a customer with a thousand orders then costs a thousand rows: 3 + 1,002 = 1,005
//! instead of 3 + 3 + 2 = 8. And the customers who order most are on many pages.
//!
//! Again, only a part (some of the rows) was loaded. `customer.orders()?` would still return all orders, and send a
//! statement for them.

use workshop::*;

/// How many rows are read for three customers, who have 1,000 orders, 2 orders and none: by `all_orders`, and at least, if
/// only the rows that are shown are read.
const PREDICTED: [u64; 2] = [3 + 1_000 + 2, 3 + 3 + 2];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    latest: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(3);
    let customers = session.all(Customer::select().with(selectin(latest)))?;

    let mut lines = Vec::new();
    for customer in &customers {
        let latest = customer.orders.part().expect("the query loads the latest three");
        lines.push(Line { name: customer.first_name.clone(), latest: days(latest) });
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
