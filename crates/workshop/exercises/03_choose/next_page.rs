//! # 11. The next page
//!
//! A list of orders, the latest first, 12 on a page. Each line has the customer's name and the number of pieces. The
//! page sends a statement for each customer and for the items of each order. And readers report that some orders come
//! twice, and that others never come.
//!
//! - **Predict**: a reader has read page 0. Before page 1, three new orders are placed. How many orders of page 1 has
//!   this reader seen already? Another reader has read page 0, and then two of its orders are deleted. How many orders
//!   does page 1 leave out that this reader has not seen? Write your two numbers into `PREDICTED` *before* you run
//!   anything.
//! - **Edit**: `PREDICTED` and `page`. Load the relations in the query, and let the page begin behind `last`, the last
//!   line of the page before. Several orders are placed on the same day, and keys do not follow the days.
//! - **Done** when the numbers are right, each page takes at most 3 statements and reads no row of another page, and a
//!   reader of all pages sees each order once, while orders are placed and deleted.
//!
//! Do not join orders and items by hand with `LIMIT 12`. Exercise 10 shows what such a limit counts.
//!
//! Chapter: `book/src/joined.md`
//!
//! Fails with: `expected at most 3 statements, ran 25`

use eagerly::numbers;
use workshop::*;

/// How many orders page 1 shows again after three new orders, and leaves out after two deleted ones.
// TODO: your predictions; then the page.
const PREDICTED: [usize; 2] = [0, 0];

#[derive(Debug, PartialEq)]
struct Line {
    order: i64,
    placed_on: String,
    name: String,
    pieces: i64,
}

