//! # 18. Rows that you have: why one call before the loop
//!
//! The page accessed two relations of each of N orders, so it sent 2 × N statements. A load path would be right, but it
//! belongs to a query, and the queries are not yours.
//!
//! `preload` applies a load path to rows. It takes their keys, sends one statement for each relation of the path, and gives
//! each row its own. The rows can be from any queries, so `open.iter().chain(returned)` is one call, with 2 statements. A
//! call for each list is right as well, but sends 4. A call for each order sends 2 × N again. It loads *up front*, but for
//! one parent at a time. What counts is the number of parents in a call.
//!
//! `preload` loads only what is missing. Rows that have their customers need 1 statement, and a second call sends
//! none. So a function can preload what it needs, and does not have to know what other code has loaded.
//!
//! What else could you do?
//!
//! - `session.default_strategy(Strategy::Batch)` where the session is opened. It loads for all rows of one *query*, so
//!   it sends 4 statements for the two lists. For orders that came one by one, by `session.get`, it loads one by one.
//! - Query the orders again, by `Order::ID.in_(…)` and with a load path. That sends 3 statements, and builds each order
//!   twice. If the program has changed an order, the second copy lacks the change.
//! - Query the customers and items by hand, and look them up in a map. `preload` works like this. But your own code would
//!   also load what is loaded already, and the accessors of the rows would stay lazy.

use workshop::*;

/// How many statements the page sends in a shop of 60: as it is, with a call for each list, and with a call for each order.
const PREDICTED: [u64; 3] = [66, 4, 66];

#[derive(Debug, PartialEq)]
struct Line {
    order: i64,
    name: String,
    pieces: i64,
}

fn page(session: &Session, open: &[Order], returned: &[Order]) -> Result<Vec<Line>> {
    let orders = open.iter().chain(returned);
    session.preload(orders, (selectin(Order::CUSTOMER), selectin(Order::ITEMS)))?;

    let mut lines = Vec::new();
    for order in open.iter().chain(returned) {
        let pieces = order.items()?.iter().map(|item| item.quantity).sum();
        lines.push(Line { order: order.id, name: order.customer()?.first_name.clone(), pieces });
    }
    Ok(lines)
}

/// Not yours: do not edit.
mod theirs {
    use workshop::*;

    pub fn open(session: &Session) -> Result<Vec<Order>> {
        session.all(Order::select().filter(Order::STATUS.eq("open")).order_by(Order::PLACED_ON))
    }

    pub fn returned(session: &Session) -> Result<Vec<Order>> {
        session.all(Order::select().filter(Order::STATUS.eq("returned")).order_by(Order::PLACED_ON.desc()))
    }
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    let session = shop(6);
    let [open, returned] = lists(&session)?;
    session.echo(has_argument("echo"));
    for line in page(&session, &open, &returned)? {
        println!("{line:?}");
    }
    if has_argument("ways") {
        for (way, run) in WAYS {
            println!("\n{way}:");
            let session = shop(6);
            let lists = lists(&session)?;
            session.echo(true);
            run(&session, &lists)?;
        }
    }
    Ok(())
}

/// Returns their two lists.
fn lists(session: &Session) -> Result<[Vec<Order>; 2]> {
    Ok([theirs::open(session)?, theirs::returned(session)?])
}

/// A way to load what the page needs for its two lists.
type Way = fn(&Session, &[Vec<Order>; 2]) -> Result<()>;

/// The three ways of the predictions.
const WAYS: [(&str, Way); 3] = [
    ("as it is", |_, lists| {
        for order in lists.iter().flatten() {
            order.customer()?;
            order.items()?;
        }
        Ok(())
    }),
    ("with a call for each list", |session, lists| {
        for list in lists {
            session.preload(list, (selectin(Order::CUSTOMER), selectin(Order::ITEMS)))?;
        }
        Ok(())
    }),
    ("with a call for each order", |session, lists| {
        for order in lists.iter().flatten() {
            session.preload([order], (selectin(Order::CUSTOMER), selectin(Order::ITEMS)))?;
        }
        Ok(())
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "watch each way for 6 customers: `cargo run --bin rows_you_have -- ways`";

    /// Checks the predictions. Afterwards, the test grades the page.
    fn the_predictions_are_right() {
        for ((way, run), predicted) in WAYS.into_iter().zip(PREDICTED) {
            let session = shop(60);
            let lists = lists(&session).expect("two lists");
            let ran = statements_of(&session, || run(&session, &lists));
            expect_prediction(&format!("the statements {way}"), predicted, ran, HELP);
        }
    }

    #[test]
    fn two_statements_for_rows_of_any_query() {
        the_predictions_are_right();
        for customers in [7, 60, 200] {
            let session = shop(customers);
            let [open, returned] = lists(&session).unwrap();
            expect(&session, 2, &open, &returned);
            // Now, their customers and items are loaded.
            expect(&session, 0, &open, &returned);

            // An order can be in both lists, each from a query of its own.
            let one_by_one =
                || (1..=20).map(|id| session.get::<Order>(id)).collect::<Result<Vec<_>>>().unwrap();
            expect(&session, 2, &one_by_one(), &one_by_one());
            expect(&session, 2, &one_by_one(), &[]);
            expect(&session, 2, &[], &one_by_one());
            expect(&session, 0, &[], &[]);

            // Another query has loaded the customers, but not the items.
            let with_customers = || session.all(Order::select().with(selectin(Order::CUSTOMER))).unwrap();
            expect(&session, 1, &with_customers(), &with_customers());
        }
    }

    #[track_caller]
    fn expect(session: &Session, statements: u64, open: &[Order], returned: &[Order]) {
        let lines = expect_statements(session, statements, || page(session, open, returned));
        let orders: Vec<_> = open.iter().chain(returned).map(|order| order.id).collect();
        expect_lines(&lines, &lines_of(session, &orders));
    }

    /// Returns the lines of some orders, by accessors. Their statements are not counted.
    fn lines_of(session: &Session, orders: &[i64]) -> Vec<Line> {
        let line = |id: &i64| {
            let order = session.get::<Order>(*id)?;
            let pieces = order.items()?.iter().map(|item| item.quantity).sum();
            Ok(Line { order: order.id, name: order.customer()?.first_name.clone(), pieces })
        };
        orders.iter().map(line).collect::<Result<_>>().unwrap()
    }
}
