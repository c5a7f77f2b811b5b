//! # 25. Build a selectin loader
//!
//! Build the inside of `selectin` without the ORM. Collect the keys of the parents, query the children of all of them
//! at once, and give each parent its own. A parent is a row that has the relation, here a customer. Its children are
//! the related rows. The loader here sends a statement for each parent.
//!
//! This exercise needs `HashMap`: see "Hash maps" in `book/src/rust.md`, with the `use`, the types and the methods.
//!
//! A list of parameters, `?1, ?2, …`, has a limit of 32,766, and the statement has another text for each number of keys.
//! So all keys have to be one parameter. SQLite's `json_each(?1)` turns a JSON text such as `[1, 2, 3]` into a table.
//! Its column `value` has the elements. `format!("{customers:?}")` makes this text of the keys, because `{:?}` prints a
//! list of integers as JSON does.
//!
//! - **Predict**: how many statements does `page` send for 500 customers as it is? Then read the SQL of
//!   `JOINED_TO_KEYS`. How many rows does it return for the keys `[3, 3]`? Write your numbers into the two constants.
//! - **Edit**: `orders_of`. It takes the keys of customers, and returns one list for each key, in the order of the
//!   keys. Nothing else has to change. `session.query::<Order>(…)` names the type of the rows.
//! - **Done** when it sends one statement, with the same text for any number of keys, and none if there are no keys.
//!   Keys can come in any order, and twice. A customer without orders has an empty list. The orders of each are sorted
//!   by key. The test checks one point after the other, and stops at the first that fails.
//!
//! Chapter: `book/src/inside.md`
//!
//! Fails with: `your prediction is wrong: the statements of page as it is: 0`
//! Then fails with: `expected 1 statement`

use workshop::*;

/// How many statements `page` sends as it is, for 500 customers.
// TODO: your predictions, and then `orders_of`.
const STATEMENTS: u64 = 0;

/// How many rows `JOINED_TO_KEYS` returns for the keys `[3, 3]`. Customer 3 has 12 orders, and occurs twice in the keys.
const ROWS: u64 = 0;

const JOINED_TO_KEYS: &str = "
    SELECT orders.id AS id, customer_id, status FROM orders JOIN json_each(?1) ON value = customer_id";

// A plain struct, without the ORM, instead of the entity of the shop.

#[derive(Debug, Clone, PartialEq, FromRow)]
struct Order {
    id: i64,
    customer_id: i64,
    status: String,
}

/// Returns the orders of each of the `customers`, in the order in which those are given.
fn orders_of(session: &Session, customers: &[i64]) -> Result<Vec<Vec<Order>>> {
    // TODO: one statement for all of them. Then give its rows to the customers.
    let mut lists = Vec::new();
    for customer in customers {
        lists.push(session.query(
            "SELECT id, customer_id, status FROM orders WHERE customer_id = ?1 ORDER BY id",
            params![*customer],
        )?);
    }
    Ok(lists)
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select().order_by(Customer::LAST_NAME))?;
    let keys: Vec<_> = customers.iter().map(|customer| customer.id).collect();
    let orders = orders_of(session, &keys)?;
    let lines = customers
        .into_iter()
        .zip(orders)
        .map(|(customer, orders)| Line { name: customer.last_name, orders: orders.len() as i64 });
    Ok(lines.collect())
}

