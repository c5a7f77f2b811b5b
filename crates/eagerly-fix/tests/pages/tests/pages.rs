//! Each program, with what it returns. The number of statements goes to a file, because it depends on the fix.

use eagerly::{Result, Session};
use eagerly_watch::Detector;
use shop::{Size, data};

fn shop() -> Session {
    data::in_memory(&Size { customers: 30, ..Size::default() }).unwrap()
}

/// Runs a program with a detector, and records its number of statements.
fn recorded<T>(name: &str, session: &Session, program: impl Fn(&Session) -> Result<T>) -> T {
    let _detector = Detector::attach(session);
    let tally = session.tally();
    let result = program(session).unwrap();
    let file = std::path::Path::new(&std::env::var_os("COUNTS").unwrap()).join(name);
    std::fs::write(file, tally.statements().to_string()).unwrap();
    result
}

#[test]
fn the_page() {
    let rows = recorded("page", &shop(), pages::page::of_all);
    assert_eq!(rows.iter().map(|row| row.orders).sum::<i64>(), 300);
}

#[test]
fn two_functions() {
    assert_eq!(recorded("two_functions", &shop(), pages::two_functions::ordered), 2_396);
}

#[test]
fn belongs_to() {
    assert_eq!(recorded("belongs_to", &shop(), pages::belongs_to::names).len(), 10);
}

#[test]
fn part() {
    assert_eq!(recorded("part", &shop(), pages::part::open_items), 124);
}

#[test]
fn self_reference() {
    let session = Session::in_memory().unwrap();
    session.execute("CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER)", []).unwrap();
    let rows = "INSERT INTO employees VALUES (1, NULL), (2, NULL), (3, 1), (4, 1), (5, 2), (6, 3), (7, 5), (8, 5)";
    session.execute(rows, []).unwrap();
    assert_eq!(recorded("self_reference", &session, pages::self_reference::second_level), [6, 7, 8]);
}

#[test]
fn unused() {
    assert_eq!(recorded("unused", &shop(), pages::unused::reachable), 30);
}

#[test]
fn one_caller_reads_the_customers() {
    let read = |session: &Session| {
        let orders = pages::unused::orders(session)?;
        orders.iter().map(|order| Ok(order.customer()?.id)).sum::<Result<i64>>()
    };
    assert_eq!(recorded("read", &shop(), read), 3_513);
}

#[test]
fn another_caller_does_not() {
    assert_eq!(recorded("unread", &shop(), pages::unused::orders).len(), 300);
}
