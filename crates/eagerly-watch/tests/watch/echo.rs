//! Echo prints each statement or counts it.

use std::rc::Rc;

use eagerly::Echo;
use eagerly::params;
use shop::{Customer, page};

use crate::support::{Broken, Paper, shop_of};

/// Parses the count of a line such as `… 2,980 more like #2`. Returns `None` for other lines.
fn counted(line: &str) -> Option<u64> {
    let rest = line.trim().strip_prefix("… ")?;
    rest.split(' ').next()?.replace(',', "").parse().ok()
}

#[test]
fn a_line_has_number_time_rows_sql_values_and_cause() {
    let session = shop_of(3);
    let paper = Paper::default();
    let echo = session.observe(Rc::new(Echo::to(paper.clone())));
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    drop(echo);
    let text = paper.text();
    let second = text.lines().nth(2).unwrap();
    let words: Vec<_> = second.split_whitespace().collect();
    assert_eq!(words[0], "2");
    assert!(words[1].parse::<f64>().is_ok(), "{second}");
    assert!(["ns", "µs", "ms"].contains(&words[2]), "{second}");
    assert!(words[3].parse::<u64>().is_ok(), "{second}");
    assert!(second.contains(r#"FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id" [1]"#));
    let cause = "lazy Customer.orders at crates/shop/src/page.rs:31";
    assert!(second.replace('\\', "/").ends_with(cause), "{second}");
}

#[test]
fn after_twenty_statements_of_a_shape_the_rest_is_counted() {
    let session = shop_of(500);
    let (paper, tally) = (Paper::default(), session.tally());
    let echo = session.observe(Rc::new(Echo::to(paper.clone())));
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    drop(echo);
    let text = paper.text();
    let printed = text.lines().skip(1).filter(|line| counted(line).is_none()).count() as u64;
    let more: u64 = text.lines().filter_map(counted).sum();
    assert_eq!(printed, 1 + 20 + 20);
    assert_eq!(printed + more, tally.statements());
    let last = text.lines().last().unwrap();
    assert!(counted(last).is_some(), "the last line is not a count: {last}");
}

/// Two loops can send the same statement. The second is another cause, so it is printed, too.
#[test]
fn each_line_of_code_prints_twenty_statements_of_a_shape() {
    let session = shop_of(1);
    let paper = Paper::default();
    let echo = session.observe(Rc::new(Echo::to(paper.clone())));
    let delete = "DELETE FROM orders WHERE id = ?1";
    for id in 0..25_i64 {
        session.execute(delete, params![-id]).unwrap();
    }
    for id in 0..22_i64 {
        session.execute(delete, params![-id]).unwrap();
    }
    drop(echo);
    let text = paper.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[21].trim(), "… 5 more like #1");
    assert!(lines[22].trim_start().starts_with("26 "), "{}", lines[22]);
    assert_eq!(lines[42].trim(), "… 2 more like #26");
    assert_eq!(lines.len(), 43);
}

#[test]
fn the_count_is_printed_before_the_next_line() {
    let session = shop_of(1);
    let paper = Paper::default();
    let echo = session.observe(Rc::new(Echo::to(paper.clone())));
    for id in 0..25_i64 {
        session.execute("DELETE FROM orders WHERE id = ?1", params![-id]).unwrap();
    }
    session.execute("DELETE FROM order_items", []).unwrap();
    let text = paper.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[21].trim(), "… 5 more like #1");
    assert!(lines[22].trim_start().starts_with("26 "), "{}", lines[22]);
    assert_eq!(lines.len(), 23);
    drop(echo);
    assert_eq!(paper.text(), text, "dropping the echo prints nothing more");
}

#[test]
fn a_failed_statement_is_always_printed() {
    let session = shop_of(2);
    session.execute("CREATE TABLE one (id INTEGER PRIMARY KEY)", []).unwrap();
    let paper = Paper::default();
    let _echo = session.observe(Rc::new(Echo::to(paper.clone())));
    for _ in 0..30 {
        let _ = session.execute("INSERT INTO one VALUES (1)", []);
    }
    let text = paper.text();
    assert_eq!(text.matches("FAILED").count(), 29);
}

#[test]
fn a_failing_output_does_not_stop_the_program() {
    let session = shop_of(30);
    let _echo = session.observe(Rc::new(Echo::to(Broken)));
    assert_eq!(page::rows(&session.all(Customer::select()).unwrap()).unwrap().len(), 30);
}

#[test]
fn any_number_of_shapes_is_printed_with_bounded_memory() {
    let session = shop_of(1);
    let (paper, tally) = (Paper::default(), session.tally());
    let _echo = session.observe(Rc::new(Echo::to(paper.clone())));
    for id in 0..1_500 {
        session.execute(&format!("DELETE FROM orders WHERE id = -{id}"), []).unwrap();
    }
    assert_eq!(paper.text().lines().count(), 1 + 1_500);
    let shapes = tally.shapes();
    assert_eq!(shapes.len(), 1_001);
    assert_eq!(shapes.iter().map(|shape| shape.statements).sum::<u64>(), 1_500);
}

#[test]
fn statements_between_the_rows_of_another_one_keep_their_numbers() {
    let session = shop_of(25);
    let paper = Paper::default();
    let _echo = session.observe(Rc::new(Echo::to(paper.clone())));
    session
        .chunks(Customer::select(), 10, |outer| {
            outer[0].orders()?;
            session.chunks(Customer::select(), 20, |inner| inner[0].orders().map(drop))
        })
        .unwrap();
    let numbers: Vec<u64> = paper
        .text()
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect();
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=numbers.len() as u64).collect::<Vec<_>>());
}
