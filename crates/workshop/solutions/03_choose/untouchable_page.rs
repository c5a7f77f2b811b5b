//! # 14. The untouchable page: why batch
//!
//! For 5 customers with 20 orders, the page sent 1 + 5 + 20 = 26 statements, because it loads the orders of one customer
//! and the items of one order at a time. With `Strategy::Batch`, the same statement also loads the orders of all other
//! customers from the same query. The next accessor finds its orders loaded. The first access to the items loads the
//! items of all orders in the same way. So it takes 1 + 1 + 1 statements.
//!
//! You write nothing in the query, so you need not know the page. And what the page does not access is not loaded: a page
//! of names sends 1 statement. With `Strategy::Selectin` as the default, it would send 3, and load orders and items that
//! it does not use. An eager default has to load in advance, and `batch` waits for the first access.
//!
//! It has a cost. A page that accesses the orders of one customer among a thousand loads the orders of all thousand. If
//! the page is yours, write a load path. It also shows the reader what the page loads.

use workshop::*;

/// Opens the session that their pages are given.
fn open(customers: u32) -> Session {
    let session = shop(customers);
    session.default_strategy(Strategy::Batch);
    session
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
