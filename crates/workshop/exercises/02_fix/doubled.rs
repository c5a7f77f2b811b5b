//! # 5. The doubled N+1
//!
//! The page of the case study: each customer with the number of orders and the total spend. The total needs the items
//! of each order. So there are two relations, and the loop over the orders is inside the loop over the customers.
//!
//! An accessor keeps what it has loaded: the second `customer.orders()?` of the same object sends nothing. Another
//! object, even of the same row, has not loaded it.
//!
//! - **Predict** three numbers, for 5 customers with 20 orders. How many statements does the page send as it is? How many
//!   with the fix of exercise 4? How many should it send? Write them down. Then run, and run again after each step.
//! - **Edit**: the query in `page`. Nothing below it.
//! - **Done** when it sends exactly 3 statements, for 60 customers as for one.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `expected 3 statements, ran 36`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    cents: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load the orders here, and the items of those.
    let customers = session.all(Customer::select())?;

    let mut lines = Vec::new();
    for customer in &customers {
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
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items
                WHERE order_id IN (SELECT id FROM orders WHERE customer_id = customers.id)) AS cents
        FROM customers ORDER BY id";

    #[test]
    fn three_statements_at_every_size() {
        for customers in [7, 1, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 3, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }
}
