//! Each statement is counted once, as in `pg_stat_statements`.

use std::time::Duration;

use eagerly_wire::Settings;
use postgres::fallible_iterator::FallibleIterator as _;

use crate::raw::Raw;
use crate::support::{NEVER, Wire, counts};

#[test]
fn a_simple_query_is_a_statement_and_a_round_trip() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    for number in 1..=3 {
        client.simple_query(&format!("SELECT {number} FROM generate_series(1, 2)")).unwrap();
    }
    let page = wire.page();
    assert_eq!(counts(&page), [3, 0, 0, 3, 6]);
    assert_eq!(page.shapes.len(), 1);
    assert_eq!(page.shapes[0].text, "SELECT $1 FROM generate_series($2, $3)");
}

#[test]
fn a_named_statement_is_counted_when_it_is_executed() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    let statement = client.prepare("SELECT n FROM generate_series(1, $1) n").unwrap();
    for number in 1..=5_i32 {
        assert_eq!(client.query(&statement, &[&number]).unwrap().len(), number as usize);
    }
    // The preparation is a round trip.
    assert_eq!(counts(&wire.page()), [5, 0, 0, 6, 15]);
}

#[test]
fn an_unnamed_statement_takes_one_round_trip() {
    let Some(wire) = Wire::start() else { return };
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for number in ["1", "2", "3"] {
        raw.unnamed("SELECT $1::int4", &[Some(number)]).sync();
        assert_eq!(raw.finish(), "12TDCZ");
    }
    let page = wire.page();
    assert_eq!(counts(&page), [3, 0, 0, 3, 3]);
    assert_eq!(page.shapes[0].statements, 3);
}

#[test]
fn a_portal_that_is_read_in_portions_is_one_statement() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.reset_calls();
    wire.clear();
    let mut transaction = client.transaction().unwrap();
    let statement = transaction.prepare("SELECT n FROM generate_series(1, 95) n").unwrap();
    let portal = transaction.bind(&statement, &[]).unwrap();
    let mut portions = Vec::new();
    loop {
        let rows = transaction.query_portal(&portal, 10).unwrap().len();
        portions.push(rows);
        if rows < 10 {
            break;
        }
    }
    transaction.commit().unwrap();
    assert_eq!(portions, [10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
    let page = wire.page();
    // BEGIN, prepare, bind, 10 portions, COMMIT.
    assert_eq!(counts(&page), [1, 2, 0, 14, 95]);
    assert_eq!((page.statements + page.control, page.transactions.len()), (wire.calls(), 1));
    let one = page.transactions[0];
    assert_eq!([one.statements, one.control, one.round_trips, one.rows], [1, 2, 14, 95]);
    assert!(one.server <= page.server && one.idle <= page.idle_in_transaction);
}

#[test]
fn rows_that_are_fetched_with_a_cursor_belong_to_its_query() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.reset_calls();
    wire.clear();
    client.batch_execute("BEGIN").unwrap();
    client.batch_execute("DECLARE numbers CURSOR FOR SELECT n FROM generate_series(1, 25) n").unwrap();
    for _ in 0..3 {
        client.simple_query("FETCH 10 FROM numbers").unwrap();
    }
    client.batch_execute("CLOSE numbers").unwrap();
    client.batch_execute("COMMIT").unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [1, 6, 0, 7, 25]);
    assert_eq!(page.statements + page.control, wire.calls());
    let of_query = page.shapes.iter().find(|shape| shape.text.starts_with("SELECT n")).unwrap();
    assert_eq!((of_query.statements, of_query.rows), (1, 25));
}

#[test]
fn several_statements_in_one_text_are_several_statements_in_one_round_trip() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.reset_calls();
    wire.clear();
    client.batch_execute("SELECT 1; SELECT 2; SELECT n FROM generate_series(1, 3) n;;").unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [3, 0, 0, 1, 5]);
    assert_eq!(page.statements, wire.calls());
}

#[test]
fn a_very_long_text_has_as_many_statements_as_the_server_executes() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.reset_calls();
    wire.clear();
    // 20,000 statements in 500 kB: much more than is read of a text.
    let text: String = (0..20_000).map(|number| format!("SELECT {number} AS number;\n")).collect();
    client.batch_execute(&text).unwrap();
    let page = wire.page();
    assert_eq!(counts(&page), [20_000, 0, 0, 1, 20_000]);
    assert_eq!(page.statements, wire.calls());
}

