//! # 7. To one
//!
//! A page of orders, each with its customer's name. This relation leads from each order to one customer, and many orders
//! lead to the same customer. `selectin` would fix the page. So would `joined`, a strategy that loads the related rows
//! in the orders' own statement, by a `LEFT JOIN`.
//!
//! - **Predict**: for 200 orders of 50 customers, of whom 42 have ordered, how many statements does the page send, and
//!   how many rows does it read: as it is, with `selectin`, with `joined`? Write down the six numbers. Then run: `main`
//!   prints both.
//! - **Edit**: the query in `page`. Nothing below it.
//! - **Done** when it sends exactly 1 statement, at every size, and reads one row for each order.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `expected 1 statement, ran 241`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    order: i64,
    status: String,
    customer: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load the customers here, by a strategy of your choice.
    let orders = session.all(Order::select())?;

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
