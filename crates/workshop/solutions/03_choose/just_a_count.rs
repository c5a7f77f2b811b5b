//! # 15. Just a count: why without objects
//!
//! 3 statements are few. But for 500 customers they read 7,500 rows, and build 7,500 objects, to show 500 numbers. The
//! database can count. It reads an index, and returns a row for each customer.
//!
//! `Customer::ORDERS.then(Order::ITEMS).count()` becomes `LEFT JOIN (SELECT …, count(*) … GROUP BY …)`. To read it, add
//! `session.echo(true)`. The same by hand:
//!
//! ```sql
//! SELECT first_name AS name, count(order_items.id) AS items
//! FROM customers
//! LEFT JOIN orders ON orders.customer_id = customers.id
//! LEFT JOIN order_items ON order_items.order_id = orders.id
//! GROUP BY customers.id ORDER BY customers.id
//! ```
//!
//! There are two traps. `JOIN` without `LEFT` drops the customers without orders. And `count(*)` counts one item for
//! them, because they have one row, with nulls. `count(order_items.id)` counts only the rows in which that column is
//! not null.
//!
//! This answers the fifth question of the case study. Eager loading fixes the N+1, but a figure needs no objects at
//! all. Load objects to work with them, not to count them.

use workshop::*;

/// How many rows the page reads as it is for 500 customers with 2,000 orders and 5,000 items, and how many numbers it
/// shows.
const PREDICTED: [u64; 2] = [500 + 2_000 + 5_000, 500];

/// What `count(*)` returns in `COUNTED`, for a customer without orders.
const WITHOUT_ORDERS: i64 = 1;

const COUNTED: &str = "
    SELECT count(*) AS items
    FROM customers
    LEFT JOIN orders ON orders.customer_id = customers.id
    LEFT JOIN order_items ON order_items.order_id = orders.id
    WHERE customers.id = ?1";

#[derive(FromRow)]
struct Counted {
    items: i64,
}

/// Returns what `COUNTED` counts for a customer without orders.
fn counted_without_orders() -> Result<i64> {
    let session = shop(0);
    let id = session.insert(&Customer::default())?;
    Ok(session.query::<Counted>(COUNTED, params![id])?[0].items)
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    items: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    let items = Customer::ORDERS.then(Order::ITEMS).count();
    let customers = session.all_with(Customer::select(), items)?;
    let lines = customers.into_iter().map(|(customer, items)| Line { name: customer.first_name, items });
    Ok(lines.collect())
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}, {WITHOUT_ORDERS}");
    if has_argument("counted") {
        println!("COUNTED, for a customer without orders: {}", counted_without_orders()?);
    }
    println!();
    show(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let [rows, numbers] = PREDICTED;
        let session = shop(500);
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        let read = rows_of(&session, || session.all(Customer::select().with(path)));
        let help = "add up the rows of the three statements";
        expect_prediction("the rows that the page reads as it is", rows, read, help);
        let customers = session.count(Customer::select()).expect("a count");
        expect_prediction("the numbers that it shows", numbers, customers, "one for each line");

        let counted = counted_without_orders().expect("a count");
        let help = "run `cargo run --bin just_a_count -- counted`, and explain its number";
        expect_prediction("the count without orders", WITHOUT_ORDERS, counted, help);
    }

    #[test]
    fn a_row_for_each_customer() {
        the_predictions_are_right();
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
