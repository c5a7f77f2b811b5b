//! # 14. The untouchable page: why batch
//!
//! For 5 customers with 20 orders the page sent 1 + 5 + 20 = 26 statements: it asks for the orders of one customer, and
//! for the items of one order. With `Strategy::Batch` it is given these orders, and those of all customers that came
//! from the same query are loaded by the same statement: the next accessor finds its orders at hand. The first touch of
//! the items goes by the same rule, and takes those of all orders. 1 + 1 + 1.
//!
//! Nothing was written at the query, so nothing has to be known of the page. And what nobody touches is not loaded: a
//! page of names sends 1. `Strategy::Selectin` as a default would send 3 for it, orders and items of everybody for
//! nothing; as a default, an eager strategy has to guess what will be wanted, and `batch` waits until it is.
//!
//! The price: a page that touches the orders of one customer among a thousand loads those of a thousand. Where the page
//! is yours, a load path says it better, and says it to the reader.

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
