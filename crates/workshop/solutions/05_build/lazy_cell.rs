//! # 24. Build a lazy cell: why a cell, and why `OnceCell`
//!
//! As it was, the page sent 1 + 2 × 5 = 11 statements. With a cell, it sends 1 + 5 = 6.
//!
//! A `OnceCell` has the two states that matter: not loaded, and loaded. An empty list is a result, too. So a customer
//! without orders takes one statement, and not one for each access. With a `RefCell<Vec<Order>>`, an empty list could
//! mean either.
//!
//! The rows are written into the cell after the statement has succeeded. If it fails, the `?` returns before that, and
//! the cell is unchanged. `get_or_init` with `unwrap_or_default` inside would have stored an empty list instead of the
//! error.
//!
//! A `OnceCell` is written at most once, and lends its contents as long as it lives. So the accessor can take `&self`
//! and return a slice. It looks like a field, which is convenient, and hides the statement.
//!
//! In the ORM, `many` in `load/access.rs` does what `orders` does here. `Related` in `model/related.rs` is the cell, and
//! `load/strategy/lazy.rs` fills it. The ORM does some things better:
//!
//! - The cell belongs to all customers of one statement together (the cohort), with a slot for each. So another
//!   strategy can fill it for all of them at once, and a detector sees that two of them were accessed.
//! - It holds an `Rc` of the gate, through which the session sends its statements, and not a reference. So customers
//!   can outlive the session, and loaded rows stay readable.
//! - It records the line of the access and the line of the query for the customers, and an error names both.

use std::cell::OnceCell;

use workshop::*;

/// How many statements `page` sends for 5 customers: as it is, and if the accessor kept what it has loaded.
const PREDICTED: [u64; 2] = [1 + 2 * 5, 1 + 5];

// Plain structs, without the ORM, instead of the entities of the shop.

#[derive(Debug, PartialEq, FromRow)]
struct Order {
    id: i64,
    status: String,
}

struct Customer<'s> {
    id: i64,
    first_name: String,
    session: &'s Session,
    orders: OnceCell<Vec<Order>>,
}

impl Customer<'_> {
    /// Returns the orders, by key.
    fn orders(&self) -> Result<&[Order]> {
        if let Some(orders) = self.loaded() {
            return Ok(orders);
        }
        let orders = self
            .session
            .query("SELECT id, status FROM orders WHERE customer_id = ?1 ORDER BY id", params![self.id])?;
        Ok(self.orders.get_or_init(|| orders))
    }

    /// Returns the orders if they are loaded, and `None` if not. Never sends a statement.
    fn loaded(&self) -> Option<&[Order]> {
        self.orders.get().map(Vec::as_slice)
    }
}

fn customers(session: &Session) -> Result<Vec<Customer<'_>>> {
    #[derive(FromRow)]
    struct Row {
        id: i64,
        first_name: String,
    }

    let rows: Vec<Row> = session.query("SELECT id, first_name FROM customers ORDER BY id", [])?;
    let customers = rows.into_iter().map(|Row { id, first_name }| Customer {
        id,
        first_name,
        session,
        orders: OnceCell::new(),
    });
    Ok(customers.collect())
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    delivered: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for customer in &customers(session)? {
        let orders = customer.orders()?.len();
        let is_delivered = |order: &&Order| order.status == "delivered";
        let delivered = customer.orders()?.iter().filter(is_delivered).count();
        lines.push(Line {
            name: customer.first_name.clone(),
            orders: orders as i64,
            delivered: delivered as i64,
        });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    let session = shop(5);
    let customers = customers(&session)?;
    println!("before the first access: {:?}", customers[0].loaded());
    customers[0].orders()?;
    println!("after it: {:?}\n", customers[0].loaded());
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the predictions. Afterwards, this test grades the accessor.
    fn the_predictions_are_right() {
        let help = "which lines of `page` send a statement, and how often does each run?";
        let [as_it_is, if_kept] = PREDICTED;
        let session = shop(5);
        let as_it_was = || {
            for customer in &customers(&session)? {
                for _ in 0..2 {
                    let sql = "SELECT id, status FROM orders WHERE customer_id = ?1";
                    session.query::<Order>(sql, params![customer.id])?;
                }
            }
            Ok(())
        };
        let ran = statements_of(&session, as_it_was);
        expect_prediction("the statements as it is", as_it_is, ran, help);
        // The ORM's accessor keeps them.
        let kept = || {
            for customer in &session.all(workshop::Customer::select())? {
                customer.orders()?;
                customer.orders()?;
            }
            Ok(())
        };
        let ran = statements_of(&session, kept);
        expect_prediction("the statements if they are kept", if_kept, ran, help);
    }

    const LINES: &str =
        "SELECT first_name AS name, count(orders.id) AS orders, coalesce(sum(status = 'delivered'), 0) AS delivered
        FROM customers LEFT JOIN orders ON customer_id = customers.id GROUP BY customers.id ORDER BY customers.id";

    /// Returns the number of orders that SQL counts for a customer.
    fn number_of_orders(session: &Session, customer: &Customer<'_>) -> usize {
        #[derive(FromRow)]
        struct Key {}

        let sql = format!("SELECT id FROM orders WHERE customer_id = {}", customer.id);
        truth::<Key>(session, &sql).len()
    }

    #[test]
    fn one_statement_for_each_customer_at_every_size() {
        the_predictions_are_right();
        for size in [1, 7, 60] {
            let session = shop(size);
            let lines = expect_statements(&session, 1 + u64::from(size), || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }

    #[test]
    fn the_second_access_sends_nothing_and_has_the_same_rows() {
        let session = shop(7);
        let customers = expect_statements(&session, 1, || customers(&session));
        for customer in &customers {
            let first = expect_statements(&session, 1, || customer.orders());
            let second = expect_statements(&session, 0, || customer.orders());
            assert_eq!(first.len(), number_of_orders(&session, customer));
            assert!(
                std::ptr::eq(first.as_ptr(), second.as_ptr()),
                "the second access returns a copy: return a slice of what the cell holds"
            );
        }
    }

    #[test]
    fn unloaded_is_not_empty() {
        let session = shop(60);
        let mut childless = 0;
        for customer in &customers(&session).unwrap() {
            assert_eq!(customer.loaded(), None, "before an access, nothing is loaded");
            let orders = expect_statements(&session, 1, || customer.orders());
            assert_eq!(
                customer.loaded().map(<[Order]>::len),
                Some(orders.len()),
                "what is loaded after the first access"
            );
            if orders.is_empty() {
                childless += 1;
                // An empty list is a result as well, and is kept like any other.
                expect_statements(&session, 0, || customer.orders());
            }
        }
        assert!(childless > 0);
    }

    #[test]
    fn a_failed_load_leaves_nothing_half_loaded() {
        let session = shop(7);
        for customer in &customers(&session).unwrap() {
            session.execute("ALTER TABLE orders RENAME TO away", []).unwrap();
            assert!(
                customer.orders().is_err(),
                "the table does not exist, and the accessor returns no error"
            );
            assert_eq!(customer.loaded(), None, "the load failed: nothing is loaded");
            session.execute("ALTER TABLE away RENAME TO orders", []).unwrap();
            let orders = expect_statements(&session, 1, || customer.orders());
            assert_eq!(
                orders.len(),
                number_of_orders(&session, customer),
                "the orders at the next access, after the failed one"
            );
        }
    }
}