fn main() -> Result<()> {
    println!("predicted: {STATEMENTS}, {ROWS}");
    if has_argument("keys") {
        for order in shop(7).query::<Order>(JOINED_TO_KEYS, params!["[3, 3]"])? {
            println!("  {order:?}");
        }
    }
    println!();
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the predictions. Afterwards, the test grades `orders_of`.
    fn the_predictions_are_right() {
        let session = shop(500);
        // The page as it was: a statement for each customer.
        let as_it_was = || {
            for customer in session.all(Customer::select())? {
                let sql = "SELECT id, customer_id, status FROM orders WHERE customer_id = ?1";
                session.query::<Order>(sql, params![customer.id])?;
            }
            Ok(())
        };
        let ran = statements_of(&session, as_it_was);
        let help = "which line of `page` or `orders_of` sends a statement, and how often?";
        expect_prediction("the statements of page as it is", STATEMENTS, ran, help);
        let session = shop(7);
        let read = rows_of(&session, || session.query::<Order>(JOINED_TO_KEYS, params!["[3, 3]"]));
        let help = "run `cargo run --bin selectin_loader -- keys`, and read the rows";
        expect_prediction("the rows of JOINED_TO_KEYS", ROWS, read, help);
    }

    /// Creates a shop whose database returns rows backwards without an ORDER BY, because SQL guarantees no order.
    fn shop_without_order(customers: u32) -> Session {
        let session = shop(customers);
        session.execute("PRAGMA reverse_unordered_selects = ON", []).unwrap();
        session
    }

    /// Returns the orders of a customer, by SQL.
    fn orders_by_sql(session: &Session, customer: i64) -> Vec<Order> {
        let sql =
            format!("SELECT id, customer_id, status FROM orders WHERE customer_id = {customer} ORDER BY id");
        truth(session, &sql)
    }

    fn assert_right(session: &Session, customers: &[i64], lists: &[Vec<Order>]) {
        assert_a_list_for_each_key(customers, lists);
        for (customer, orders) in customers.iter().zip(lists) {
            let expected = orders_by_sql(session, *customer);
            let is_wrong = |at: &usize| orders.get(*at) != expected.get(*at);
            if let Some(at) = (0..expected.len().max(orders.len())).find(is_wrong) {
                let keys = customers.len();
                let [right, yours] = [expected.get(at), orders.get(at)].map(named);
                panic!(
                    "the list of customer {customer} is wrong at [{at}] (number of keys: {keys})\n  \
                     expected             {right}\n  your orders_of has   {yours}\n"
                );
            }
        }
    }

    fn assert_a_list_for_each_key(customers: &[i64], lists: &[Vec<Order>]) {
        let [right, yours] = [customers.len(), lists.len()];
        assert!(
            yours == right,
            "expected {right} lists, one for each key; your orders_of returned {yours}\n"
        );
    }

    fn named(order: Option<&Order>) -> String {
        let name =
            |order: &Order| format!("order {} of customer {}, {}", order.id, order.customer_id, order.status);
        order.map_or_else(|| "no order".to_owned(), name)
    }

    #[test]
    fn the_predictions_and_then_the_loader() {
        the_predictions_are_right();
        one_statement_for_any_number_of_parents();
        no_statement_without_parents();
        parents_in_any_order_and_twice();
        no_order_of_another_customer_is_read();
        the_same_text_for_any_number_of_parents();
        more_parents_than_a_statement_has_variables();
        the_page_sends_two();
    }

    fn one_statement_for_any_number_of_parents() {
        for size in [1, 7, 60] {
            let session = shop_without_order(size);
            let keys: Vec<_> = (1..=i64::from(size)).collect();
            let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
            assert_right(&session, &keys, &lists);
        }
    }

    fn no_statement_without_parents() {
        let session = shop_without_order(7);
        let lists = expect_statements(&session, 0, || orders_of(&session, &[]));
        assert_a_list_for_each_key(&[], &lists);
    }

    fn parents_in_any_order_and_twice() {
        let session = shop_without_order(60);
        let is_childless = |customer: &i64| orders_by_sql(&session, *customer).is_empty();
        let childless = (1..=60).find(is_childless).unwrap();
        let keys = [42, 3, childless, 42, 17, 3];
        let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
        assert_right(&session, &keys, &lists);
    }

    fn no_order_of_another_customer_is_read() {
        let session = shop_without_order(60);
        let keys = [5, 6, 7];
        let own = keys.map(|customer| orders_by_sql(&session, customer).len() as u64);
        expect_rows_read(&session, own.iter().sum(), || orders_of(&session, &keys));
    }

    fn the_same_text_for_any_number_of_parents() {
        let session = shop_without_order(60);
        let tally = session.tally();
        for size in [1, 7, 60] {
            let keys: Vec<_> = (1..=size).collect();
            orders_of(&session, &keys).unwrap();
        }
        let texts: Vec<_> = tally.shapes().into_iter().map(|shape| shape.sql).collect();
        assert!(
            texts.len() == 1,
            "expected 1 text for 1, 7 and 60 keys, your orders_of sent {} texts\n  \
             help: all keys have to be one parameter\n",
            texts.len()
        );
    }

    fn more_parents_than_a_statement_has_variables() {
        let session = shop_without_order(60);
        // All but the last 60 have no orders, since there are no such customers.
        let keys: Vec<_> = (1..=40_000).rev().collect();
        let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
        assert_a_list_for_each_key(&keys, &lists);
        let (without, with) = lists.split_at(keys.len() - 60);
        assert!(
            without.iter().all(Vec::is_empty),
            "your orders_of has orders for customers that do not exist\n"
        );
        assert_right(&session, &keys[keys.len() - 60..], with);
    }

    fn the_page_sends_two() {
        let session = shop_without_order(60);
        let lines = expect_statements(&session, 2, || page(&session));
        let sql = "SELECT last_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
            FROM customers ORDER BY last_name, id";
        expect_lines(&lines, &truth::<Line>(&session, sql));
    }
}
