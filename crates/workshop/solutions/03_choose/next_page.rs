//! # 11. The next page: why it begins after a row
//!
//! `OFFSET 12` means *skip 12 rows of the result as it is now*. Three new orders push three old ones from page 0 to page
//! 1, so the reader sees 3 orders again. Two deleted orders move two from page 1 to page 0, so the reader never sees 2
//! orders. No error is reported.
//!
//! A **keyset** is the place of a row in the sorted list. Here, it is the day and the key, and `last` contains both. The
//! next page has the rows after it, whatever was inserted or deleted before it:
//!
//! ```sql
//! WHERE placed_on < ?1 OR (placed_on = ?1 AND id < ?2)
//! ORDER BY placed_on DESC, id DESC LIMIT 12
//! ```
//!
//! The day alone is not enough. With `<`, orders of the same day are lost at the border of two pages. With `<=`, they
//! come again. So the keyset ends with something unique, such as the key, and the list is sorted by it.
//!
//! `OFFSET` also has a cost that no count of statements or rows shows. The database reads the skipped rows and drops
//! them, so page 1,000 takes longer than page 0. With an index on `(placed_on, id)`, the database can begin at the
//! keyset. PostgreSQL does that for the row comparison `(placed_on, id) < ($1, $2)`, which the page could send by hand.
//! For the `OR`, add the filter `placed_on <= $1`. Then PostgreSQL skips the later days. SQLite needs no such help.
//! The keyset has a cost, too. There is a next page, but no page 17.
//!
//! Eager loading and pages work together if the limit counts orders. `joined(Order::CUSTOMER)` leads to one row, so it
//! does not multiply the orders. `selectin(Order::ITEMS)` loads the items of the 12 orders in a statement of its own.
//! That is 2 statements. Items joined by hand, with `LIMIT 12` on the join, would end the page within an order.
//! `joined(Order::ITEMS)` would not, because the ORM limits the orders in a sub-select.

use eagerly::numbers;
use workshop::*;

/// How many orders page 1 shows again after three new orders, and how many unseen ones it skips after two are deleted.
const PREDICTED: [usize; 2] = [3, 2];

#[derive(Debug, PartialEq)]
struct Line {
    order: i64,
    placed_on: String,
    name: String,
    pieces: i64,
}

