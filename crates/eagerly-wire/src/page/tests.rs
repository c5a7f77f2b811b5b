//! What a page keeps, and what it only counts.

use super::*;

const ZERO: Duration = Duration::ZERO;

/// Begins a statement whose only value is a number.
fn begin(page: &mut Page, sql: &str, value: u64) -> Running {
    let (sql, values) = (Sql::of(sql), [Value::of_text(value.to_string().as_bytes())]);
    let identity = value;
    page.begin(&Began { sql: &sql, values: &values, identity, sent: Instant::now(), is_first: true }, None)
}

fn row(page: &mut Page, running: &mut Running, hashes: &[u64]) {
    let columns = ["id", "name"].map(str::to_owned);
    page.row(running, &columns[..hashes.len()], hashes, Instant::now());
}

fn ended(rows: u64) -> Ended {
    let sent = Instant::now();
    Ended { is_failed: false, rows, sent, to_server: ZERO, from_server: ZERO, server: ZERO }
}

const ORDERS: &str = "SELECT id FROM orders WHERE customer_id = $1";

#[test]
fn a_shape_keeps_its_values_its_rows_and_where_each_result_begins() {
    let mut page = Page::default();
    for (value, ids) in [(7, &[70, 71][..]), (8, &[]), (9, &[90])] {
        let mut running = begin(&mut page, ORDERS, value);
        for id in ids {
            row(&mut page, &mut running, &[*id]);
        }
        page.end(running, &ended(ids.len() as u64));
    }
    assert_eq!((page.statements, page.control, page.failed, page.rows), (3, 0, 0, 3));
    let [shape] = &page.shapes[..] else { panic!("not one shape") };
    assert_eq!((shape.statements, shape.rows, shape.most_rows, shape.kept_rows()), (3, 3, 2, 3));
    assert_eq!((&shape.columns[..], &shape.cells[..]), (&["id".to_owned()][..], &[70, 71, 90][..]));
    let results = shape.results.iter().map(|one| (one.statement, one.position, one.first_row));
    assert_eq!(results.collect::<Vec<_>>(), [(1, 0, 0), (3, 2, 2)]);
    assert_eq!([0, 1, 2].map(|row| shape.result_of(row)), [0, 0, 1]);
    assert_eq!(page.times.iter().map(|one| one.execution).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
    assert_eq!((page.values_kept, page.values_left_out), (3 * 2 + 3, 0));
}

#[test]
fn values_that_are_too_many_are_only_counted() {
    let mut page = Page { values_kept: MOST_VALUES - 2, ..Page::default() };
    // A statement takes one more than its values.
    let mut running = begin(&mut page, ORDERS, 7);
    row(&mut page, &mut running, &[70, 71]);
    assert_eq!((page.rows, page.values_left_out, page.shapes[0].kept_rows()), (1, 2, 0));
    let running = begin(&mut page, ORDERS, 8);
    assert_eq!((running.execution, page.values_left_out), (None, 3));
    assert_eq!((page.shapes[0].statements, page.shapes[0].executions.len()), (2, 1));

    let mut page = Page { values_kept: MOST_VALUES - 1 - 2, ..Page::default() };
    let mut running = begin(&mut page, ORDERS, 7);
    row(&mut page, &mut running, &[70, 71]);
    row(&mut page, &mut running, &[72, 73]);
    assert_eq!((page.rows, page.values_left_out, page.shapes[0].kept_rows()), (2, 2, 1));
}

#[test]
fn a_row_with_other_columns_than_the_first_is_not_compared() {
    let mut page = Page::default();
    let mut running = begin(&mut page, ORDERS, 7);
    row(&mut page, &mut running, &[70]);
    row(&mut page, &mut running, &[80, 81]);
    row(&mut page, &mut running, &[]);
    assert_eq!((page.rows, page.values_left_out, &page.shapes[0].cells[..]), (3, 2, &[70][..]));
}

#[test]
fn a_refused_statement_has_no_values() {
    let (mut page, sql) = (Page::default(), Sql::of(ORDERS));
    let began = Began { sql: &sql, values: &[], identity: 1, sent: Instant::now(), is_first: true };
    let running = page.begin(&began, None);
    page.end(running, &Ended { is_failed: true, ..ended(0) });
    assert_eq!((page.statements, page.failed, page.shapes[0].executions.len()), (1, 1, 0));
}

#[test]
fn a_statement_that_began_in_the_page_before_is_not_counted_in_this_one() {
    let mut page = Page::default();
    let mut running = begin(&mut page, ORDERS, 7);
    let before = page.take();
    assert_eq!((before.number, page.number), (0, 1));
    begin(&mut page, ORDERS, 8);
    row(&mut page, &mut running, &[70]);
    page.end(running, &Ended { is_failed: true, ..ended(1) });
    assert_eq!((page.rows, page.failed, page.shapes[0].rows, page.times.len()), (1, 0, 0, 0));
}

#[test]
fn a_page_ends_when_the_client_has_its_last_reply() {
    let mut page = Page::default();
    let running = begin(&mut page, ORDERS, 7);
    let ms = Duration::from_millis;
    let last = Ended { to_server: ms(1), server: ms(20), from_server: ms(300), ..ended(0) };
    page.end(running, &last);
    assert_eq!(page.ended, Some(last.sent + ms(321)));
    assert_eq!((page.shapes[0].server, page.shapes[0].slowest), (ms(20), ms(20)));
}

#[test]
fn the_times_of_too_many_statements_are_not_kept() {
    let mut page = Page::default();
    let running = begin(&mut page, ORDERS, 7);
    for _ in 0..=MOST_TIMES {
        page.end(running, &ended(1));
    }
    assert_eq!((page.times.len(), page.shapes[0].rows), (MOST_TIMES, MOST_TIMES as u64 + 1));
}

#[test]
fn a_transaction_costs_what_the_page_has_cost_since_it_began() {
    let second = Duration::from_secs(1);
    let mut page = Page { statements: 3, control: 4, round_trips: 5, rows: 6, ..Page::default() };
    (page.wire, page.server, page.transactions.idle) = (7 * second, 8 * second, 9 * second);
    let before = Transaction { statements: 1, control: 1, round_trips: 1, rows: 1, ..page.so_far() };
    page.add_transaction(&before);
    let [first] = page.transactions.all[..] else { panic!("not one transaction") };
    assert_eq!((first.statements, first.control, first.round_trips, first.rows), (2, 3, 4, 5));
    assert_eq!((first.wire, first.server, first.idle), (ZERO, ZERO, ZERO));
    page.add_transaction(&Transaction { wire: second, server: second, idle: second, ..before });
    let times = page.transactions.all[1];
    assert_eq!((times.wire, times.server, times.idle), (6 * second, 7 * second, 8 * second));
    for _ in 0..MOST_TRANSACTIONS {
        page.add_transaction(&before);
    }
    assert_eq!(page.transactions.all.len(), MOST_TRANSACTIONS);
}
