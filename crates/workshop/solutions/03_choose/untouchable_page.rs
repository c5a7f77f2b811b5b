//! # 14. The untouchable page: why batch
//!
//! For 5 customers with 20 orders, `page` sent 1 + 5 + 20 = 26 statements. It loads the orders of one customer and the
//! items of one order at a time. `names` sent 1. `owners` sent 1 + 20: two orders of the same customer are two objects,
//! and each loaded its customer.
//!
//! With `Strategy::Batch`, the first access also loads the orders of all other customers from the same query. The next
//! accessor finds its orders loaded. The first access to the items loads the items of all orders in the same way. So
//! `page` takes 1 + 1 + 1 statements.
//!
//! You write nothing in the query, so you need not know the page. And what the page does not access is not loaded: a
//! page of names sends 1 statement. With `Strategy::Selectin` as the default, it would send 3, and load orders and
//! items that it does not use. An eager default has to load in advance, and `batch` waits for the first access.
//!
//! It has a cost. A page that accesses the orders of one customer among a thousand loads the orders of all thousand. If
//! the page is yours, write a load path. It also shows the reader what the page loads.

use workshop::*;

/// How many statements three of their pages send as they are, for 5 customers with 20 orders: `page`, `names` and `owners`.
const PREDICTED: [u64; 3] = [1 + 5 + 20, 1, 1 + 20];

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

    /// Returns each customer with the number of orders and the total spend.
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

    /// Returns the names of the customers.
    pub fn names(session: &Session) -> Result<Vec<String>> {
        let customers = session.all(Customer::select())?;
        Ok(customers.into_iter().map(|customer| customer.first_name).collect())
    }

    /// Returns the name of the customer of each order.
    pub fn owners(session: &Session) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for order in &session.all(Order::select())? {
            names.push(order.customer()?.first_name.clone());
        }
        Ok(names)
    }
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    show_in(open, 5, theirs::page)?;
    let session = open(5);
    println!("names: {} lines", theirs::names(&session)?.len());
    println!("owners: {} lines", theirs::owners(&session)?.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "which lines of `theirs` access a relation, and how often does each run?";

    /// Checks the predictions. Afterwards, the tests grade `open`.
    fn the_predictions_are_right() {
        let session = shop(5);
        let [of_page, of_names, of_owners] = PREDICTED;
        let ran = statements_of(&session, || theirs::page(&session));
        expect_prediction("the statements of page", of_page, ran, HELP);
        let ran = statements_of(&session, || theirs::names(&session));
        expect_prediction("the statements of names", of_names, ran, HELP);
        let ran = statements_of(&session, || theirs::owners(&session));
        expect_prediction("the statements of owners", of_owners, ran, HELP);
    }

    const LINES: &str = "
        SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM orders JOIN order_items ON order_id = orders.id
                WHERE customer_id = customers.id) AS total
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        the_predictions_are_right();
        for customers in [7, 60, 1] {
            let session = open(customers);
            let lines = expect_statements(&session, 3, || theirs::page(&session));
            assert_eq!(lines, truth::<theirs::Line>(&session, LINES), "the lines of {customers} customers");
        }
    }

    /// Two more of their pages.
    #[test]
    fn a_statement_for_what_is_accessed_and_for_nothing_else() {
        the_predictions_are_right();
        let session = open(7);
        let names = expect_statements(&session, 1, || theirs::names(&session));
        assert_eq!(names.len(), 7);

        let session = open(7);
        let owners = expect_statements(&session, 2, || theirs::owners(&session));
        assert_eq!(owners.len(), 28);
    }
}
