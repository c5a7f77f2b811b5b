//! What every exercise uses: the shop of the case study, a function that shows a page, and assertions that explain a failure.
//!
//! An exercise begins with `use workshop::*;`.

use std::fmt::{Debug, Display, Write as _};
use std::time::Duration;

pub use eagerly::numbers::count;
pub use eagerly::{
    BelongsTo, Entity, Error, FromRow, HasMany, HasOne, Loaded, Loads, Relation, RelationExt, Result,
    Session, Strategy, Tally, Value, View, batch, immediate, joined, lazy, params, raise, selectin, subquery,
};
pub use shop::{Customer, Order, OrderItem, Size, customer, order, order_item};

use eagerly::numbers::time;
pub use eagerly_watch::{assert_constant_queries, assert_no_queries};
use waterfall::sql::shortened;

/// Creates a shop in memory with this number of customers. On average, a customer has 4 orders, and an order has 2.5 items.
/// Some customers have no order, and some orders have no item. The same number creates the same shop on every machine.
///
/// # Panics
/// If the shop cannot be created, because an exercise cannot continue without it.
#[must_use]
#[track_caller]
pub fn shop(customers: u32) -> Session {
    let session = Session::in_memory().expect("a database in memory");
    let size = Size { customers, orders: 4.0, items: 2.5, seed: 7 };
    shop::data::fill(&session, &size, |_| {}).expect("the tables of a shop");
    session
}

/// Prints the lines of a page for 5 customers, and whether its number of statements grows. With the argument `echo`, prints
/// the statements that it sends for these 5, too.
///
/// A number that grows is not printed, because it would answer what the exercise asks the learner to predict.
///
/// # Errors
/// Those of the page.
pub fn show<L: Debug>(page: impl Fn(&Session) -> Result<Vec<L>>) -> Result<()> {
    show_for(5, page)
}

/// Prints a page like [`show`], for another number than 5. Of the first 5 customers, a page of open orders has few lines.
///
/// # Errors
/// Those of the page.
pub fn show_for<L: Debug>(few: u32, page: impl Fn(&Session) -> Result<Vec<L>>) -> Result<()> {
    show_in(shop, few, page)
}

/// Prints a page like [`show_for`], in sessions that the exercise opens itself.
///
/// # Errors
/// Those of the page.
pub fn show_in<L: Debug>(
    open: impl Fn(u32) -> Session,
    few: u32,
    page: impl Fn(&Session) -> Result<Vec<L>>,
) -> Result<()> {
    let session = open(few);
    session.echo(has_argument("echo"));
    for line in page(&session)? {
        println!("{line:?}");
    }
    let mut sent = Vec::new();
    for customers in [few, 50, 500] {
        let session = open(customers);
        let tally = session.tally();
        page(&session)?;
        sent.push(tally.statements());
    }
    println!();
    if sent.iter().all(|statements| *statements == sent[0]) {
        let each = eagerly::numbers::counted(sent[0], "statement");
        println!("For {few}, 50 and 500 customers, the page sends {each}.");
    } else {
        println!("For {few}, 50 and 500 customers, the page sends different numbers of");
        println!("statements. To watch those for {few}, write `-- echo` after the name of");
        println!("the exercise in `cargo run --bin …`.");
    }
    Ok(())
}

/// Returns whether this program was started with an argument: `cargo run --bin first_fix -- echo`.
#[must_use]
pub fn has_argument(word: &str) -> bool {
    std::env::args().skip(1).any(|argument| argument == word)
}

/// Asserts that a prediction of the learner is right. `what` says what is predicted, and `help` how to find it out.
///
/// The message has neither the right value nor the statements, because a learner who reads those has predicted nothing.
/// `cargo run -p check` sets the variable `PREDICTIONS` to `granted`. Then every prediction is right, so that it sees how the
/// page itself fails.
///
/// # Panics
/// If the prediction is wrong.
#[track_caller]
pub fn expect_prediction<T: PartialEq + Display>(what: &str, predicted: T, right: T, help: &str) {
    assert!(
        is_granted() || predicted == right,
        "your prediction is wrong: {what}: {predicted}\n  help: {help}\n"
    );
}