/// Returns a page. `last` is the last line of the page before, and `None` for page 0.
fn page(session: &Session, number: u64, last: Option<&Line>) -> Result<Vec<Line>> {
    // TODO: load the relations; begin behind the last line, without the number.
    let _ = last;
    let query = Order::select().order_by(Order::PLACED_ON.desc()).order_by(Order::ID.desc());
    let orders = session.all(query.offset(12 * number).limit(12))?;

    let mut lines = Vec::new();
    for order in &orders {
        let pieces = order.items()?.iter().map(|item| item.quantity).sum();
        let name = order.customer()?.first_name.clone();
        lines.push(Line { order: order.id, placed_on: order.placed_on.clone(), name, pieces });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    let [again, never] = PREDICTED;
    println!("predicted: {again} orders shown again, {never} never shown");
    println!();
    let session = reordered_shop(50);
    let mut last = None;
    for number in 0..3 {
        let tally = session.tally();
        let lines = page(&session, number, last.as_ref())?;
        let (sent, rows) = (tally.statements(), tally.rows());
        for line in lines.iter().take(2).chain(lines.last()) {
            println!("{} {:>4} {}: {} pieces", line.placed_on, line.order, line.name, line.pieces);
        }
        println!("page {number}: {}, {rows} rows read", numbers::counted(sent, "statement"));
        println!();
        last = lines.into_iter().last();
    }
    Ok(())
}

/// A shop whose orders are not placed in the order of their keys. About ten orders are placed on the same day.
fn reordered_shop(customers: u32) -> Session {
    let session = shop(customers);
    let days = "UPDATE orders SET placed_on = date('2026-01-01', (id * 37 % 101 / 5) || ' days')";
    session.execute(days, []).unwrap_or_else(|error| panic!("{error}"));
    session
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictions_are_right() {
        let by_offset = |session: &Session, number: u64| -> Vec<i64> {
            let query = Order::select().order_by(Order::PLACED_ON.desc()).order_by(Order::ID.desc());
            let orders = session.all(query.offset(12 * number).limit(12)).unwrap();
            orders.iter().map(|order| order.id).collect()
        };
        let session = reordered_shop(60);
        let first = by_offset(&session, 0);
        for _ in 0..3 {
            place_an_order(&session).unwrap();
        }
        let repeated = by_offset(&session, 1).iter().filter(|order| first.contains(order)).count();

        let session = reordered_shop(60);
        let all = [by_offset(&session, 0), by_offset(&session, 1)].concat();
        for order in &all[..2] {
            session.execute("DELETE FROM order_items WHERE order_id = ?1", params![*order]).unwrap();
            session.delete_all(Order::select().filter(Order::ID.eq(*order))).unwrap();
        }
        let second = by_offset(&session, 1);
        let missed = all[12..].iter().filter(|order| !second.contains(order)).count();

        let [again, never] = PREDICTED;
        assert!(again == repeated, "page 1 does not repeat {again} orders, as you predicted");
        assert!(never == missed, "page 1 does not leave out {never} orders, as you predicted");
    }

    /// Places an order, later than all others, and without items.
    fn place_an_order(session: &Session) -> Result<i64> {
        let placed_on = "2026-11-22".to_owned();
        session.insert(&Order { customer_id: 1, placed_on, status: "open".to_owned(), ..Order::default() })
    }

    #[derive(FromRow)]
    struct Found {
        id: i64,
    }

    /// What the reader of all pages should see: the orders that there were when the first page was read.
    fn expected(session: &Session) -> Vec<i64> {
        let rows = truth::<Found>(session, "SELECT id FROM orders ORDER BY placed_on DESC, id DESC");
        rows.iter().map(|row| row.id).collect()
    }

    #[test]
    fn every_order_comes_once_while_orders_come_and_go() {
        for customers in [7, 60] {
            let session = reordered_shop(customers);
            let expected = expected(&session);
            let mut shown = Vec::new();
            let mut last = None;
            for number in 0.. {
                let lines = page(&session, number, last.as_ref()).unwrap();
                if lines.is_empty() {
                    break;
                }
                shown.extend(lines.iter().map(|line| line.order));
                // An order is placed. After each of the first two pages, two orders that were shown are deleted.
                place_an_order(&session).unwrap();
                let gone: &[i64] =
                    if number < 2 { &[shown[number as usize], shown[number as usize + 5]] } else { &[] };
                for order in gone {
                    session.execute("DELETE FROM order_items WHERE order_id = ?1", params![*order]).unwrap();
                    session.delete_all(Order::select().filter(Order::ID.eq(*order))).unwrap();
                }
                last = lines.into_iter().last();
                assert!(number < 100, "the pages do not end");
            }
            for (place, order) in shown.iter().enumerate() {
                assert!(!shown[..place].contains(order), "the order {order} comes twice");
                assert!(expected.contains(order), "the order {order} was placed after page 0 was read");
            }
            for order in &expected {
                assert!(shown.contains(order), "no page has the order {order}");
            }
            assert!(shown == expected, "the latest order is not first");
        }
    }

    #[derive(FromRow)]
    struct Counted {
        rows: i64,
    }

    #[test]
    fn each_page_takes_three_statements_and_no_row_of_another() {
        for customers in [7, 60, 200] {
            let session = reordered_shop(customers);
            let orders = expected(&session);
            let mut last: Option<Line> = None;
            for (number, orders) in (0..).zip(orders.chunks(12)) {
                let here: Vec<_> = orders.iter().map(i64::to_string).collect();
                let items = format!(
                    "SELECT count(*) AS rows FROM order_items WHERE order_id IN ({})",
                    here.join(", ")
                );
                // Each order, at most one customer of each, and the items.
                let most = 2 * orders.len() as u64 + truth::<Counted>(&session, &items)[0].rows as u64;
                let lines = expect_at_most(&session, 3, || page(&session, number, last.as_ref()));
                expect_lines(&lines, &lines_of(&session, orders));
                expect_rows_read(&session, most, || page(&session, number, last.as_ref()));
                expect_objects(&session, || page(&session, number, last.as_ref()));
                last = lines.into_iter().last();
            }
        }
    }

    /// The lines of some orders, by accessors. Their statements are not counted.
    fn lines_of(session: &Session, orders: &[i64]) -> Vec<Line> {
        let line = |id: &i64| {
            let order = session.get::<Order>(*id)?;
            let pieces = order.items()?.iter().map(|item| item.quantity).sum();
            let name = order.customer()?.first_name.clone();
            Ok(Line { order: order.id, placed_on: order.placed_on, name, pieces })
        };
        orders.iter().map(line).collect::<Result<_>>().unwrap()
    }
}
