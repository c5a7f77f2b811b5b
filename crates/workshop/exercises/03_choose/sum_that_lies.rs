//! # 16. The sum that lies
//!
//! The page shows the total of each customer's goods, and the postage. Postage is paid for each order: 490 cents if it was
//! delivered or shipped, 980 if it was returned. The author first had one statement, `LYING`. Its goods were right, and
//! its postage was wrong. Now there are two statements for each customer, and the lines are right.
//!
//! - **Predict**: Emmy has four orders: one delivered, with three items; one delivered, with one; one returned, with
//!   two; and one shipped, with none. Which rows does the join in `LYING` make of them? By how many cents is her
//!   postage too high? Write it into `TOO_MUCH`.
//! - **Edit**: `page`. Write one statement again, and a correct one: add up what belongs to an order before you add up
//!   what belongs to a customer. You may remove what is no longer used: `GOODS`, `POSTAGE` and `Sum`.
//! - **Done** when it sends one statement at every size, and its lines are still right.
//!
//! Chapter: `book/src/count_in_sql.md`
//!
//! Fails with: `your prediction is wrong: the cents that are too much: 0`
//! Then fails with: `expected 1 statement`

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
// TODO: your prediction, and then the page.
const TOO_MUCH: i64 = 0;

const GOODS: &str = "
    SELECT coalesce(sum(quantity * unit_price), 0) AS cents
    FROM orders JOIN order_items ON order_items.order_id = orders.id
    WHERE customer_id = ?1";

const POSTAGE: &str = "
    SELECT coalesce(sum(CASE WHEN status = 'returned' THEN 980
                             WHEN status IN ('delivered', 'shipped') THEN 490 END), 0) AS cents
    FROM orders WHERE customer_id = ?1";

#[derive(FromRow)]
struct Sum {
    cents: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: one statement, `session.query(…, [])`.
    let mut lines = Vec::new();
    for customer in session.all(Customer::select())? {
        let goods = session.query::<Sum>(GOODS, params![customer.id])?;
        let postage = session.query::<Sum>(POSTAGE, params![customer.id])?;
        lines.push(Line { name: customer.first_name, goods: goods[0].cents, postage: postage[0].cents });
    }
    Ok(lines)
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
