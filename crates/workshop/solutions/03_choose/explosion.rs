//! # 9. The explosion: why one statement can be too few
//!
//! A join of two collections pairs each row of one with each row of the other, although they are not related. 3 orders
//! and 4 notes are 12 rows. With no note, there are 3, because a `LEFT JOIN` keeps each order beside a row of nulls.
//! With neither, there is 1, with nulls in all columns but the customer's. Two collections make a product of two, and
//! three make a product of three.
//!
//! For 500 customers, with 2,000 orders and 6,000 notes:
//!
//! | | statements | rows read |
//! |---|---|---|
//! | `joined`, `joined` | 1 | 24,750 |
//! | `selectin`, `selectin` | 3 | 8,500 |
//! | `joined` orders, `selectin` notes | 2 | 8,087 |
//! | `lazy`, `lazy` | 1,001 | 8,500 |
//!
//! `selectin` reads a sum where the join reads a product. It costs 2 more statements, at any size. The lines of the
//! joined page were right, too. The ORM recognises repeated rows by their keys, and drops them. So the page does not
//! show the problem. A hand-written `count(*)` over the same join would have counted 12 orders.
//!
//! Joining one of the two, as in the third line, is as good here. Only two joined collections side by side multiply.
//!
//! Few statements are not the goal. The goal is a number of statements that does not grow with the data, and no more
//! rows than the page needs.

use eagerly::numbers;
use workshop::*;

/// How many rows the statement returns for one customer: with 3 orders and 4 notes, with 3 orders and no note, with neither.
const PREDICTED: [u64; 3] = [3 * 4, 3, 1];

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
    let query = Client::select().with(selectin(Client::ORDERS)).with(selectin(Client::NOTES));
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
