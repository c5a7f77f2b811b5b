//! # 15. Just a count
//!
//! How many items has each customer ordered? This page was fixed already: it sends 3 statements for any number of
//! customers. Look at what the statements return.
//!
//! - **Predict**: how many rows does it read for 500 customers with 2,000 orders and 5,000 items? It builds an object
//!   of each row. How many numbers does it show? Write both into `PREDICTED`. Then read the SQL of `COUNTED`. What does
//!   it return for a customer without orders? Write that into `WITHOUT_ORDERS`.
//! - **Edit**: `page`, all of it. Let the database count. There are two ways. `session.all_with(query, figure)` returns
//!   pairs of an object and a number. A figure is a count or a sum over a relation. `Customer::ORDERS.count()` counts the
//!   orders. To count rows behind the orders, continue the relation with `.then(…)`, before `.count()`. Or you write the
//!   SQL, for `session.query::<Line>(…)`.
//! - **Done** when it reads one row for each customer, in one statement.
//!
//! Chapter: `book/src/count_in_sql.md`
//!
//! Fails with: `your prediction is wrong: the rows that the page reads as it is: 0`
//! Then fails with: `expected at most 7 rows read`

use workshop::*;

/// How many rows the page reads as it is for 500 customers with 2,000 orders and 5,000 items, and how many numbers it
/// shows.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 2] = [0, 0];

/// What `count(*)` returns in `COUNTED`, for a customer without orders.
const WITHOUT_ORDERS: i64 = 0;

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
    // TODO: all of these objects are only built to count them.
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
