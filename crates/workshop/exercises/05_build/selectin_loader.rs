//! # 25. Build a selectin loader
//!
//! Build the inside of `selectin` without the ORM. Collect the keys of the parents, query the children of all of them at
//! once, and give each parent its own. The loader here sends a statement for each parent.
//!
//! - **Predict**: how many statements does `page` send for 5 customers and for 500, and how many would be enough? And
//!   when all keys go into one statement: what happens if there are 40,000 of them? Write it down. Then run.
//! - **Edit**: `orders_of`. It takes the keys of customers, and returns one list for each key, in the order of the keys.
//!   Nothing else has to change. A list of `?1, ?2, …` has a limit, 32,766, and another text for each number of keys. So
//!   all keys have to travel as one parameter. SQLite's `json_each(?1)` turns a JSON text into a table, and its column
//!   `value` has the elements.
//! - **Done** when it sends one statement, with the same text for any number of keys, and none if there are no keys.
//!   Keys can come in any order, and twice. A customer without orders has an empty list. The orders of each are sorted
//!   by key.
//!
//! Chapter: `book/src/inside.md`
//!
//! Fails with: `expected 1 statement, ran 7`

use workshop::*;

// A plain struct, without the ORM, instead of the entity of the shop.

#[derive(Debug, Clone, PartialEq, FromRow)]
struct Order {
    id: i64,
    customer_id: i64,
    status: String,
}

/// The orders of each of the `customers`, in the order in which those are given.
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
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shop whose database returns rows backwards without an ORDER BY, because SQL guarantees no order.
    fn shop_without_order(customers: u32) -> Session {
        let session = shop(customers);
        session.execute("PRAGMA reverse_unordered_selects = ON", []).unwrap();
        session
    }

    /// What SQL says the orders of a customer are.
    fn orders_by_sql(session: &Session, customer: i64) -> Vec<Order> {
        let sql =
            format!("SELECT id, customer_id, status FROM orders WHERE customer_id = {customer} ORDER BY id");
        truth(session, &sql)
    }

    fn assert_right(session: &Session, customers: &[i64], lists: &[Vec<Order>]) {
        assert_eq!(lists.len(), customers.len(), "the number of lists, for the keys {customers:?}");
        for (customer, orders) in customers.iter().zip(lists) {
            let expected = orders_by_sql(session, *customer);
            assert_eq!(orders, &expected, "the orders of customer {customer}, for the keys {customers:?}");
        }
    }

    #[test]
    fn one_statement_however_many_parents() {
        for size in [1, 7, 60] {
            let session = shop_without_order(size);
            let keys: Vec<_> = (1..=i64::from(size)).collect();
            let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
            assert_right(&session, &keys, &lists);
        }
    }

    #[test]
    fn no_statement_without_parents() {
        let session = shop_without_order(7);
        let lists = expect_statements(&session, 0, || orders_of(&session, &[]));
        assert_eq!(lists, Vec::<Vec<Order>>::new());
    }

    #[test]
    fn parents_in_any_order_and_twice() {
        let session = shop_without_order(60);
        let is_childless = |customer: &i64| orders_by_sql(&session, *customer).is_empty();
        let childless = (1..=60).find(is_childless).unwrap();
        let keys = [42, 3, childless, 42, 17, 3];
        let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
        assert_right(&session, &keys, &lists);
    }

    #[test]
    fn no_order_of_anybody_else_is_read() {
        let session = shop_without_order(60);
        let keys = [5, 6, 7];
        let own = keys.map(|customer| orders_by_sql(&session, customer).len() as u64);
        expect_rows_read(&session, own.iter().sum(), || orders_of(&session, &keys));
    }

    #[test]
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
            "for 1, 7 and 60 keys the statement should have the same text, which is prepared once, but:\n{}",
            texts.join("\n")
        );
    }

    #[test]
    fn more_parents_than_a_statement_has_variables() {
        let session = shop_without_order(60);
        // All but the last 60 have no orders, since there are no such customers.
        let keys: Vec<_> = (1..=40_000).rev().collect();
        let lists = expect_statements(&session, 1, || orders_of(&session, &keys));
        assert_eq!(lists.len(), keys.len(), "the number of lists");
        let (without, with) = lists.split_at(keys.len() - 60);
        assert!(without.iter().all(Vec::is_empty), "keys without orders");
        assert_right(&session, &keys[keys.len() - 60..], with);
    }

    #[test]
    fn the_page_sends_two() {
        let session = shop_without_order(60);
        let lines = expect_statements(&session, 2, || page(&session));
        let sql = "SELECT last_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
            FROM customers ORDER BY last_name, id";
        expect_lines(&lines, &truth::<Line>(&session, sql));
    }
}
