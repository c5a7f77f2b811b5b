//! # 15. Just a count
//!
//! How many items has each customer ordered? This page was fixed already: it sends 3 statements for any number of
//! customers. Look at what the statements return.
//!
//! - **Predict**: how many rows does it read for 500 customers with 2,000 orders and 5,000 items, and how many objects
//!   does it build of them? How many numbers does it need? Write it down. Then run: `main` shows the first two.
//! - **Edit**: `page`, all of it. Let the database count, by `session.all_with(…)` or by SQL of your own and
//!   `session.query::<Line>(…)`.
//! - **Done** when it reads one row for each customer, in one statement.
//!
//! Chapter: `book/src/count_in_sql.md`
//!
//! Fails with: `expected at most 7 rows read, read 105`

use workshop::*;

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    items: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: all of these objects are built to be counted.
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.all(Customer::select().with(path))?;

    let mut lines = Vec::new();
    for customer in &customers {
        let mut items = 0;
        for order in customer.orders()? {
            items += order.items()?.len() as i64;
        }
        lines.push(Line { name: customer.first_name.clone(), items });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    show(page)?;

    let session = shop(500);
    let tally = session.tally();
    page(&session)?;
    println!();
    println!("rows read for 500 customers: {:>5}", count(tally.rows()));
    println!("objects built of them:       {:>5}", count(tally.objects()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_each_customer() {
        for customers in [7, 60, 1] {
            let session = shop(customers);
            let lines = expect_rows_read(&session, customers.into(), || page(&session));
            expect_lines(&lines, &by_objects(&session));
            expect_statements(&session, 1, || page(&session));
        }
    }

    /// The lines, counted by objects. Their statements are not counted.
    fn by_objects(session: &Session) -> Vec<Line> {
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        let customers = session.all(Customer::select().with(path)).unwrap();
        let items = |customer: &Customer| -> usize {
            let orders = customer.orders().unwrap();
            orders.iter().map(|order| order.items().unwrap().len()).sum()
        };
        let lines = customers
            .iter()
            .map(|customer| Line { name: customer.first_name.clone(), items: items(customer) as i64 });
        lines.collect()
    }
}
