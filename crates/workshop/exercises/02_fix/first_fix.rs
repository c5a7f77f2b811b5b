//! # 4. The first fix
//!
//! The page shows customers, each with the number of orders. Its lines are right, but the number of its statements
//! grows with the number of customers.
//!
//! - **Predict**: how many statements does the page send as it is, for 1, for 7 and for 60 customers? Write your three
//!   numbers into `PREDICTED`. The tests grade the page after the predictions are right.
//! - **Edit**: the query in `page`, and nothing below it.
//! - **Done** when the page sends exactly 2 statements for 1, for 7 and for 60 customers. Which of the three sizes did
//!   not show that the page was slow?
//!
//! Chapter: `book/src/selectin.md`
//!
//! Fails with: `your predictions are missing: 3 of 3`
//! Then fails with: `expected 2 statements`

use workshop::*;

/// How many statements the page sends as it is, for 1, 7 and 60 customers.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 3] = [0, 0, 0];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: load the orders here.
    let customers = session.all(Customer::select())?;
    lines(&customers)
}

fn lines(customers: &[Customer]) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for customer in customers {
        lines.push(Line { name: customer.first_name.clone(), orders: customer.orders()?.len() as i64 });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    show(page)
}

#[cfg(test)]
mod tests {
    use eagerly::numbers;

    use super::*;

    const HELP: &str = "run `cargo run --bin first_fix -- echo`, and count for 5 customers";

    fn the_page_as_it_was(session: &Session) -> Result<Vec<Line>> {
        lines(&session.all(Customer::select())?)
    }

    const LINES: &str =
        "SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
        FROM customers ORDER BY id";

    #[test]
    fn first_predict_and_then_two_statements() {
        expect_all_given(&PREDICTED);
        for (customers, predicted) in [1, 7, 60].into_iter().zip(PREDICTED) {
            let session = shop(customers);
            let what = format!("the statements for {}", numbers::counted(customers.into(), "customer"));
            let ran = statements_of(&session, || the_page_as_it_was(&session));
            expect_prediction(&what, predicted, ran, HELP);
        }

        for customers in [1, 7, 60] {
            let session = shop(customers);
            let lines = expect_statements(&session, 2, || page(&session));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
        }
    }
}
