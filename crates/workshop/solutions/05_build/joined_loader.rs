//! # 26. Build a joined loader: why the key decides
//!
//! The join returns a row for each order, with the customer's columns in each. It returns one row for a customer
//! without orders, with nulls in the columns of the order. To turn the rows into objects again, you make three
//! decisions:
//!
//! - *Is there a child?* `order_id` is null only if no order matched, because a key is never null. So the order's
//!   columns in the row are `Option`s. An inner join has no such rows, and loses the customers without orders.
//! - *Is it the same parent as before?* Compare the key, never the name: two customers called Kim are two. The rows of
//!   one customer must be together, so the key is in `ORDER BY`, directly after the name. Without it, the orders of two
//!   Kims come mixed.
//! - *In which order?* In the order of the rows. A hash map by key would group them as well, and lose the order.
//!
//! It is one statement, but not fewer bytes, because each name is sent once for each order. With a second collection
//! joined beside this one, the rows multiply: 4 orders and 3 notes make 12.
//!
//! In the ORM, `has_no_child` and `child` in `load/strategy/joined.rs` make these decisions. The ORM does some
//! things better:
//!
//! - `LIMIT` counts customers there, not rows of the join. The statement selects them in a sub-select
//!   (`query/selection.rs`).
//! - It joins further relations below and beside the first, and remembers keys if a row can come again later.
//! - It builds the customer's strings once, not once for each order.

use workshop::*;

/// How many rows of the join a customer with 4 orders has, one with 1 order, and one with none.
const PREDICTED: [u64; 3] = [4, 1, 1];

// Plain structs, without the ORM, instead of the entities of the shop.

#[derive(Debug, PartialEq)]
struct Customer {
    id: i64,
    first_name: String,
    orders: Vec<Order>,
}

#[derive(Debug, PartialEq, FromRow)]
struct Order {
    id: i64,
    status: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    first_name: String,
    order_id: Option<i64>,
    status: Option<String>,
}

/// Returns the customers by first name, each with the orders.
fn customers(session: &Session) -> Result<Vec<Customer>> {
    let rows: Vec<Row> = session.query(
        "SELECT customers.id AS id, first_name, orders.id AS order_id, status
        FROM customers LEFT JOIN orders ON orders.customer_id = customers.id
        ORDER BY first_name, customers.id, orders.id",
        [],
    )?;

    let mut customers: Vec<Customer> = Vec::new();
    for row in rows {
        let order = row.order_id.zip(row.status).map(|(id, status)| Order { id, status });
        match customers.last_mut() {
            Some(customer) if customer.id == row.id => customer.orders.extend(order),
            _ => customers.push(Customer {
                id: row.id,
                first_name: row.first_name,
                orders: order.into_iter().collect(),
            }),
        }
    }
    Ok(customers)
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let lines = customers(session)?
        .into_iter()
        .map(|customer| Line { name: customer.first_name, orders: customer.orders.len() as i64 });
    Ok(lines.collect())
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the predictions. Afterwards, the first test grades `customers`.
    fn the_predictions_are_right() {
        let session = shop(1);
        session.execute("DELETE FROM order_items", []).expect("no items");
        for (orders, predicted) in [4, 1, 0].into_iter().zip(PREDICTED) {
            session.execute("DELETE FROM orders", []).expect("no orders");
            for id in 1..=orders {
                let sql = "INSERT INTO orders VALUES (?1, 1, '', '')";
                session.execute(sql, params![i64::from(id)]).expect("an order");
            }
            let query = workshop::Customer::select().with(joined(workshop::Customer::ORDERS));
            let read = rows_of(&session, || session.all(query));
            let what = format!("the rows for a customer with {orders} orders");
            let help = "write down the rows, each with the customer, and an order if any";
            expect_prediction(&what, predicted, read, help);
        }
    }

    const LINES: &str =
        "SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
        FROM customers ORDER BY first_name, id";

    /// Creates a shop in which a third of the customers have the same first name. Without an ORDER BY, its database returns
    /// rows in another order than usual, because SQL guarantees none.
    fn shop_of_namesakes(customers: u32) -> Session {
        let session = shop(customers);
        for sql in [
            "UPDATE customers SET first_name = 'Kim' WHERE id % 3 = 1",
            "PRAGMA reverse_unordered_selects = ON",
            "DROP INDEX orders_customer_id",
            "CREATE INDEX orders_customer_id ON orders (customer_id, status)",
        ] {
            session.execute(sql, []).unwrap();
        }
        session
    }

    /// The key and the name of a customer, by SQL.
    #[derive(FromRow)]
    struct Truth {
        key: i64,
        name: String,
    }

    /// Returns the number of customers without orders, by SQL.
    fn without_orders(session: &Session) -> usize {
        let sql = "SELECT id AS key, first_name AS name FROM customers
            WHERE id NOT IN (SELECT customer_id FROM orders)";
        truth::<Truth>(session, sql).len()
    }

    fn assert_right(session: &Session, customers: &[Customer]) {
        let sql = "SELECT id AS key, first_name AS name FROM customers ORDER BY first_name, id";
        let expected: Vec<Truth> = truth(session, sql);
        let own: Vec<_> =
            customers.iter().map(|customer| (customer.id, customer.first_name.as_str())).collect();
        let expected: Vec<_> = expected.iter().map(|row| (row.key, row.name.as_str())).collect();
        let doubled = own.windows(2).find(|pair| pair[0].0 == pair[1].0);
        assert_eq!(doubled, None, "a customer comes twice, one behind the other");
        let missing = expected.iter().find(|customer| !own.contains(customer));
        assert_eq!(missing, None, "a customer is missing, or has another name");
        assert_eq!(own, expected, "the customers, by first name and key, each once");
        for customer in customers {
            let sql =
                format!("SELECT id, status FROM orders WHERE customer_id = {} ORDER BY id", customer.id);
            let orders: Vec<Order> = truth(session, &sql);
            assert_eq!(customer.orders, orders, "the orders of customer {}", customer.id);
        }
    }

    #[test]
    fn one_statement_at_every_size() {
        the_predictions_are_right();
        for size in [0, 1, 7, 60] {
            let session = shop_of_namesakes(size);
            let customers = expect_statements(&session, 1, || customers(&session));
            assert_right(&session, &customers);
            let lines = page(&session).unwrap();
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }

    #[test]
    fn those_without_orders_are_there_and_have_none() {
        let session = shop_of_namesakes(60);
        let customers = expect_statements(&session, 1, || customers(&session));
        assert_eq!(customers.len(), 60, "the number of customers");
        let childless = customers.iter().filter(|customer| customer.orders.is_empty());
        assert_eq!(
            childless.count(),
            without_orders(&session),
            "customers without orders: a row of nulls is no order"
        );
    }

    #[test]
    fn a_row_for_each_order_and_one_for_each_customer_without() {
        let session = shop_of_namesakes(60);
        let orders: Vec<Order> = truth(&session, "SELECT id, status FROM orders");
        let rows = orders.len() + without_orders(&session);
        expect_rows_read(&session, rows as u64, || customers(&session));
    }
}
