//! # 14. The untouchable page
//!
//! This page is not yours. It belongs to another team, or is generated, or is in a crate. It loads lazily, and you
//! cannot edit it. But it runs on a session, and you open the session.
//!
//! - **Predict**: how many statements do `page`, `names` and `owners` send, for 5 customers with 20 orders? Write
//!   your three numbers into `PREDICTED`. And on paper: when the loop of `page` first accesses the orders of a
//!   customer, whose orders could the same statement load?
//! - **Edit**: `open`, and nothing in `theirs`. A session has a default strategy, for relations that no load path
//!   loads: `session.default_strategy(Strategy::…)`. The README of the workshop has a table of the strategies.
//! - **Done** when `page` sends 3 statements at every size, and the other two send no more than they need. `names`
//!   accesses no relation, so it sends 1. `owners` sends 2.
//!
//! Chapter: `book/src/two_dials.md`
//!
//! Fails with: `your prediction is wrong: the statements of page: 0`
//! Then fails with: `expected 3 statements`

use workshop::*;

/// How many statements three of their pages send as they are, for 5 customers with 20 orders: `page`, `names` and `owners`.
// TODO: your predictions, and then `open`.
const PREDICTED: [u64; 3] = [0, 0, 0];

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
