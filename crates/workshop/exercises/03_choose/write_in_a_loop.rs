//! # 17. Write in a loop
//!
//! A job runs each night. It marks every late order as overdue, and writes a reminder to its customer. It reads
//! in one statement, with a join. Then it writes in a loop: each order takes a statement for its status and another for
//! its reminder. Last night the database refused one of the orders. Now some customers have a reminder, and others do not.
//!
//! - **Predict**: 60 customers have 15 late orders. How many statements does the job send? And if the database refuses
//!   to change the fifth of these orders, how many rows has the job written by then? Write your two numbers into
//!   `PREDICTED`.
//! - **Edit**: `remind`. One statement can change all late orders. The reminders have different texts, so each needs an
//!   `INSERT` of its own, but one call can send them all. The job has to write all rows, or none:
//!   `session.transaction(|session| …)` keeps what its closure writes if the closure returns `Ok`. Otherwise, it undoes
//!   the writes.
//! - **Done** when the job sends one statement to read, one to update, and one for each reminder. It reads only the late
//!   orders, and a job that fails leaves nothing written.
//!
//! Chapter: `book/src/count_in_sql.md`
//!
//! Fails with: `your prediction is wrong: the statements of the job as it is: 0`
//! Then fails with: `expected at most`

use workshop::*;

/// For 60 customers: how many statements the job sends as it is, and how many rows stay written if the fifth order is
/// refused.
// TODO: your predictions, and then the job.
const PREDICTED: (u64, i64) = (0, 0);

#[derive(Debug, Entity)]
#[entity(table = "reminders")]
struct Reminder {
    #[entity(key)]
    id: i64,
    order_id: i64,
    text: String,
}

/// Reminds the customers of open orders that were placed before a day. Returns the number of these orders.
fn remind(session: &Session, day: &str) -> Result<usize> {
    let late = Order::select().filter(Order::STATUS.eq("open")).filter(Order::PLACED_ON.lt(day));
    let mut orders = session.all(late.with(joined(Order::CUSTOMER)))?;

    // TODO: write all orders by one statement, and all reminders by one call.
    for order in &mut orders {
        order.status = "overdue".to_owned();
        session.update(&*order)?;
        let name = &order.customer()?.first_name;
        let text = format!("Dear {name}, where is the money for {}?", order.placed_on);
        session.insert(&Reminder { id: 0, order_id: order.id, text })?;
    }
    Ok(orders.len())
}

fn main() -> Result<()> {
    println!("predicted: {PREDICTED:?}\n");
    for customers in [7, 60, 500] {
        let session = desk(customers);
        let tally = session.tally();
        let late = remind(&session, DAY)?;
        println!("{customers:>3} customers: {late:>3} late orders, {:>3} rows read", tally.rows());
    }
    println!("\nThe fifth order is refused:");
    let session = desk(60);
    refuse_the_update_of_the_fifth(&session);
    session.echo(has_argument("echo"));
    let error = remind(&session, DAY).expect_err("the trigger refuses an order");
    println!("{}", error.to_string().lines().next().unwrap_or_default());
    session.echo(false);
    println!("{} written.", if written_rows(&session) == 0 { "Nothing stays" } else { "Some rows stay" });
    Ok(())
}

const DAY: &str = "2024-06-01";

/// A shop with a table of reminders.
fn desk(customers: u32) -> Session {
    let session = shop(customers);
    session.create_tables::<Reminder>().unwrap_or_else(|error| panic!("{error}"));
    session
}

/// Makes the database refuse every change of the fifth late order.
fn refuse_the_update_of_the_fifth(session: &Session) {
    let fifth = late_orders(session)[4];
    let refuse = format!(
        "CREATE TRIGGER refuse BEFORE UPDATE ON orders WHEN old.id = {fifth}
        BEGIN SELECT RAISE(ABORT, 'the order is locked'); END"
    );
    session.execute(&refuse, []).unwrap_or_else(|error| panic!("{error}"));
}

