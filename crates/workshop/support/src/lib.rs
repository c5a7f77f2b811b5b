//! The base of every exercise: the shop of the case study, a function that shows a page, and assertions that explain.
//!
//! An exercise begins with `use workshop::*;`.

use std::fmt::{Debug, Write as _};
use std::time::Duration;

pub use eagerly::numbers::count;
pub use eagerly::{
    BelongsTo, Entity, Error, FromRow, HasMany, HasOne, Loaded, Loads, Relation, RelationExt, Result,
    Session, Strategy, Tally, Value, View, batch, immediate, joined, lazy, params, raise, selectin, subquery,
};
pub use shop::{Customer, Order, OrderItem, Size, customer, order, order_item};

use eagerly::numbers::time;
pub use eagerly_watch::assert_constant_queries;
use waterfall::sql::shortened;

/// Creates a shop in memory, with an average of four orders for each customer, and of two and a half items for each order.
/// Some customers have no order, and some orders no item. The same number makes the same shop on every machine.
///
/// # Panics
/// If the shop cannot be created, because an exercise cannot run without it.
#[must_use]
#[track_caller]
pub fn shop(customers: u32) -> Session {
    let session = Session::in_memory().expect("a database in memory");
    let size = Size { customers, orders: 4.0, items: 2.5, seed: 7 };
    shop::data::fill(&session, &size, |_| {}).expect("the tables of a shop");
    session
}

/// Prints the lines of a page for 5 customers, and how many statements it sends for 5, 50 and 500.
///
/// # Errors
/// Those of the page.
pub fn show<L: Debug>(page: impl Fn(&Session) -> Result<Vec<L>>) -> Result<()> {
    show_for(5, page)
}

/// Works as [`show`], but prints the page for `few` customers. The first 5 customers have few open orders, for example.
///
/// # Errors
/// Those of the page.
pub fn show_for<L: Debug>(few: u32, page: impl Fn(&Session) -> Result<Vec<L>>) -> Result<()> {
    for line in page(&shop(few))? {
        println!("{line:?}");
    }
    println!();
    for customers in [few, 50, 500] {
        let session = shop(customers);
        let tally = session.tally();
        page(&session)?;
        let sent = eagerly::numbers::counted(tally.statements(), "statement");
        println!("{customers:>3} customers: {sent:>16}");
    }
    Ok(())
}

