//! # 9. The explosion
//!
//! The page shows customers, each with the number of orders, and with the number of the shop's notes about the customer.
//! Its author wanted to avoid an N+1, and joined both relations. (`joined` loads each of them in the customers' own
//! statement, by a `LEFT JOIN`.) The page sends 1 statement, at every size. You cannot send fewer, and still the page
//! gets slower every day.
//!
//! - **Predict**: how many rows does that statement return for a customer with 3 orders and 4 notes? For one with 3
//!   orders and no note? For one with neither? Write the three numbers into `PREDICTED`.
//! - **Edit**: the query in `page`, and nothing below it.
//! - **Done** when it reads no more rows than the three tables have together, in at most 3 statements. `main` prints
//!   how many rows were read, and how many there are.
//!
//! Chapter: `book/src/joined.md`
//!
//! Fails with: `your prediction is wrong: the rows for 3 orders and 4 notes: 0`
//! Then fails with: `expected at most 13 rows read`

use eagerly::numbers;
use workshop::*;

/// How many rows the statement returns for one customer: with 3 orders and 4 notes, with 3 orders and no note, with neither.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 3] = [0, 0, 0];

/// A customer with two collections. The shop's own `Customer` has only one.
#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct Client {
    #[entity(key)]
    id: i64,
    first_name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<Order>,
    #[entity(foreign_key = "customer_id")]
    notes: HasMany<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    text: String,
}

#[derive(Debug, PartialEq, FromRow)]
struct Line {
    name: String,
    orders: i64,
    notes: i64,
}

fn page(session: &Session) -> Result<Vec<Line>> {
    // TODO: choose the strategies again.
    let query = Client::select().with(joined(Client::ORDERS)).with(joined(Client::NOTES));
    let clients = session.all(query)?;

    let mut lines = Vec::new();
    for client in &clients {
        lines.push(Line {
            name: client.first_name.clone(),
            orders: client.orders()?.len() as i64,
            notes: client.notes()?.len() as i64,
        });
    }
    Ok(lines)
}

/// Creates a shop with notes: 8, 16, 24 or none about a customer.
fn shop_with_notes(customers: u32) -> Result<Session> {
    let session = shop(customers);
    for sql in [
        "CREATE TABLE notes (
            id          INTEGER PRIMARY KEY,
            customer_id INTEGER NOT NULL REFERENCES customers (id),
            text        TEXT NOT NULL
        )",
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 24)
        INSERT INTO notes (customer_id, text)
        SELECT customers.id, 'call ' || n FROM customers JOIN numbers ON n <= customers.id % 4 * 8",
        "CREATE INDEX notes_customer_id ON notes (customer_id)",
    ] {
        session.execute(sql, [])?;
    }
    Ok(session)
}

/// Returns how many rows the three tables have together.
fn rows(session: &Session) -> Result<u64> {
    let customers = session.count(Client::select())?;
    Ok(customers + session.count(Order::select())? + session.count(Note::select())?)
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    for customers in [5, 50, 500] {
        let session = shop_with_notes(customers)?;
        let rows = rows(&session)?;
        let tally = session.tally();
        page(&session)?;
        println!(
            "{customers:>3} customers: {}, {:>6} rows read; there are {:>5}",
            numbers::counted(tally.statements(), "statement"),
            count(tally.rows()),
            count(rows),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "write down the rows of the join, each with its order and its note";

    /// Returns how many rows the page reads as it was, for one customer.
    fn rows_of_the_join(orders: u32, notes: u32) -> u64 {
        let session = shop_with_notes(0).expect("a shop with notes");
        session.execute("INSERT INTO customers VALUES (1, 'Ada', 'Lovelace', '')", []).expect("a customer");
        for id in 1..=orders {
            let order = Order { id: id.into(), customer_id: 1, ..Order::default() };
            session.insert(&order).expect("an order");
        }
        for note in 1..=notes {
            session
                .execute("INSERT INTO notes VALUES (?1, 1, '')", params![i64::from(note)])
                .expect("a note");
        }
        let query = Client::select().with(joined(Client::ORDERS)).with(joined(Client::NOTES));
        rows_of(&session, || session.all(query))
    }

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        for ((orders, notes), predicted) in [(3, 4), (3, 0), (0, 0)].into_iter().zip(PREDICTED) {
            let what = format!("the rows for {orders} orders and {notes} notes");
            expect_prediction(&what, predicted, rows_of_the_join(orders, notes), HELP);
        }
    }

    const LINES: &str = "
        SELECT first_name AS name,
            (SELECT count(*) FROM orders WHERE customer_id = customers.id) AS orders,
            (SELECT count(*) FROM notes WHERE customer_id = customers.id) AS notes
        FROM customers ORDER BY id";

    #[test]
    fn no_more_rows_than_there_are() {
        the_predictions_are_right();
        for customers in [1, 7, 60] {
            let session = shop_with_notes(customers).expect("a shop with notes");
            let rows = rows(&session).expect("three counts");
            let lines =
                expect_rows_read(&session, rows, || Ok(expect_at_most(&session, 3, || page(&session))));
            expect_lines(&lines, &truth::<Line>(&session, LINES));
            expect_objects(&session, || page(&session));
        }
    }
}
