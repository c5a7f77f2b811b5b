//! # 6. The hidden loop: why the fix is in the query
//!
//! For 5 customers with 20 orders, the page sent 47 statements:
//!
//! - 2 queries;
//! - 5 for the orders of one customer, by the `Display`;
//! - 20 for the items of one of these orders, by `spend`;
//! - 20 for the items of one of the latest orders, by `csv`.
//!
//! `spend` also accesses the orders of its customer, but sends nothing for them, because the `Display` loaded them for
//! the same object. The 20 latest orders are other objects, even if they are the same rows. So their items are loaded
//! again.
//!
//! None of the three is wrong. Each is given one row. Only their caller, or its caller, has all of them. So do not ask
//! where the relation is accessed. Ask where its parents were queried. That query loads all of them, and a load path there
//! fixes every access that follows from it, in any file.
//!
//! There are two such queries, and each needs its own path. So it takes 3 + 2 statements. If only the first query is
//! fixed, it takes 3 + 1 + 20.
//!
//! In a large program, you cannot find these places by reading. The failed test lists the lines that *access*.
//! `Detector`, in eagerly-watch, also names the lines where the parents were *queried*, with the path to write there.

use std::fmt;

use workshop::*;

use shared::{Badge, csv, spend};

/// How many statements the page sends from each of three places, for 5 customers with 20 orders: from the `Display` of
/// `Badge`, from `spend`, and from `csv`.
const PREDICTED: [u64; 3] = [5, 20, 20];

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
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;
    let latest = Order::select().order_by(Order::ID.desc()).limit(20);
    let latest = session.all(latest.with(selectin(Order::ITEMS)))?;

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