/// Returns a page. `last` is the last line of the previous page, and `None` for page 0.
fn page(session: &Session, _number: u64, last: Option<&Line>) -> Result<Vec<Line>> {
    let mut query = Order::select().order_by(Order::PLACED_ON.desc()).order_by(Order::ID.desc());
    if let Some(last) = last {
        let earlier = Order::PLACED_ON.lt(last.placed_on.as_str());
        let same_day = Order::PLACED_ON.eq(last.placed_on.as_str()).and(Order::ID.lt(last.order));
        query = query.filter(earlier.or(same_day));
    }
    let path = (joined(Order::CUSTOMER), selectin(Order::ITEMS));
    let orders = session.all(query.limit(12).with(path))?;

    let mut lines = Vec::new();
    for order in &orders {
        let pieces = order.items()?.iter().map(|item| item.quantity).sum();
        let name = order.customer()?.first_name.clone();
        lines.push(Line { order: order.id, placed_on: order.placed_on.clone(), name, pieces });
    }
    Ok(lines)
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    if has_argument("pages") {
        let [session, after_new, after_deleted] = three_shops()?;
        print_page("page 0", &by_offset(&session, 0)?);
        print_page("page 1", &by_offset(&session, 1)?);
        print_page("page 1, 3 are new", &by_offset(&after_new, 1)?);
        print_page("page 1, 2 are deleted", &by_offset(&after_deleted, 1)?);
        println!();
    }
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

/// Creates a shop in which a later day can have a smaller key. About ten orders are placed on the same day.
fn reordered_shop(customers: u32) -> Session {
    let session = shop(customers);
    let days = "UPDATE orders SET placed_on = date('2026-01-01', (id * 37 % 101 / 5) || ' days')";
    session.execute(days, []).unwrap_or_else(|error| panic!("{error}"));
    session
}

/// Returns the keys of the orders of a page, as `page` finds them at first.
fn by_offset(session: &Session, number: u64) -> Result<Vec<i64>> {
    let query = Order::select().order_by(Order::PLACED_ON.desc()).order_by(Order::ID.desc());
    let orders = session.all(query.offset(12 * number).limit(12))?;
    Ok(orders.iter().map(|order| order.id).collect())
}

/// Prints the keys of the orders of a page.
fn print_page(name: &str, orders: &[i64]) {
    let orders: Vec<_> = orders.iter().map(i64::to_string).collect();
    println!("{name:<21}  {}", orders.join(" "));
}

/// Returns the shop of the predictions three times: unchanged, with three new orders, and without two orders of page 0.
fn three_shops() -> Result<[Session; 3]> {
    let [unchanged, after_new, after_deleted] = [60; 3].map(reordered_shop);
    for _ in 0..3 {
        place_an_order(&after_new)?;
    }
    for order in &by_offset(&unchanged, 0)?[..2] {
        delete_an_order(&after_deleted, *order)?;
    }
    Ok([unchanged, after_new, after_deleted])
}

/// Places an order, later than all others, and without items.
fn place_an_order(session: &Session) -> Result<i64> {
    let placed_on = "2026-11-22".to_owned();
    session.insert(&Order { customer_id: 1, placed_on, status: "open".to_owned(), ..Order::default() })
}

/// Deletes an order and its items.
fn delete_an_order(session: &Session, order: i64) -> Result<()> {
    session.execute("DELETE FROM order_items WHERE order_id = ?1", params![order])?;
    session.execute("DELETE FROM orders WHERE id = ?1", params![order])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "compare the pages of `cargo run --bin next_page -- pages`";

    /// Checks the predictions. Afterwards, the tests grade the page.
    fn the_predictions_are_right() {
        let [unchanged, after_new, after_deleted] = three_shops().expect("three shops");
        let by_offset = |session, number| by_offset(session, number).expect("a page");
        let [again, never] = PREDICTED;
        let first = by_offset(&unchanged, 0);
        let second = by_offset(&after_new, 1);
        let repeated = second.iter().filter(|order| first.contains(order)).count();
        expect_prediction("the orders that page 1 shows again", again, repeated, HELP);
        let second = by_offset(&after_deleted, 1);
        let missed = by_offset(&unchanged, 1).iter().filter(|order| !second.contains(order)).count();
        expect_prediction("the unseen orders that page 1 skips", never, missed, HELP);
    }

    #[derive(FromRow)]
    struct Found {
        id: i64,
    }

    /// Returns what the reader of all pages should see: the orders that were there when the first page was read.
    fn expected(session: &Session) -> Vec<i64> {
        let rows = truth::<Found>(session, "SELECT id FROM orders ORDER BY placed_on DESC, id DESC");
        rows.iter().map(|row| row.id).collect()
    }

    #[test]
    fn every_order_comes_once_while_orders_come_and_go() {
        the_predictions_are_right();
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
                // An order is placed. After each of the first two pages, two shown orders are deleted.
                place_an_order(&session).unwrap();
                let gone: &[i64] =
                    if number < 2 { &[shown[number as usize], shown[number as usize + 5]] } else { &[] };
                for order in gone {
                    delete_an_order(&session, *order).unwrap();
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
        the_predictions_are_right();
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
                // Each order, at most one customer for each, and the items.
                let most = 2 * orders.len() as u64 + truth::<Counted>(&session, &items)[0].rows as u64;
                let lines = expect_at_most(&session, 3, || page(&session, number, last.as_ref()));
                expect_lines(&lines, &lines_of(&session, orders));
                expect_rows_read(&session, most, || page(&session, number, last.as_ref()));
                expect_objects(&session, || page(&session, number, last.as_ref()));
                last = lines.into_iter().last();
            }
        }
    }

    /// Returns the lines of some orders, by accessors. Their statements are not counted.
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
