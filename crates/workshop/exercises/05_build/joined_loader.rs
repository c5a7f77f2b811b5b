//! # 26. Build a joined loader
//!
//! Build the inside of `joined` without the ORM. One `LEFT JOIN` returns parents and children together, and you turn
//! the rows into objects again. Here, the parents are customers, and their children are orders. The loader sends one
//! statement for the customers, and one more for the orders of each.
//!
//! This exercise needs more of `Option` than the others, and a mutable reference to the last element of a `Vec`, which
//! `last_mut` returns.
//!
//! - **Predict**: how many rows does the join return for a customer with 4 orders, for one with 1, and for one with
//!   none? Write the three numbers into `PREDICTED`. On paper: how often do these rows contain the name of each customer,
//!   and what do the columns of the order contain if there is no order?
//! - **Edit**: `customers`, and the struct `Row`, into which a row is read. Its columns need names of their own,
//!   because only one of them can be called `id`.
//! - **Done** when it sends one statement and returns the same customers, each once: sorted by first name, and by key
//!   if the first names are equal. Each has its orders, sorted by key. Customers without orders are included.
//!
//! Chapter: `book/src/inside.md`
//!
//! Fails with: `your prediction is wrong: the rows for a customer with 4 orders: 0`
//! Then fails with: `expected 1 statement`

use workshop::*;

/// How many rows of the join a customer with 4 orders has, one with 1 order, and one with none.
// TODO: your predictions, and then the loader.
const PREDICTED: [u64; 3] = [0, 0, 0];

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
}

/// Returns the customers by first name, each with the orders.
fn customers(session: &Session) -> Result<Vec<Customer>> {
    // TODO: join the orders to this statement, instead of querying them in the loop.
    let rows: Vec<Row> = session.query("SELECT id, first_name FROM customers ORDER BY first_name, id", [])?;

    let mut customers = Vec::new();
    for Row { id, first_name } in rows {
        let orders =
            session.query("SELECT id, status FROM orders WHERE customer_id = ?1 ORDER BY id", params![id])?;
        customers.push(Customer { id, first_name, orders });
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