/// Asserts that the learner has replaced each 0 of the starter, in an exercise with several predictions.
///
/// Otherwise the first message would already judge one of them, and a learner could guess them one at a time. It is only
/// for numbers that cannot be 0, because a sincere 0 would be refused as missing.
///
/// # Panics
/// If one of the predictions is 0.
#[track_caller]
pub fn expect_all_given(predictions: &[u64]) {
    let missing = predictions.iter().filter(|predicted| **predicted == 0).count();
    assert!(
        is_granted() || missing == 0,
        "your predictions are missing: {missing} of {}\n  \
         help: replace each 0 by your number; the test checks them when all are there\n",
        predictions.len()
    );
}

/// Returns whether `cargo run -p check` grants the predictions.
fn is_granted() -> bool {
    std::env::var("PREDICTIONS").is_ok_and(|value| value == "granted")
}

/// Asserts that an answer about a recorded text is right. `what` says what is asked, and `help` how to find it out.
///
/// Like [`expect_prediction`], the message does not have the right answer.
///
/// # Panics
/// If the answer is wrong.
#[track_caller]
pub fn expect_answer<T: Debug>(what: &str, answer: T, is_right: bool, help: &str) {
    assert!(is_right, "your answer is wrong: {what}: {answer:?}\n  help: {help}\n");
}

/// Runs a page, and returns how many statements it sends.
///
/// # Panics
/// If the page fails.
#[track_caller]
pub fn statements_of<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> u64 {
    counted(session, page).1.statements()
}

/// Runs a page, and returns how many rows its statements return.
///
/// # Panics
/// If the page fails.
#[track_caller]
pub fn rows_of<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> u64 {
    counted(session, page).1.rows()
}

/// Returns the lines that a statement selects, to compare them with those of a page.
///
/// # Panics
/// If the SQL is wrong.
#[track_caller]
pub fn truth<L: FromRow>(session: &Session, sql: &str) -> Vec<L> {
    session.query(sql, []).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts that the lines of a page are those that are expected.
///
/// # Panics
/// If they are not. The message has the first line that differs.
#[track_caller]
pub fn expect_lines<L: PartialEq + Debug>(lines: &[L], right: &[L]) {
    let wrong = lines.iter().zip(right).zip(1..).find(|((line, right), _)| line != right);
    if let Some(((line, right), number)) = wrong {
        let all = lines.len();
        panic!("line {number} of {all} is wrong\n  expected       {right:?}\n  the page has   {line:?}\n");
    }
    assert!(
        lines.len() == right.len(),
        "expected {}, the page has {}",
        eagerly::numbers::counted(right.len() as u64, "line"),
        count(lines.len() as u64)
    );
}

/// Runs a page, asserts how many statements it sends, and returns its lines.
///
/// # Panics
/// If it sends fewer or more, or if the page fails. The message has the statements by shape, and the lines of code that sent
/// them.
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

/// Runs a page, asserts that it sends at most `most` statements, and returns its lines.
///
/// # Panics
/// If it sends more, or if the page fails. The message has the statements by shape, and the lines of code that sent them.
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

/// Runs a page, asserts that it reads at most `at_most` rows, and returns its lines.
///
/// # Panics
/// If it reads more, or if the page fails. The message has the statements by shape.
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

/// Runs a page, asserts that it builds objects, and returns its lines. SQL by hand with the same lines would pass all other
/// assertions, but the exercise is about objects.
///
/// # Panics
/// If it builds none, or if the page fails.
#[track_caller]
pub fn expect_objects<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> T {
    let (lines, tally) = counted(session, page);
    assert!(tally.objects() > 0, "the page stays one of objects: let the ORM load them\n\n{}\n", log(&tally));
    lines
}

/// Runs a page, and returns its lines and what it sent.
#[track_caller]
fn counted<T>(session: &Session, page: impl FnOnce() -> Result<T>) -> (T, Tally) {
    let tally = session.tally();
    match page() {
        Ok(lines) => (lines, tally),
        Err(error) => panic!("the page fails: {error}"),
    }
}

/// Returns the size of the shop, and what ran. The log is written first, because the tally would also count the statement
/// that counts the customers.
fn shop_and_log(session: &Session, tally: &Tally) -> String {
    let log = log(tally);
    // Some exercises have no such table. Then the message has only the statements.
    let size = session.count(Customer::select()).map_or_else(
        |_| String::new(),
        |customers| format!(", in a shop of {}", eagerly::numbers::counted(customers, "customer")),
    );
    format!("{size}\n\n{log}\n")
}

/// Returns the statements by shape, each with the lines of code that sent it. The table of `eagerly_watch` is too wide for a terminal
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

/// Breaks a statement at spaces, for lines of 80 columns. The crate `terminal` does the same for the examples, but with
/// libraries that a learner would have to compile.
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