/// Returns the lines that SQL computes, to compare them with those of a page.
///
/// # Panics
/// If the SQL is wrong.
#[track_caller]
pub fn truth<L: FromRow>(session: &Session, sql: &str) -> Vec<L> {
    session.query(sql, []).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that the lines of a page are right.
///
/// # Panics
/// If they are not, with the first line that is wrong.
#[track_caller]
pub fn expect_lines<L: PartialEq + Debug>(lines: &[L], right: &[L]) {
    let wrong = lines.iter().zip(right).zip(1..).find(|((line, right), _)| line != right);
    if let Some(((line, right), number)) = wrong {
        let all = lines.len();
        panic!("line {number} of {all} is wrong\n  expected       {right:?}\n  the page gives {line:?}\n");
    }
    assert!(
        lines.len() == right.len(),
        "expected {}, the page gives {}",
        eagerly::numbers::counted(right.len() as u64, "line"),
        count(lines.len() as u64)
    );
}

/// Runs a page, and asserts how many statements it sends. Returns what the page returns.
///
/// # Panics
/// If it sends fewer or more, with the statements by shape and the lines of code that sent them; and if the page fails.
#[track_caller]
pub fn expect_statements<T>(session: &Session, expected: u64, page: impl FnOnce() -> Result<T>) -> T {
    let (lines, tally) = counted(session, page);
    assert!(
        tally.statements() == expected,
        "expected {}, ran {}{}",
        eagerly::numbers::counted(expected, "statement"),
        count(tally.statements()),
        shop_and_log(session, &tally)
    );
    lines
}

/// Runs a page, and asserts that it sends at most `most` statements. Returns what the page returns.
///
/// # Panics
/// If it sends more, with the statements by shape and the lines of code that sent them; and if the page fails.
#[track_caller]
pub fn expect_at_most<T>(session: &Session, most: u64, page: impl FnOnce() -> Result<T>) -> T {
    let (lines, tally) = counted(session, page);
    assert!(
        tally.statements() <= most,
        "expected at most {}, ran {}{}",
        eagerly::numbers::counted(most, "statement"),
        count(tally.statements()),
        shop_and_log(session, &tally)
    );
    lines
}

/// Runs a page, and asserts that it reads at most `at_most` rows. Returns what the page returns.
///
/// # Panics
/// If it reads more, with the statements by shape; and if the page fails.
#[track_caller]
pub fn expect_rows_read<T>(session: &Session, at_most: u64, page: impl FnOnce() -> Result<T>) -> T {
    let (lines, tally) = counted(session, page);
    assert!(
        tally.rows() <= at_most,
        "expected at most {} read, read {}{}",
        eagerly::numbers::counted(at_most, "row"),
        count(tally.rows()),
        shop_and_log(session, &tally)
    );
    lines
}

/// Runs a page, and asserts that it builds objects. SQL by hand could pass all other assertions, and would miss the idea of
/// the exercise. Returns what the page returns.
///
/// # Panics
/// If it builds none; and if the page fails.
#[track_caller]
pub fn expect_objects<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> T {
    let (lines, tally) = counted(session, page);
    assert!(tally.objects() > 0, "the page stays one of objects: let the ORM load them\n\n{}\n", log(&tally));
    lines
}

/// Runs a page, and counts its statements, rows and objects.
#[track_caller]
fn counted<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> (T, Tally) {
    let tally = session.tally();
    match page() {
        Ok(lines) => (lines, tally),
        Err(error) => panic!("the page fails: {error}"),
    }
}

/// Returns the size of the shop, and what ran. The log is made first, because the tally also counts the statement for the size.
fn shop_and_log(session: &Session, tally: &Tally) -> String {
    let log = log(tally);
    // Some exercises have no table of customers. Then the log has only the statements.
    let size = session.count(Customer::select()).map_or_else(
        |_| String::new(),
        |customers| format!(", in a shop of {}", eagerly::numbers::counted(customers, "customer")),
    );
    format!("{size}\n\n{log}\n")
}

/// The statements by shape, each with the lines of code that sent it. The table of `eagerly_watch` is too wide for a terminal
/// of 80 columns, so the text of a shape is below its numbers.
fn log(tally: &Tally) -> String {
    let mut log = "  statements    rows     time     mean\n".to_owned();
    for shape in tally.shapes().iter().filter(|shape| shape.kind != eagerly::Kind::Control) {
        let mean = Duration::from_secs_f64(shape.elapsed.as_secs_f64() / shape.statements.max(1) as f64);
        let [statements, rows] = [shape.statements, shape.rows].map(count);
        let _ = writeln!(log, "{statements:>12} {rows:>7} {:>8} {:>8}", time(shape.elapsed), time(mean));
        let _ = writeln!(log, "    {}", wrapped(&shortened(&shape.sql)));
        for (place, statements) in &shape.places {
            let share = (*statements != shape.statements).then(|| format!("{} × ", count(*statements)));
            let _ = writeln!(log, "      {}{place}", share.unwrap_or_default());
        }
    }
    log.trim_end().to_owned()
}

/// Breaks a statement at spaces, for lines of 80 columns.
fn wrapped(sql: &str) -> String {
    let mut text = String::new();
    let mut column = 4;
    for word in sql.split(' ') {
        let width = word.chars().count();
        if column > 4 && column + width > 79 {
            text += "\n    ";
            column = 4;
        } else if column > 4 {
            text += " ";
        }
        text += word;
        column += width + 1;
    }
    text
}