/// Returns the keys of the late orders.
fn late_orders(session: &Session) -> Vec<i64> {
    truth::<i64>(
        session,
        &format!("SELECT id FROM orders WHERE status = 'open' AND placed_on < '{DAY}' ORDER BY id"),
    )
}

/// Counts the orders that are overdue, and the reminders.
fn written_rows(session: &Session) -> i64 {
    let sql =
        "SELECT (SELECT count(*) FROM orders WHERE status = 'overdue') + (SELECT count(*) FROM reminders)";
    truth::<i64>(session, sql)[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does what the job did at first.
    fn one_by_one(session: &Session) -> Result<()> {
        let late = Order::select().filter(Order::STATUS.eq("open")).filter(Order::PLACED_ON.lt(DAY));
        for mut order in session.all(late.with(joined(Order::CUSTOMER)))? {
            order.status = "overdue".to_owned();
            session.update(&order)?;
            session.insert(&Reminder { id: 0, order_id: order.id, text: String::new() })?;
        }
        Ok(())
    }

    const HELP: &str = "run `cargo run --bin write_in_a_loop -- echo`, and count for one order";

    /// Checks the predictions. Afterwards, the tests grade the job.
    fn the_predictions_are_right() {
        let (sent, written) = PREDICTED;
        let session = desk(60);
        let ran = statements_of(&session, || one_by_one(&session));
        expect_prediction("the statements of the job as it is", sent, ran, HELP);
        let session = desk(60);
        refuse_the_update_of_the_fifth(&session);
        assert!(one_by_one(&session).is_err());
        expect_prediction("the rows that stay written", written, written_rows(&session), HELP);
    }

    #[derive(Debug, PartialEq, FromRow)]
    struct Line {
        order: i64,
        status: String,
        reminder: Option<String>,
    }

    /// Selects each order with its status and its reminders. `CHANGED` selects them as they should be after the job.
    const LINES: &str = r#"SELECT orders.id AS "order", status, text AS reminder
        FROM orders LEFT JOIN reminders ON order_id = orders.id ORDER BY orders.id"#;
    const CHANGED: &str = r#"SELECT orders.id AS "order", iif(late, 'overdue', status) AS status,
            iif(late, 'Dear ' || first_name || ', where is the money for ' || placed_on || '?', NULL) AS reminder
        FROM (SELECT *, status = 'open' AND placed_on < '2024-06-01' AS late FROM orders) AS orders
        JOIN customers ON customers.id = customer_id ORDER BY orders.id"#;

    #[test]
    fn one_update_for_all_late_orders_and_no_row_read_but_these() {
        the_predictions_are_right();
        for customers in [7, 60, 200, 1] {
            let session = desk(customers);
            let late = late_orders(&session).len();
            let expected = truth::<Line>(&session, CHANGED);
            let reminded = expect_at_most(&session, 2 + late as u64, || remind(&session, DAY));
            expect_lines(&truth::<Line>(&session, LINES), &expected);
            assert!(reminded == late, "the job returns {reminded}, and there were {late} late orders");
            // A second run, on the same day, has nothing to do.
            assert!(remind(&session, DAY).unwrap() == 0, "the second run of the job finds late orders again");
            expect_lines(&truth::<Line>(&session, LINES), &expected);

            let session = desk(customers);
            expect_rows_read(&session, late as u64, || remind(&session, DAY));
        }
    }

    #[test]
    fn a_job_that_fails_writes_nothing() {
        the_predictions_are_right();
        let session = desk(60);
        refuse_the_update_of_the_fifth(&session);
        fails_without_a_trace(&session, "the update of an order");

        let session = desk(60);
        let fifth = late_orders(&session)[4];
        let refuse = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON reminders WHEN new.order_id = {fifth}
            BEGIN SELECT RAISE(ABORT, 'no paper'); END"
        );
        session.execute(&refuse, []).unwrap();
        fails_without_a_trace(&session, "the reminder of an order");
    }

    fn fails_without_a_trace(session: &Session, refused: &str) {
        assert!(remind(session, DAY).is_err(), "{refused} is refused, and the job returns no error");
        let written = written_rows(session);
        assert!(written == 0, "{refused} is refused, and {written} rows stay written");
    }
}
