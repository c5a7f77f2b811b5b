//! # 10. A limit on a join: what it counts
//!
//! `LIMIT` counts the rows of the result, and the rows of a join are pairs, not customers. In the shop of 7, `BY_HAND`
//! returns 2 rows of the latest customer and 6 of the next. Then it returns one row of nulls for each of the two
//! without orders, and the first 2 rows of 12. That is 5 customers instead of 7, and the last of them has 2 orders. You
//! can see that there are too few customers. You cannot see that the last one is incomplete.
//!
//! `Select::limit` counts customers, because the query selects customers. If a collection is joined, the ORM selects
//! the customers in a sub-select, and joins the orders to them:
//!
//! ```sql
//! SELECT "customers"."id", …, "orders"."id", …
//!     FROM (SELECT "id", … FROM "customers" ORDER BY "id" DESC, … LIMIT ?1) AS "customers"
//!     LEFT JOIN "orders" AS "orders" ON "orders"."customer_id" = "customers"."id"
//!     ORDER BY "customers"."id" DESC, …, "orders"."id"
//! ```
//!
//! The page as it was is right, and in a shop of 7 it reads no unnecessary row, because there is no thirteenth
//! customer. With 60 it reads 250 rows instead of 93, and with 500 it reads 2,087, always for 12 lines. Some ORMs do
//! not use a sub-select: Hibernate, before 7.4, read all rows and dropped most of them, with a warning that it applies
//! the limit in memory.
//!
//! `selectin` does not have this problem, since its first statement has no join. It would be as good here, with 2
//! statements. A limit on the *children*, such as the latest 3 orders of each, is another question. For that, see
//! `limit_each` in exercise 13.

use eagerly::numbers;
use workshop::*;

/// What `BY_HAND` returns in a shop of 7: the number of different customers, and the number of orders of the last of them.
const PREDICTED: [usize; 2] = [5, 2];

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
    let query = Customer::select().order_by(Customer::ID.desc()).limit(12);
    let customers = session.all(query.with(joined(Customer::ORDERS)))?;

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
