//! # 4. The first fix
//!
//! A page of customers, each with the number of orders. Its lines are right, and it sends a statement for each
//! customer.
//!
//! - **Predict**: how many statements should it take, for 5 customers and for 500? Write it down. Then run.
//! - **Edit**: the query in `page`. Nothing below it.
//! - **Done** when it sends exactly 2 statements, for 60 customers as for one.
//!
//! For one customer, the page passes as it is: 1 + 1 is 2. A test, or a developer's machine, often has only one
//! customer. There, the slow page and the fixed page look the same. So pages are graded at several sizes.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `expected 2 statements, ran 8`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load the orders here.
    let customers = session.all(Customer::select())?;

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
