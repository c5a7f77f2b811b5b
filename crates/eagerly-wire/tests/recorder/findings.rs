//! N+1 is found over the keys that applications use, in the formats that their clients use.

use std::thread;
use std::time::Duration;

use eagerly_wire::{Finding, Kind, Settings};
use postgres::types::ToSql;
use uuid::Uuid;

use crate::raw::Raw;
use crate::support::{NEVER, Wire};

/// Returns the kind, the number of statements, the column with the keys, and whether it is a hint.
fn found(findings: &[Finding]) -> Vec<(Kind, u64, &str, bool)> {
    findings.iter().map(|one| (one.kind, one.statements, &*one.from_column, one.is_hint)).collect()
}

/// Creates two tables with a key of this type, and 30 rows with these keys.
fn tables(wire: &Wire, key: &str, of_number: &str) {
    let sql = format!(
        "CREATE TABLE customers (id {key} PRIMARY KEY, name text);
        CREATE TABLE orders (number int8, customer_id {key});
        INSERT INTO customers SELECT {of_number}, 'name' FROM generate_series(1, 30) n;
        INSERT INTO orders SELECT 7, id FROM customers"
    );
    wire.direct().batch_execute(&sql).unwrap();
}

/// Loads the orders of each customer, over prepared statements with binary values.
fn load<K>(wire: &Wire)
where
    K: postgres::types::FromSqlOwned + ToSql + Sync,
{
    let mut client = wire.client();
    let customers = client.prepare("SELECT name, id FROM customers").unwrap();
    let orders = client.prepare("SELECT number FROM orders WHERE customer_id = $1").unwrap();
    wire.clear();
    for row in client.query(&customers, &[]).unwrap() {
        let key: K = row.get(1);
        assert_eq!(client.query(&orders, &[&key]).unwrap().len(), 1);
    }
    let page = wire.page();
    assert_eq!((page.statements, page.round_trips), (31, 31));
    assert_eq!(found(&page.findings), [(Kind::NPlusOne, 30, "id", false)]);
    assert_eq!(page.findings[0].parameter, "$1");
    assert_eq!(page.findings[0].from_statement, Some(1));
    assert!(page.findings[0].is_to_one);
}

#[test]
fn a_key_of_int8_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n * 3");
    load::<i64>(&wire);
}

#[test]
fn a_key_of_int4_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int4", "n");
    load::<i32>(&wire);
}

#[test]
fn a_key_of_int2_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int2", "n");
    load::<i16>(&wire);
}

#[test]
fn a_key_of_uuid_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "uuid", "md5(n::text)::uuid");
    load::<Uuid>(&wire);
}

#[test]
fn a_key_of_text_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "text", "'customer ' || n");
    load::<String>(&wire);
}

#[test]
fn a_key_of_timestamptz_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "timestamptz", "'2026-11-26'::timestamptz + n * interval '1 hour'");
    load::<std::time::SystemTime>(&wire);
}

#[test]
fn a_key_of_numeric_is_found_in_the_text_format() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "numeric", "n * 1.25");
    let mut raw = Raw::connect(&wire);
    wire.clear();
    raw.unnamed("SELECT id, name FROM customers", &[]).sync().finish();
    for number in 1..=30 {
        let key = wire_numeric(number);
        raw.unnamed("SELECT number FROM orders WHERE customer_id = $1", &[Some(&key)]).sync().finish();
    }
    assert_eq!(found(&wire.page().findings), [(Kind::NPlusOne, 30, "id", false)]);
}

/// Returns `number * 1.25` as PostgreSQL writes it.
fn wire_numeric(number: u32) -> String {
    format!("{}.{:02}", number * 125 / 100, number * 125 % 100)
}

#[test]
fn keys_in_the_text_of_simple_queries_are_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let mut client = wire.client();
    wire.clear();
    client.simple_query("SELECT id FROM customers").unwrap();
    for id in 1..=30 {
        client.simple_query(&format!("SELECT number FROM orders WHERE customer_id = {id}")).unwrap();
    }
    assert_eq!(found(&wire.page().findings), [(Kind::NPlusOne, 30, "id", false)]);
}

#[test]
fn a_binary_key_of_rows_in_the_text_format_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let mut client = wire.client();
    let orders = client.prepare("SELECT number FROM orders WHERE customer_id = $1").unwrap();
    wire.clear();
    client.simple_query("SELECT id FROM customers").unwrap();
    for id in 1..=30_i64 {
        client.query(&orders, &[&id]).unwrap();
    }
    assert_eq!(found(&wire.page().findings), [(Kind::NPlusOne, 30, "id", false)]);
}

#[test]
fn a_key_of_two_columns_is_found() {
    let Some(wire) = Wire::start() else { return };
    let tables = "CREATE TABLE orders (shop_id int8, number int4, PRIMARY KEY (shop_id, number));
        CREATE TABLE items (shop_id int8, order_number int4, name text);
        INSERT INTO orders SELECT s, n FROM generate_series(1, 5) s, generate_series(1, 6) n";
    wire.direct().batch_execute(tables).unwrap();
    let mut client = wire.client();
    let orders = client.prepare("SELECT shop_id, number FROM orders").unwrap();
    let items = client.prepare("SELECT name FROM items WHERE shop_id = $1 AND order_number = $2").unwrap();
    wire.clear();
    for row in client.query(&orders, &[]).unwrap() {
        client.query(&items, &[&row.get::<_, i64>(0), &row.get::<_, i32>(1)]).unwrap();
    }
    let page = wire.page();
    assert_eq!(found(&page.findings), [(Kind::NPlusOne, 30, "shop_id, number", false)]);
    assert_eq!(page.findings[0].parameter, "$1, $2");
}

