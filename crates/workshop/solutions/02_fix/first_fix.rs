//! # 3. The first fix: why it helps
//!
//! `selectin(Customer::ORDERS)` says, where the customers are queried, that their orders will be wanted. After the
//! statement for the customers, one more is sent for the orders of all of them, with `WHERE "customer_id" IN (…)`. The
//! loop is as it was; `customer.orders()?` finds its orders at hand, and sends nothing.
//!
//! The fix stands where the customers are *queried*, not where the orders are *touched*: only there is it known that
//! there will be many of them.
//!
//! At one customer the starter passed: 1 + 1 is 2. That is why nobody notices in development, and why one size is not
//! a test.

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;

    let mut lines = Vec::new();
    for customer in &customers {
        lines.push(Line { name: customer.first_name.clone(), orders: customer.orders()?.len() as i64 });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str =
        "SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
        FROM customers ORDER BY id";

    #[test]
    fn two_statements_at_every_size() {
        for customers in [1, 7, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 2, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }
}
