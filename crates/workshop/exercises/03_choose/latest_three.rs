//! # 13. The latest three
//!
//! A page of customers, each with the dates of the latest three orders. Its lines are right. A LIMIT applies to all rows
//! of a statement, so the page seems to need a statement for each customer.
//!
//! - **Predict**: with `selectin(Customer::ORDERS)`, and the first three taken in Rust, there would be 2 statements.
//!   How many rows would they read for a customer with a thousand orders?
//! - **Edit**: `page`. The latest three of *each* customer are a part of a relation, as the open orders in exercise 12.
//!   A part can be sorted, and limited for each parent.
//! - **Done** when it sends 2 statements at every size, and reads no order that it does not show.
//!
//! Chapter: `book/src/choose.md`
//!
//! Fails with: `expected 2 statements, ran 8`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    latest: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select())?;

    let mut lines = Vec::new();
    for customer in &customers {
        // TODO: have the query above load the latest three of all customers.
        let latest = session.all(
            Order::select()
                .filter(Order::CUSTOMER_ID.eq(customer.id))
                .order_by(Order::PLACED_ON.desc())
                .limit(3),
        )?;
        lines.push(Line { name: customer.first_name.clone(), latest: days(&latest) });
    }
    Ok(lines)
}

/// The days of some orders.
fn days(orders: &[Order]) -> String {
    let days: Vec<_> = orders.iter().map(|order| order.placed_on.as_str()).collect();
    days.join(", ")
}

fn main() -> Result<()> {
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "
        SELECT first_name AS name, coalesce((SELECT group_concat(placed_on, ', ') FROM
            (SELECT placed_on FROM orders WHERE customer_id = customers.id ORDER BY placed_on DESC, id LIMIT 3)), '')
            AS latest
        FROM customers ORDER BY id";

    /// Each customer, and each order that is shown.
    const ROWS: &str = "
        SELECT count(*) + sum(min(3, (SELECT count(*) FROM orders WHERE customer_id = customers.id))) AS number
        FROM customers";

    #[derive(FromRow)]
    struct Rows {
        number: i64,
    }

    #[test]
    fn two_statements_and_no_row_too_many() {
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let rows = truth::<Rows>(&session, ROWS)[0].number as u64;
            let lines = expect_statements(&session, 2, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_rows_read(&session, rows, || page(&session));
        }
    }
}