#[test]
fn an_empty_text_is_no_statement() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    let mut raw = Raw::connect(&wire);
    wire.clear();
    for text in ["", " ", ";", "-- nothing", "/* nothing */;;"] {
        client.simple_query(text).unwrap();
        raw.parse("", text).bind("", "", &[]).execute("", 0).sync();
        assert_eq!(raw.finish(), "12IZ", "{text}");
    }
    assert_eq!(wire.report().pages.len(), 0);
    // Also in one group with a statement.
    raw.parse("", "")
        .bind("", "", &[])
        .execute("", 0)
        .unnamed("SELECT $1::int4", &[Some("1")])
        .sync()
        .finish();
    assert_eq!(counts(&wire.page())[..3], [1, 0, 0]);
    wire.clear();
    client.simple_query("SELECT 1").unwrap();
    let page = wire.page();
    // The round trips of the empty texts belong to the page that they are in.
    assert_eq!((page.statements, page.control, page.failed, page.rows), (1, 0, 0, 1));
    assert_eq!(page.shapes.len(), 1);
}

#[test]
fn statements_are_exactly_the_calls_that_the_server_counts() {
    let Some(wire) = Wire::start() else { return };
    wire.direct().batch_execute("CREATE TABLE t (id int8 PRIMARY KEY, name text)").unwrap();
    let mut client = wire.client();
    let mut raw = Raw::connect(&wire);
    wire.reset_calls();
    wire.clear();
    let insert = client.prepare("INSERT INTO t VALUES ($1, $2)").unwrap();
    for id in 0..20_i64 {
        client.execute(&insert, &[&id, &format!("name {id}")]).unwrap();
    }
    let mut transaction = client.transaction().unwrap();
    transaction.query("SELECT * FROM t WHERE id = ANY($1)", &[&vec![1_i64, 2, 3]]).unwrap();
    transaction.execute("UPDATE t SET name = 'x' WHERE id > $1", &[&10_i64]).unwrap();
    let mut inner = transaction.savepoint("s").unwrap();
    inner.query("SELECT 1", &[]).unwrap();
    inner.rollback().unwrap();
    transaction.commit().unwrap();
    client.batch_execute("SET statement_timeout = 1000; SHOW statement_timeout; RESET ALL").unwrap();
    client.batch_execute("DO $$ BEGIN PERFORM 1; PERFORM 2; END $$").unwrap();
    client.batch_execute("CREATE INDEX ON t (name); ANALYZE t; TRUNCATE t").unwrap();
    client.batch_execute("CREATE FUNCTION f() RETURNS int8 BEGIN ATOMIC SELECT 1; SELECT 2; END").unwrap();
    let rows: Vec<_> = client.query_raw("SELECT f()", &[] as &[i32]).unwrap().collect().unwrap();
    assert_eq!(rows.len(), 1);
    for number in 0..10 {
        raw.unnamed("SELECT $1::int4", &[Some(&number.to_string())]);
    }
    raw.sync().finish();
    raw.query("SELECT 1; BEGIN; SELECT 2; COMMIT").finish();
    let report = wire.report();
    assert_eq!(report.statements() + report.control(), wire.calls());
    assert!(report.pages.iter().all(|page| page.failed == 0));
}

#[test]
fn values_of_every_type_and_null_pass_in_both_formats() {
    let Some(wire) = Wire::start() else { return };
    let mut client = wire.client();
    wire.clear();
    let sql =
        "SELECT 1::int2, 2::int4, 3::int8, 4.50::numeric, 'text'::text, 'v'::varchar(9), true, NULL::text,
        '2026-11-26 12:00:00+01'::timestamptz, 'abababab-abab-abab-abab-abababababab'::uuid, '{1,2}'::int4[],
        '\\x00ff'::bytea, 1.5::float8, '{\"a\": 1}'::jsonb, NULL::int8, ''::text";
    let binary = client.query_one(sql, &[]).unwrap();
    assert_eq!(binary.get::<_, i64>(2), 3);
    assert_eq!(binary.get::<_, Option<String>>(7), None);
    assert_eq!(client.simple_query(sql).unwrap().len(), 3);
    let page = wire.page();
    assert_eq!((page.statements, page.rows, page.failed), (2, 2, 0));
}

#[test]
fn the_time_on_the_wire_is_that_of_the_round_trips() {
    let round_trip = Duration::from_millis(5);
    let Some(wire) = Wire::with(Settings { gap: NEVER, ..Settings::default() }, round_trip) else { return };
    let mut client = wire.client();
    wire.clear();
    for _ in 0..10 {
        client.simple_query("SELECT 1").unwrap();
    }
    let page = wire.page();
    assert_eq!(counts(&page), [10, 0, 0, 10, 10]);
    // The calibration takes at most 300 µs off each.
    assert!(page.wire >= Duration::from_millis(47), "{:?}", page.wire);
    assert!(page.elapsed >= page.wire, "{:?} {:?}", page.elapsed, page.wire);
    assert!(wire.measured() >= Duration::from_micros(4_700));
}
