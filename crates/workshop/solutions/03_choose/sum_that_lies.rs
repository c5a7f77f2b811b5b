//! # 16. The sum that lies: why
//!
//! A join with the items repeats an order for each of its items. This does not change the goods, which belong to an
//! item. But the postage belongs to an order, and the join adds it up once for each item of the order:
//!
//! | Emmy's orders | rows of the join | postage due | postage in `LYING` |
//! |---|---|---|---|
//! | delivered, 3 items | 3 | 490 | 1,470 |
//! | delivered, 1 item | 1 | 490 | 490 |
//! | returned, 2 items | 2 | 980 | 1,960 |
//! | shipped, no item | 1 | 490 | 490 |
//! | | 7 | 2,450 | 4,410 |
//!
//! The fix is to aggregate first. Make one row for each order, with its goods and its postage. Then nothing is repeated
//! when you add them up for a customer. `DISTINCT` does not fix it: `sum(DISTINCT …)` would count two orders of 490 as
//! one.
//!
//! If each order has one item, `LYING` is right, so small data can hide the error. `session.all_with` aggregates before
//! it joins (`crates/eagerly/src/query/aggregate.rs`).

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    goods: i64,
    postage: i64,
}

/// What the author had first. `sum` ignores NULL, for example of an order that was not sent.
const LYING: &str = "
    SELECT first_name AS name,
        coalesce(sum(quantity * unit_price), 0) AS goods,
        coalesce(sum(CASE WHEN status = 'returned' THEN 980
                          WHEN status IN ('delivered', 'shipped') THEN 490 END), 0) AS postage
    FROM customers
    LEFT JOIN orders ON orders.customer_id = customers.id
    LEFT JOIN order_items ON order_items.order_id = orders.id
    GROUP BY customers.id
    ORDER BY customers.id";

/// By how many cents the postage that `LYING` returns for Emmy is too high.
const TOO_MUCH: i64 = 4_410 - 2_450;

/// A row for each order comes first, and then one for each customer.
const LINES: &str = "
    SELECT first_name AS name, coalesce(sum(goods), 0) AS goods, coalesce(sum(postage), 0) AS postage
    FROM customers
    LEFT JOIN (
        SELECT customer_id,
            sum(quantity * unit_price) AS goods,
            CASE WHEN status = 'returned' THEN 980 WHEN status IN ('delivered', 'shipped') THEN 490 END AS postage
        FROM orders
        LEFT JOIN order_items ON order_items.order_id = orders.id
        GROUP BY orders.id
    ) AS each_order ON each_order.customer_id = customers.id
    GROUP BY customers.id
    ORDER BY customers.id";

fn page(session: &Session) -> Result<Vec<Line>> {
    session.query(LINES, [])
}

/// Creates a shop of one customer, Emmy, with her four orders. Each item costs a cent.
fn emmy() -> Result<Session> {
    let session = shop(0);
    for sql in [
        "INSERT INTO customers VALUES (1, 'Emmy', 'Noether', 'emmy@example.com')",
        "INSERT INTO orders (id, customer_id, placed_on, status) VALUES
            (1, 1, '2024-01-01', 'delivered'), (2, 1, '2024-01-02', 'delivered'),
            (3, 1, '2024-01-03', 'returned'), (4, 1, '2024-01-04', 'shipped')",
        "INSERT INTO order_items (order_id, product, quantity, unit_price) VALUES
            (1, 'Lamp', 1, 1), (1, 'Clock', 1, 1), (1, 'Chair', 1, 1), (2, 'Radio', 1, 1),
            (3, 'Basket', 1, 1), (3, 'Kettle', 1, 1)",
    ] {
        session.execute(sql, [])?;
    }
    Ok(session)
}

/// The rows that `LYING` adds up for Emmy.
const JOIN: &str = "
    SELECT orders.id AS order_id, status, product
    FROM customers
    LEFT JOIN orders ON orders.customer_id = customers.id
    LEFT JOIN order_items ON order_items.order_id = orders.id";

#[derive(FromRow)]
struct Joined {
    order_id: i64,
    status: String,
    product: Option<String>,
}

fn main() -> Result<()> {
    println!("Emmy's postage in LYING, predicted to be too much: {TOO_MUCH}");
    if has_argument("rows") {
        println!("{LYING}\nadds up these rows:");
        for Joined { order_id, status, product } in emmy()?.query::<Joined>(JOIN, [])? {
            println!("  order {order_id}, {status:<9}  {}", product.unwrap_or("no item".to_owned()));
        }
    }
    println!();
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the prediction. Afterwards, the tests grade the page.
    fn the_prediction_is_right() {
        let session = emmy().unwrap();
        let said = truth::<Line>(&session, LYING)[0].postage;
        let due = by_objects(&session)[0].postage;
        let help = "run `cargo run --bin sum_that_lies -- rows`, and add up the postage";
        expect_prediction("the cents that are too much", TOO_MUCH, said - due, help);
    }

    #[test]
    fn one_statement_at_every_size() {
        the_prediction_is_right();
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let lines = expect_statements(&session, 1, || page(&session));
            expect_lines(&lines, &by_objects(&session));
        }
    }

    /// The expected lines, added up from objects, without a join.
    fn by_objects(session: &Session) -> Vec<Line> {
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        let mut lines = Vec::new();
        for customer in session.all(Customer::select().with(path)).unwrap() {
            let (mut goods, mut postage) = (0, 0);
            for order in customer.orders().unwrap() {
                postage += match order.status.as_str() {
                    "delivered" | "shipped" => 490,
                    "returned" => 980,
                    _ => 0,
                };
                for item in order.items().unwrap() {
                    goods += item.quantity * item.unit_price;
                }
            }
            lines.push(Line { name: customer.first_name.clone(), goods, postage });
        }
        lines
    }
}
