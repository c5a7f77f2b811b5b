//! # 5. The doubled N+1
//!
//! This is the admin page again: each customer with the number of orders and the total spend. The total needs the items
//! of each order. So there are two relations, and the loop over the orders is inside the loop over the customers.
//!
//! An accessor keeps what it has loaded. The second `customer.orders()?` of the same object sends nothing. Another
//! object of the same row has to load its orders itself.
//!
//! - **Predict** two numbers, for 5 customers with 20 orders. How many statements does the page send as it is? How many
//!   does it send with the fix of exercise 4? Write them into `PREDICTED`. (Echo also prints BEGIN and COMMIT. They
//!   make an eager load read one state of the database, and do not count as statements.)
//! - **Edit**: the query in `page`, and nothing below it.
//! - **Done** when it sends exactly 3 statements, for 1, for 7 and for 60 customers.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `your predictions are missing: 2 of 2`
//! Then fails with: `expected 3 statements`

use workshop::*;

/// How many statements the page sends as it is, and with the fix of exercise 4, for 5 customers with 20 orders.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 2] = [0, 0];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    cents: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load here what the lines access.
    let customers = session.all(Customer::select())?;
    lines(&customers)
}

fn lines(customers: &[Customer]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for customer in customers {
        let mut cents = 0;
        for order in customer.orders()? {
            for item in order.items()? {
                cents += item.quantity * item.unit_price;
            }
        }
        lines.push(Line {
            name: customer.first_name.clone(),
            orders: customer.orders()?.len() as i64,
            cents,
        });
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

    const HELP: &str = "count with `cargo run --bin doubled -- echo`, without BEGIN and COMMIT";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        expect_all_given(&PREDICTED);
        let [as_it_is, with_the_first_fix] = PREDICTED;
        let session = shop(5);
        let ran = statements_of(&session, || lines(&session.all(Customer::select())?));
        expect_prediction("the statements of the page as it is", as_it_is, ran, HELP);
        let query = Customer::select().with(selectin(Customer::ORDERS));
        let ran = statements_of(&session, || lines(&session.all(query)?));
        expect_prediction("the statements with the first fix", with_the_first_fix, ran, HELP);
    }

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items
                WHERE order_id IN (SELECT id FROM orders WHERE customer_id = customers.id)) AS cents
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        the_predictions_are_right();
        for customers in [7, 1, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 3, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }
}
