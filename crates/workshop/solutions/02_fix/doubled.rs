//! # 5. The doubled N+1: why one level is not enough
//!
//! For 5 customers with 20 orders, the page sends 1 + 5 + 20 = 26 statements. The fix of exercise 4 removes the 5, and
//! adds 1 for all orders: 1 + 1 + 20 = 22. It fixes the smaller of the two loops. If you only check that the page got
//! faster, you stop there. If you count, you find the rest. The second `customer.orders()?`, which takes the length, is
//! not among the 26, because the accessor keeps what the first call loaded.
//!
//! A load path goes as deep as the page does. `selectin(Customer::ORDERS)` leads to orders, and
//! `.selectin(Order::ITEMS)` after it loads the items of those. The page now sends one statement for the customers,
//! and one for each relation of the path: 3, for any C and O.
//!
//! The compiler checks the path. It refuses `.with(selectin(Order::ITEMS))`, because customers have no items. It also
//! refuses `selectin(Customer::ORDERS).selectin(Customer::ORDERS)`.
//!
//! A customer without orders, and an order without items, send no statement either. Their keys are in the `IN (…)` with
//! all others. If no row comes back for a key, the ORM keeps this result, too.

use workshop::*;

/// How many statements the page sends as it is, and with the fix of exercise 4, for 5 customers with 20 orders.
const PREDICTED: [u64; 2] = [1 + 5 + 20, 1 + 1 + 20];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    cents: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;
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
