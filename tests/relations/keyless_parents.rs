//! Parents without a key, and parents whose key is null.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "logs")]
struct Line {
    customer_id: i64,
    text: String,
    #[entity(key = "customer_id")]
    customer: BelongsTo<Customer>,
}

#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
}

#[test]
fn a_limit_without_a_key_to_sort_by_is_not_repeated_in_a_subquery() {
    let session = database(&[
        "CREATE TABLE customers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE logs (customer_id INTEGER, text TEXT)",
        "CREATE INDEX logs_customer ON logs (customer_id)",
        "INSERT INTO customers VALUES (1), (2), (8), (9)",
        "INSERT INTO logs VALUES (9, 'a'), (8, 'b'), (2, 'c'), (1, 'd')",
    ]);
    for strategy in yielding() {
        let lines = session.all(Line::select().limit(2).with(by(strategy, Line::CUSTOMER))).unwrap();
        let seen: Vec<_> =
            lines.iter().map(|line| (line.customer().unwrap().id, line.text.as_str())).collect();
        assert_eq!(seen, [(9, "a"), (8, "b")], "{strategy}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "coded")]
struct Coded {
    #[entity(key)]
    code: Option<String>,
    n: i64,
    #[entity(foreign_key = "text")]
    lines: HasMany<Line>,
}

/// SQLite allows any number of nulls in a text key.
#[test]
fn rows_with_a_null_key_stay_separate_rows() {
    let session = database(&[
        "CREATE TABLE coded (code TEXT PRIMARY KEY, n INTEGER)",
        "CREATE TABLE logs (customer_id INTEGER, text TEXT)",
        "INSERT INTO coded VALUES (NULL, 1), (NULL, 2), ('a', 3)",
        "INSERT INTO logs VALUES (1, 'a'), (2, 'a')",
    ]);
    for strategy in yielding() {
        let coded = session.all(Coded::select().order_by(Coded::N).with(by(strategy, Coded::LINES))).unwrap();
        let seen: Vec<_> = coded.iter().map(|coded| (coded.n, coded.lines().unwrap().len())).collect();
        assert_eq!(seen, [(1, 0), (2, 0), (3, 2)], "{strategy}");
    }
}
