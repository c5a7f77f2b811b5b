//! # 25. Build a selectin loader: why one parameter
//!
//! There are three steps: send the keys, read the rows, and give each parent its own. The last step uses a hash map
//! from the key to the list. A customer who is not in the map has no orders. That is an empty list, and not an error.
//!
//! `IN (?1, ?2, …)` works in development. But it has another text for each number of keys, so the database prepares
//! each again. With 32,767 keys SQLite refuses it, because it allows 32,766 variables. Here, all keys are one
//! parameter, a JSON text, and `json_each` turns it into a table. `IN` only checks whether a key is in that table, so a
//! key that is there twice does not double a row. A `JOIN` with the table does: for `[3, 3]`, it returns the 12 orders
//! twice.
//!
//! `ORDER BY id` is needed, even if the rows seem to come in that order. SQL guarantees no order without it.
//!
//! In the ORM, `load/strategy/selectin.rs` sends the statement, and `load/matching` gives the rows to their parents. The
//! ORM does some things better:
//!
//! - It binds the keys as an array (`rarray(?1)`), which rusqlite provides.
//! - It sorts the rows by foreign key, so those of a customer are together. It looks up only the first of them, in a
//!   table of the keys instead of a hash map.
//! - Keys can have any type. If they are not integers, each row contains the number of the key that the database
//!   matched.
//! - The orders of all customers stay in one `Vec`, and each customer has a range of it (`model/related.rs`). It copies
//!   nothing for a key that comes twice, and makes no allocation for each parent.
//! - It reads customers and orders from one state of the database. Here, another connection could write in between.

use std::collections::HashMap;

use workshop::*;

/// How many statements `page` sends as it is, for 500 customers.
const STATEMENTS: u64 = 1 + 500;

/// How many rows `JOINED_TO_KEYS` returns for the keys `[3, 3]`. Customer 3 has 12 orders, and occurs twice in the keys.
const ROWS: u64 = 2 * 12;

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
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    // Integers print as JSON.
    let keys = format!("{customers:?}");
    let orders: Vec<Order> = session.query(
        "SELECT id, customer_id, status FROM orders
        WHERE customer_id IN (SELECT value FROM json_each(?1)) ORDER BY id",
        params![keys],
    )?;

    let mut lists: HashMap<i64, Vec<Order>> = HashMap::new();
    for order in orders {
        lists.entry(order.customer_id).or_default().push(order);
    }
    let list = |customer: &i64| lists.get(customer).cloned().unwrap_or_default();
    Ok(customers.iter().map(list).collect())
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
