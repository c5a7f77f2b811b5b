//! # 6. To one: why joined, here
//!
//! For 200 orders of 50 customers, of whom 42 have ordered:
//!
//! | | statements | rows read |
//! |---|---|---|
//! | as it was | 201 | 400 |
//! | `selectin` | 2 | 242 |
//! | `joined` | 1 | 200 |
//!
//! As it was, the page asked for each customer as often as they had orders, and built a new object each time: an
//! accessor remembers for its own order, and rows that are loaded one at a time know nothing of each other. `selectin`
//! asks for each customer once, and for the 8 without orders not at all.
//!
//! A join multiplies rows only where one row meets many. Each order has one customer, so the rows stay as many as the
//! orders are, and the customer's columns come along in them, without a statement of their own. For a relation to one,
//! `joined` is the first thing to try.
//!
//! What it costs is width: the customer's columns are sent with every order, also the sixty-fourth time. `selectin`
//! sends each customer once. For 12,000 orders of 2,423 customers the rows weigh 859 kB joined, and 501 kB with
//! selectin (measured, by `Recording::advice` of eagerly-watch). There the customer's row weighs 37 bytes; with an
//! address, a picture and a page of remarks in it, joined would send those 12,000 times. So: joined, where the rows at
//! the other end are narrow or not shared by many; selectin, where many rows share few wide ones, and 1 statement more
//! is a small price.
//!
//! Each customer is built once in either way, however many orders it has.

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    order: i64,
    status: String,
    customer: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let orders = session.all(Order::select().with(joined(Order::CUSTOMER)))?;

    let mut lines = Vec::new();
    for order in &orders {
        lines.push(Line {
            order: order.id,
            status: order.status.clone(),
            customer: order.customer()?.last_name.clone(),
        });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    show(page)?;
    println!();
    for customers in [5, 50, 500] {
        let session = shop(customers);
        let orders = session.count(Order::select())?;
        let tally = session.tally();
        page(&session)?;
        println!(
            "{:>5} orders of {customers:>3} customers: {:>5} rows read",
            count(orders),
            count(tally.rows())
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"
        SELECT orders.id AS "order", status, last_name AS customer
        FROM orders JOIN customers ON customers.id = customer_id ORDER BY orders.id"#;

    #[test]
    fn one_statement_at_every_size() {
        for customers in [60, 7, 1] {
            let session = shop(customers);
            let lines = expect_statements(&session, 1, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_objects(&session, || page(&session));
        }
    }

    #[test]
    fn one_row_for_each_order() {
        let session = shop(60);
        let orders = session.count(Order::select()).expect("a count");
        expect_rows_read(&session, orders, || page(&session));
    }
}
