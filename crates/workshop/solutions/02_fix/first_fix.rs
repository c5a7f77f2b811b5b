//! # 4. The first fix: why it helps
//!
//! The page sent 2, 8 and 61 statements: one, and one more for each customer.
//!
//! `selectin(Customer::ORDERS)`, in the query for the customers, loads their orders, too. After the statement for the
//! customers, the ORM sends one more for the orders of all of them, with `WHERE "customer_id" IN (…)`. The loop is
//! unchanged: `customer.orders()?` finds its orders loaded, and sends nothing.
//!
//! The fix is where the customers are *queried*, not where the orders are *accessed*. Only the query loads many
//! customers at once.
//!
//! For one customer, the page passed as it was: 1 + 1 is 2. A developer's database or a test often has only one
//! customer. There, the slow page and the fixed page look the same. So the exercises grade a page at several sizes.

use workshop::*;

/// How many statements the page sends as it is, for 1, 7 and 60 customers.
const PREDICTED: [u64; 3] = [1 + 1, 1 + 7, 1 + 60];

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
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
