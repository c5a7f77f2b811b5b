//! # 7. To one
//!
//! The page shows orders, each with its customer's name. This relation leads from each order to one customer, and many
//! orders lead to the same customer. `selectin` would fix the page. So would `joined`, the strategy of the next chapter.
//! It loads the related rows in the orders' own statement, by a `LEFT JOIN`. A load path names it in the same way.
//!
//! - **Predict**: there are 200 orders of 50 customers, of whom 42 have ordered. How many statements does the page
//!   send, and how many rows do they return? Write the two numbers for the page as it is into `AS_IT_IS`, and those
//!   with `selectin` into `WITH_SELECTIN`. The line **Done** has those with `joined`.
//! - **Edit**: the query in `page`, and nothing below it.
//! - **Done** when it sends exactly 1 statement, at every size, and reads one row for each order.
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `your predictions are missing: 4 of 4`
//! Then fails with: `expected 1 statement`

use workshop::*;

/// How many statements the page sends and how many rows they return, as it is and with `selectin`, for 200 orders of 50
/// customers.
// TODO: your predictions, and then the page.
const AS_IT_IS: [u64; 2] = [0, 0];
const WITH_SELECTIN: [u64; 2] = [0, 0];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    order: i64,
    status: String,
    customer: String,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load the customers here, by the strategy that needs 1 statement.
    let orders = session.all(Order::select())?;
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
