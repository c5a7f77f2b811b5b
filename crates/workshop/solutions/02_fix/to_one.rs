//! # 7. To one: why joined, here
//!
//! For 200 orders of 50 customers, of whom 42 have ordered:
//!
//! | | statements | rows read |
//! |---|---|---|
//! | as it was | 201 | 400 |
//! | `selectin` | 2 | 242 |
//! | `joined` | 1 | 200 |
//!
//! As it was, the page queried each customer once for each of their orders, and built a new object each time. An
//! accessor keeps a customer for its own order only. `selectin` reads each customer once, and does not read the 8
//! without orders.
//!
//! A join multiplies rows only if one row matches many. Each order has one customer, so the join has as many rows as
//! there are orders. They contain the customer's columns, without a statement of their own. For a relation to one, try
//! `joined` first.
//!
//! Its cost is wider rows: the customer's columns are sent with every order of the customer. `selectin` sends each
//! customer once. For 12,000 orders of 2,423 customers, the rows have 859 kB joined, and 501 kB with selectin
//! (measured, by `Recording::advice` of eagerly-watch). There, a customer's row has 37 bytes. With an address, a
//! picture and a page of remarks in it, joined would send those 12,000 times. So choose joined if the rows at the other
//! end are narrow, or are not shared by many. Choose selectin if many rows share few wide ones. It takes only 1
//! statement more.
//!
//! Both build each customer once, for any number of orders.

use workshop::*;

/// How many statements the page sends and how many rows they return, as it is and with `selectin`, for 200 orders of 50
/// customers.
const AS_IT_IS: [u64; 2] = [1 + 200, 200 + 200];
const WITH_SELECTIN: [u64; 2] = [2, 200 + 42];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    order: i64,
    status: String,
    customer: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let orders = session.all(Order::select().with(joined(Order::CUSTOMER)))?;
    lines(&orders)
}

fn lines(orders: &[Order]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for order in orders {
        lines.push(Line {
            order: order.id,
            status: order.status.clone(),
            customer: order.customer()?.last_name.clone(),
        });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    println!("predicted: {AS_IT_IS:?}, {WITH_SELECTIN:?}\n");
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "for 5 customers with 20 orders, watch `cargo run --bin to_one -- echo`";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        expect_all_given(&[AS_IT_IS, WITH_SELECTIN].concat());
        let session = shop(50);
        let as_it_was = || lines(&session.all(Order::select())?);
        let selectin = || lines(&session.all(Order::select().with(selectin(Order::CUSTOMER)))?);
        let [statements, rows] = AS_IT_IS;
        let ran = statements_of(&session, as_it_was);
        expect_prediction("the statements of the page as it is", statements, ran, HELP);
        let read = rows_of(&session, as_it_was);
        expect_prediction("the rows that the page reads as it is", rows, read, HELP);
        let [statements, rows] = WITH_SELECTIN;
        let ran = statements_of(&session, selectin);
        expect_prediction("the statements with selectin", statements, ran, HELP);
        let read = rows_of(&session, selectin);
        expect_prediction("the rows that are read with selectin", rows, read, HELP);
    }

    const LINES: &str = r#"
        SELECT orders.id AS "order", status, last_name AS customer
        FROM orders JOIN customers ON customers.id = customer_id ORDER BY orders.id"#;

    #[test]
    fn one_statement_at_every_size_and_one_row_for_each_order() {
        the_predictions_are_right();
        for customers in [60, 7, 1] {
            let session = shop(customers);
            let lines = expect_statements(&session, 1, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_objects(&session, || page(&session));
            let orders = session.count(Order::select()).expect("a count");
            expect_rows_read(&session, orders, || page(&session));
        }
    }
}
