//! # 10. A limit on a join
//!
//! The page is the first screen of a list: the latest 12 customers, each with the number of orders. Its author first
//! wrote the SQL of `BY_HAND`, and it returned too few customers. So now the page joins all customers to their orders, and
//! drops those after the twelfth. Its lines are right, but it reads the whole shop for one screen.
//!
//! - **Predict**: in a shop of 7, the customers have 2, 6, 0, 0, 12, 4 and 4 orders, the latest customer first. What
//!   does `BY_HAND` return there: how many different customers, and how many orders of the last of these? Write your
//!   two numbers into `PREDICTED`.
//! - **Edit**: in `page`, the query and the truncation. The query stays joined.
//! - **Done** when the page sends 1 statement, which reads no row of a thirteenth customer.
//!
//! Chapter: `book/src/joined.md`
//!
//! Fails with: `your prediction is wrong: the customers that BY_HAND returns: 0`
//! Then fails with: `expected at most 93 rows read`

use eagerly::numbers;
use workshop::*;

/// What `BY_HAND` returns in a shop of 7: the number of different customers, and the number of orders of the last of them.
// TODO: your predictions, and then the page.
const PREDICTED: [usize; 2] = [0, 0];

const BY_HAND: &str = "
    SELECT customers.id AS customer, orders.id AS order_id
    FROM customers LEFT JOIN orders ON customer_id = customers.id
    ORDER BY customers.id DESC, orders.id
    LIMIT 12";

#[derive(FromRow)]
struct Row {
    customer: i64,
    order_id: Option<i64>,
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let query = Customer::select().order_by(Customer::ID.desc());
    let mut customers = session.all(query.with(joined(Customer::ORDERS)))?;
    // Not `LIMIT 12`: on the join, that cut off customers.
    customers.truncate(12);

    let mut lines = Vec::new();
    for customer in &customers {
        lines.push(Line { name: customer.first_name.clone(), orders: customer.orders()?.len() as i64 });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    let [customers, orders] = PREDICTED;
    println!("BY_HAND in a shop of 7; predicted: {customers} customers, {orders} orders of the last");
    if has_argument("rows") {
        for row in truth::<Row>(&shop(7), BY_HAND) {
            println!("  customer {}, order {:?}", row.customer, row.order_id);
        }
    }
    println!();
    for customers in [5, 50, 500] {
        let session = shop(customers);
        let tally = session.tally();
        let lines = page(&session)?;
        println!(
            "{customers:>3} customers: {:>2} lines, {}, {:>5} rows read",
            lines.len(),
            numbers::counted(tally.statements(), "statement"),
            count(tally.rows()),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "run `cargo run --bin limit_and_joined -- rows`, and read the 12 rows";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let mut rows = truth::<Row>(&shop(7), BY_HAND);
        let last = rows.last().expect("a row").customer;
        let orders = rows.iter().filter(|row| row.customer == last && row.order_id.is_some()).count();
        rows.dedup_by_key(|row| row.customer);
        let [of_customers, of_the_last] = PREDICTED;
        expect_prediction("the customers that BY_HAND returns", of_customers, rows.len(), HELP);
        expect_prediction("the orders of the last of them", of_the_last, orders, HELP);
    }

    #[derive(FromRow)]
    struct Joined {
        rows: i64,
    }

    /// Counts the rows of the latest 12 customers, joined with their orders.
    const ROWS: &str = "
        SELECT count(*) AS rows FROM (SELECT id FROM customers ORDER BY id DESC LIMIT 12) AS latest
        LEFT JOIN orders ON customer_id = latest.id";

    const LINES: &str =
        "SELECT first_name AS name, (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders
        FROM customers ORDER BY id DESC LIMIT 12";

    #[test]
    fn the_limit_counts_customers() {
        the_predictions_are_right();
        for customers in [1, 7, 60, 200] {
            let session = shop(customers);
            let at_most = truth::<Joined>(&session, ROWS)[0].rows as u64;
            let lines =
                expect_rows_read(&session, at_most, || Ok(expect_statements(&session, 1, || page(&session))));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_objects(&session, || page(&session));
        }
    }
}
