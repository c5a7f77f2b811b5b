//! # 6. The hidden loop
//!
//! The page has two sections: all customers, and the latest 20 orders. `page` itself accesses no relation. It calls code
//! that most programs have: a `Display`, a helper, a function that writes CSV. Each of these accesses the relations of
//! one row. None of them shows that it is called in a loop.
//!
//! The module `shared` has a lifetime (`'c`) and implements a trait. You only have to read it.
//!
//! - **Predict**: for 5 customers with 20 orders, how many statements are sent from each of the three places? Write
//!   your numbers into `PREDICTED`.
//! - **Edit**: the two queries in `page`. Do not change the module `shared`. It stands for other files. Other
//!   pages use it, too, and need other relations, or none.
//! - **Done** when it sends exactly 5 statements, for 1, for 7 and for 60 customers.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `your prediction is wrong: the statements from Badge: 0`
//! Then fails with: `expected 5 statements`

use std::fmt;

use workshop::*;

use shared::{Badge, csv, spend};

/// How many statements the page sends from each of three places, for 5 customers with 20 orders: from the `Display` of
/// `Badge`, from `spend`, and from `csv`.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 3] = [0, 0, 0];

/// Other pages use this module, too. Do not change it.
mod shared {
    use super::*;

    /// Displays a customer's name and number of orders.
    pub struct Badge<'c>(pub &'c Customer);

    impl fmt::Display for Badge<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            // `fmt::Error` is the only error that a `Display` can return.
            let orders = self.0.orders().map_err(|_| fmt::Error)?;
            write!(f, "{} (orders: {})", self.0.first_name, orders.len())
        }
    }

    /// Returns the total of a customer's orders, in cents.
    pub fn spend(customer: &Customer) -> Result<i64> {
        let mut cents = 0;
        for order in customer.orders()? {
            for item in order.items()? {
                cents += item.quantity * item.unit_price;
            }
        }
        Ok(cents)
    }

    /// Returns an order as a line of CSV.
    pub fn csv(order: &Order) -> Result<String> {
        let products: Vec<_> = order.items()?.iter().map(|item| item.product.as_str()).collect();
        Ok(format!("{};{};{}", order.id, order.placed_on, products.join(",")))
    }
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    text: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: at each of the two queries, load what is accessed of its rows, anywhere.
    let customers = session.all(Customer::select())?;
    let latest = session.all(Order::select().order_by(Order::ID.desc()).limit(20))?;

    let mut lines = Vec::new();
    for customer in &customers {
        let badge = Badge(customer).to_string();
        lines.push(Line { text: format!("{badge}: {} cents", spend(customer)?) });
    }
    for order in &latest {
        lines.push(Line { text: csv(order)? });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "run `cargo run --bin hidden_loop -- echo`; each line names its place";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let [by_badge, by_spend, by_csv] = PREDICTED;
        let session = shop(5);
        let customers = session.all(Customer::select()).expect("customers");
        let latest = session.all(Order::select()).expect("orders");
        // The same order as in the page, for each customer: first the badge, and then `spend`.
        let ran = statements_of(&session, || {
            customers.iter().for_each(|customer| _ = Badge(customer).to_string());
            Ok(())
        });
        expect_prediction("the statements from Badge", by_badge, ran, HELP);
        let ran = statements_of(&session, || customers.iter().map(spend).collect::<Result<Vec<_>>>());
        expect_prediction("the statements from spend", by_spend, ran, HELP);
        let ran = statements_of(&session, || latest.iter().map(csv).collect::<Result<Vec<_>>>());
        expect_prediction("the statements from csv", by_csv, ran, HELP);
    }

    const CUSTOMERS: &str = "
        SELECT first_name || ' (orders: ' || (SELECT count(*) FROM orders WHERE customer_id = customers.id) || '): '
            || (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items
                WHERE order_id IN (SELECT id FROM orders WHERE customer_id = customers.id)) || ' cents' AS text
        FROM customers ORDER BY id";

    const LATEST: &str = "
        SELECT id || ';' || placed_on || ';' || coalesce(
            (SELECT group_concat(product, ',' ORDER BY id) FROM order_items WHERE order_id = orders.id), '') AS text
        FROM orders ORDER BY id DESC LIMIT 20";

    #[test]
    fn five_statements_at_every_size() {
        the_predictions_are_right();
        for customers in [1, 7, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 5, || page(&session));
            let mut expected = truth::<Line>(&session, CUSTOMERS);
            expected.extend(truth::<Line>(&session, LATEST));
            expect_lines(&lines, &expected);
        }
    }
}
