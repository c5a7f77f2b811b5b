//! # 14. The untouchable page
//!
//! This page is not yours. It belongs to another team, or is generated, or is in a crate. It loads lazily, and you
//! cannot edit it. But it runs on a session, and you open the session.
//!
//! - **Predict**: how many statements does it send for 5 customers with 20 orders? When its loop first accesses the
//!   orders of a customer, whose orders could the same statement load? Write it down. Then run: `main` shows the number.
//! - **Edit**: `open`. Nothing in `theirs`.
//! - **Done** when the page sends 3 statements at every size, and two more of their pages send no more than they need.
//!   A page of names, which accesses no orders, sends 1. A page of orders, each with its customer, sends 2.
//!
//! Chapter: `book/src/two_dials.md`
//!
//! Fails with: `expected 3 statements, ran 36`

use workshop::*;

/// Opens the session that their pages are given.
fn open(customers: u32) -> Session {
    // TODO: choose how relations are loaded without a load path.
    shop(customers)
}

/// Not yours: do not edit.
mod theirs {
    use workshop::*;

    #[derive(Debug, PartialEq, FromRow)]
    pub struct Line {
        pub name: String,
        pub orders: i64,
        pub total: i64,
    }

    pub fn page(session: &Session) -> Result<Vec<Line>> {
        let mut lines = Vec::new();
        for customer in &session.all(Customer::select())? {
            let orders = customer.orders()?;
            let mut total = 0;
            for order in orders {
                for item in order.items()? {
                    total += item.quantity * item.unit_price;
                }
            }
            lines.push(Line { name: customer.first_name.clone(), orders: orders.len() as i64, total });
        }
        Ok(lines)
    }
}

fn main() -> Result<()> {
    for line in theirs::page(&open(5))? {
        println!("{line:?}");
    }
    println!();
    for customers in [5, 50, 500] {
        let session = open(customers);
        let tally = session.tally();
        theirs::page(&session)?;
        println!("{customers:>3} customers: {:>5} statements", count(tally.statements()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "
        SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM orders JOIN order_items ON order_id = orders.id
                WHERE customer_id = customers.id) AS total
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        for customers in [7, 60, 1] {
            let session = open(customers);
            let lines = expect_statements(&session, 3, || theirs::page(&session));
            assert_eq!(lines, truth::<theirs::Line>(&session, LINES), "the lines of {customers} customers");
        }
    }

    /// Two more of their pages.
    #[test]
    fn a_statement_for_what_is_looked_at_and_for_nothing_else() {
        let session = open(7);
        let names = expect_statements(&session, 1, || session.all(Customer::select()));
        assert_eq!(names.len(), 7);

        let session = open(7);
        let owners = expect_statements(&session, 2, || {
            let orders = session.all(Order::select())?;
            let owners = orders.iter().map(|order| Ok(order.customer()?.id));
            owners.collect::<Result<Vec<_>>>()
        });
        assert_eq!(owners.len(), 28);
    }
}
