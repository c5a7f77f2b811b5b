//! # 18. Rows that you have
//!
//! A page of the warehouse shows two lists of orders: the open ones, and those that were returned. The page is yours. The
//! queries belong to another team, so you cannot add a load path to them. The page gets the two lists, and accesses the
//! customer and the items of one order after the other.
//!
//! - **Predict**: in a shop of 60, the two lists have 33 orders together. How many statements does the page send?
//!   `session.preload(rows, path)` loads what the path names, for rows that were queried before. How many statements
//!   would the page send with one such call for each of the two lists? And with one call for each order, in the loop?
//!   Write your three numbers into `PREDICTED`.
//! - **Edit**: `page`, and nothing in `theirs`.
//! - **Done** when the page sends 2 statements for both lists together, for lists of any length and from any query. It
//!   sends 1 if the customers are loaded already, and none if the lists are empty.
//!
//! Chapter: `book/src/rows_you_have.md`
//!
//! Fails with: `your prediction is wrong: the statements as it is: 0`
//! Then fails with: `expected 2 statements`

use workshop::*;

/// How many statements the page sends in a shop of 60: as it is, with a call for each list, and with a call for each order.
// TODO: your predictions, and then the page.
const PREDICTED: [u64; 3] = [0, 0, 0];

#[derive(Debug, PartialEq)]
struct Line {
    order: i64,
    name: String,
    pieces: i64,
}

fn page(session: &Session, open: &[Order], returned: &[Order]) -> Result<Vec<Line>> {
    // TODO: load what the loop accesses, with this session.
    let _ = session;

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