#[test]
fn a_key_of_columns_with_the_longest_names_is_reported() {
    let Some(wire) = Wire::start() else { return };
    let [one, two, three] = ["a", "b", "c"].map(|letter| letter.repeat(63));
    let tables = format!(
        "CREATE TABLE orders ({one} int8, {two} int8, {three} int8);
        CREATE TABLE items ({one} int8, {two} int8, {three} int8);
        INSERT INTO orders SELECT n, n + 1, n + 2 FROM generate_series(100, 130) n"
    );
    wire.direct().batch_execute(&tables).unwrap();
    let mut client = wire.client();
    let orders = client.prepare("SELECT * FROM orders").unwrap();
    let sql = format!("SELECT * FROM items WHERE {one} = $1 AND {two} = $2 AND {three} = $3");
    let items = client.prepare(&sql).unwrap();
    wire.clear();
    for row in client.query(&orders, &[]).unwrap() {
        let key: Vec<i64> = (0..3).map(|column| row.get(column)).collect();
        client.query(&items, &[&key[0], &key[1], &key[2]]).unwrap();
    }
    let report = wire.report();
    assert_eq!(report.pages[0].findings[0].parameter, "$1, $2, $3");
    let text = report.to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_loop_of_writes_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let mut client = wire.client();
    let customers = client.prepare("SELECT id FROM customers").unwrap();
    let update = client.prepare("UPDATE customers SET name = 'x' WHERE id = $1").unwrap();
    wire.clear();
    let mut transaction = client.transaction().unwrap();
    for row in transaction.query(&customers, &[]).unwrap() {
        transaction.execute(&update, &[&row.get::<_, i64>(0)]).unwrap();
    }
    transaction.commit().unwrap();
    assert_eq!(found(&wire.page().findings), [(Kind::LoopOfWrites, 30, "id", false)]);
}

#[test]
fn keys_of_rows_that_are_read_in_portions_are_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let mut client = wire.client();
    let customers = client.prepare("SELECT id FROM customers").unwrap();
    let orders = client.prepare("SELECT number FROM orders WHERE customer_id = $1").unwrap();
    wire.clear();
    let mut transaction = client.transaction().unwrap();
    let portal = transaction.bind(&customers, &[]).unwrap();
    loop {
        let rows = transaction.query_portal(&portal, 7).unwrap();
        for row in &rows {
            transaction.query(&orders, &[&row.get::<_, i64>(0)]).unwrap();
        }
        if rows.len() < 7 {
            break;
        }
    }
    transaction.commit().unwrap();
    let page = wire.page();
    assert_eq!(found(&page.findings), [(Kind::NPlusOne, 30, "id", false)]);
    assert_eq!(page.statements, 31);
}

#[test]
fn a_page_of_a_pool_uses_several_connections() {
    for is_pool in [true, false] {
        let settings = Settings { gap: NEVER, is_pool, ..Settings::default() };
        let Some(wire) = Wire::with(settings, Duration::ZERO) else { return };
        tables(&wire, "int8", "n");
        let (mut one, mut other) = (wire.client(), wire.client());
        let customers = one.prepare("SELECT id FROM customers").unwrap();
        let orders = other.prepare("SELECT number FROM orders WHERE customer_id = $1").unwrap();
        wire.clear();
        for row in one.query(&customers, &[]).unwrap() {
            other.query(&orders, &[&row.get::<_, i64>(0)]).unwrap();
        }
        let report = wire.report();
        let all: Vec<_> = report.pages.iter().map(|page| found(&page.findings)).collect();
        let expected = if is_pool {
            vec![vec![(Kind::NPlusOne, 30, "id", false)]]
        } else {
            vec![Vec::new(), Vec::new()]
        };
        assert_eq!(all, expected);
        assert_eq!(report.statements(), 31);
    }
}

#[test]
fn a_transaction_that_is_idle_while_others_wait_is_found() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let (mut one, mut other) = (wire.client(), wire.client());
    wire.clear();
    let mut transaction = one.transaction().unwrap();
    transaction.batch_execute("UPDATE customers SET name = 'one' WHERE id = 1").unwrap();
    let waits = thread::spawn(move || {
        other.batch_execute("UPDATE customers SET name = 'other' WHERE id = 1").unwrap();
        other
    });
    wire.wait_for("wait_event_type = 'Lock'");
    thread::sleep(Duration::from_millis(200));
    transaction.commit().unwrap();
    waits.join().unwrap();
    let report = wire.report();
    let all: Vec<_> = report.pages.iter().map(|page| found(&page.findings)).collect();
    assert_eq!(all, [vec![(Kind::IdleTransaction, 0, "", false)], Vec::new()]);
    let note = &report.pages[0].findings[0].note;
    assert!(note.ends_with(" ms while 1 other connection waited."), "{note}");
    let text = report.to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_transaction_that_is_idle_while_no_other_waits_is_no_finding() {
    let Some(wire) = Wire::start() else { return };
    tables(&wire, "int8", "n");
    let (mut one, mut other) = (wire.client(), wire.client());
    wire.clear();
    let mut transaction = one.transaction().unwrap();
    transaction.batch_execute("UPDATE customers SET name = 'one' WHERE id = 1").unwrap();
    other.batch_execute("UPDATE customers SET name = 'other' WHERE id = 2").unwrap();
    thread::sleep(Duration::from_millis(300));
    transaction.commit().unwrap();
    assert!(wire.report().pages.iter().all(|page| page.findings.is_empty()));
}
