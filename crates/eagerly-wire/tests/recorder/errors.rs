//! An error ends a statement in any phase, and what the server skips is not counted.

use crate::raw::Raw;
use crate::support::{Wire, counts};

#[test]
fn a_syntax_error_is_one_failed_statement() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    client.simple_query("SELEC 1").unwrap_err();
    client.prepare("SELEC 2").unwrap_err();
    client.simple_query("SELECT 3").unwrap();
    assert_eq!(counts(&wire.page()), [3, 0, 2, 3, 1]);
}

#[test]
fn an_error_while_a_statement_runs_is_a_failure_with_the_rows_before_it() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    let statement = client.prepare("SELECT 10 / (4 - n) FROM generate_series(1, $1) n").unwrap();
    wire.clear();
    client.query(&statement, &[&6_i32]).unwrap_err();
    client.simple_query("SELECT 10 / (4 - n) FROM generate_series(1, 6) n").unwrap_err();
    assert_eq!(client.query(&statement, &[&3_i32]).unwrap().len(), 3);
    assert_eq!(counts(&wire.page()), [3, 0, 2, 3, 3 + 3 + 3]);
}

#[test]
fn a_value_that_the_server_refuses_is_a_failed_statement() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    raw.parse("s", "SELECT $1::int8").sync().finish();
    wire.clear();
    raw.bind("", "s", &[Some("no number")]).execute("", 0).sync();
    assert_eq!(raw.finish(), "EZ");
    raw.bind("", "s", &[Some("7")]).execute("", 0).sync();
    assert_eq!(raw.finish(), "2DCZ");
    let page = wire.page();
    assert_eq!(counts(&page), [2, 0, 1, 2, 1]);
    assert_eq!(page.shapes[0].text, "SELECT $1::int8");
}

#[test]
fn the_statements_after_an_error_in_one_text_are_not_executed() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    client.batch_execute("SELECT 1; SELECT 1 / 0; SELECT 2; SELECT 3").unwrap_err();
    client.batch_execute("SELECT 4").unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [3, 0, 1, 2, 2]);
    let texts: Vec<_> = page.shapes.iter().map(|shape| (&*shape.text, shape.statements)).collect();
    assert_eq!(texts, [("SELECT $1", 2), ("SELECT $1 / $2", 1)]);
}

#[test]
fn an_error_in_a_group_skips_the_rest_of_the_group() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    raw.unnamed("SELECT 1", &[]).unnamed("SELECT 1 / 0", &[]).unnamed("SELECT 2", &[]).sync();
    raw.unnamed("SELECT 3", &[]).unnamed("SELEC 4", &[]).unnamed("SELECT 5", &[]).sync();
    raw.unnamed("SELECT 6", &[]).sync().send();
    assert_eq!([raw.until(b'Z'), raw.until(b'Z'), raw.until(b'Z')], ["12TDC1EZ", "12TDCEZ", "12TDCZ"]);
    raw.unnamed("SELECT 7", &[]).sync().finish();
    let page = wire.page();
    // 1, 1 / 0, 3, the syntax error, 6, 7.
    assert_eq!(counts(&page), [6, 0, 2, 2, 4]);
    let texts: Vec<_> = page.shapes.iter().map(|shape| (&*shape.text, shape.statements)).collect();
    assert_eq!(texts.iter().map(|(_, count)| count).sum::<u64>(), 6, "{texts:?}");
}

#[test]
fn what_is_sent_after_an_error_and_before_the_sync_is_skipped() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    raw.parse("", "SELEC 1").flush().send();
    assert_eq!(raw.until(b'E'), "E");
    raw.bind("", "", &[]).execute("", 0).sync();
    assert_eq!(raw.finish(), "Z");
    raw.unnamed("SELECT 2", &[]).sync().finish();
    assert_eq!(counts(&wire.page()), [2, 0, 1, 3, 1]);
}

#[test]
fn a_simple_query_after_an_error_and_before_the_sync_is_skipped() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    // The server has not yet replied to the first message.
    raw.parse("", "SELEC 1").query("SELECT 1").sync();
    assert_eq!(raw.finish(), "EZ");
    // The server has replied.
    raw.parse("", "SELEC 2").flush().send().until(b'E');
    raw.query("SELECT 2").sync();
    assert_eq!(raw.finish(), "Z");
    for _ in 0..3 {
        raw.query("SELECT 3").finish();
    }
    let page = wire.page();
    assert_eq!((page.statements, page.failed, page.rows, page.round_trips), (5, 2, 3, 6));
}

#[test]
fn a_statement_in_a_failed_transaction_fails() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    client.batch_execute("BEGIN").unwrap();
    client.batch_execute("SELECT 1 / 0").unwrap_err();
    client.prepare("SELECT 2").unwrap_err();
    client.batch_execute("ROLLBACK").unwrap();
    client.batch_execute("SELECT 3").unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [3, 2, 2, 5, 1]);
    assert_eq!(page.transactions.len(), 1);
}

#[test]
fn a_commit_can_fail() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    let table = "CREATE TABLE t (id int8 PRIMARY KEY, of int8 REFERENCES t DEFERRABLE INITIALLY DEFERRED)";
    client.batch_execute(table).unwrap();
    wire.clear();
    let mut transaction = client.transaction().unwrap();
    transaction.batch_execute("INSERT INTO t VALUES (1, 2)").unwrap();
    transaction.commit().unwrap_err();
    client.batch_execute("SELECT 1").unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [2, 2, 1, 4, 1]);
}

#[test]
fn an_error_with_a_very_long_message_is_a_failure() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    client.batch_execute("DO $$ BEGIN RAISE EXCEPTION '%', repeat('x', 1000000); END $$").unwrap_err();
    client.batch_execute("DO $$ BEGIN RAISE NOTICE '%', repeat('x', 1000000); END $$").unwrap();
    client.batch_execute("SELECT repeat('x', 1000000)").unwrap();
    assert_eq!(counts(&wire.page()), [3, 0, 1, 3, 1]);
}
