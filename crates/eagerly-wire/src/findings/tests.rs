//! Pages that are written down as statements and rows, without a connection.

use std::time::{Duration, Instant};

use super::{Finding, Kind, of};
use crate::protocol::{Began, Ended, Event};
use crate::sql::{Content, Sql};
use crate::stream::{Pages, Stream};
use crate::value::Value;

/// A page, and the time in it.
pub(super) struct Script {
    pub(super) pages: Pages,
    stream: Stream,
    now: Instant,
}

impl Script {
    pub(super) fn new() -> Self {
        Self { pages: Pages::default(), stream: Stream::new(1), now: Instant::now() }
    }

    fn add(&mut self, event: Event<'_>) {
        self.stream.add(&mut self.pages, event, Duration::from_secs(3600), &|_| 0);
    }

    /// Sends a statement with its values in the text. `rows` are the rows that return, with a blank between two values.
    pub(super) fn run(&mut self, sql: &str, columns: &str, rows: &[String]) {
        let sql = Sql::of(sql);
        let written = |content| if let Content::Written(value) = content { Some(value) } else { None };
        let values: Vec<_> = sql.places.iter().map(|place| written(place.content)).collect();
        self.now += Duration::from_millis(1);
        let (sent, identity) = (self.now, sql.identity);
        self.add(Event::RoundTripBegan { at: sent });
        self.add(Event::Began(Began { sql: &sql, values: &values, identity, sent, is_first: true }));
        self.now += Duration::from_millis(1);
        let columns: Vec<_> = columns.split_whitespace().map(str::to_owned).collect();
        for row in rows {
            let hash = |text: &str| Value::of_text(text.as_bytes()).map_or(0, |value| value.hash);
            let hashes: Vec<_> = row.split(' ').map(hash).collect();
            self.add(Event::Row { columns: &columns, hashes: &hashes, at: self.now });
        }
        let (rows, zero) = (rows.len() as u64, Duration::ZERO);
        let ended = Ended { is_failed: false, rows, sent, to_server: zero, server: zero, from_server: zero };
        self.add(Event::Ended(ended));
        self.add(Event::RoundTripEnded { wire: zero, server: zero });
        self.add(Event::Ready { is_in_transaction: false, is_awaited: false, at: self.now });
    }

    fn findings(&self) -> Vec<Finding> {
        of(&self.pages.current).into_iter().map(|found| found.finding).collect()
    }

    /// Returns the kind, the number of statements, the column of the rows, and whether it is a hint.
    fn found(&self) -> Vec<(Kind, u64, String, bool)> {
        let facts = |one: Finding| (one.kind, one.statements, one.from_column, one.is_hint);
        self.findings().into_iter().map(facts).collect()
    }
}

pub(super) fn rows<T: ToString>(rows: impl IntoIterator<Item = T>) -> Vec<String> {
    rows.into_iter().map(|row| row.to_string()).collect()
}

/// Returns `count` numbers without an order, each once.
fn shuffled(count: u64) -> Vec<u64> {
    let mut numbers: Vec<_> = (1..=count).collect();
    numbers.sort_by_key(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    numbers
}

#[test]
fn a_statement_for_each_row_is_found() {
    let mut script = Script::new();
    script.run("SELECT id, name FROM customers", "id name", &rows((1..=10).map(|id| format!("{id} c{id}"))));
    for id in 1..=10 {
        script.run(&format!("SELECT id FROM orders WHERE customer_id = {id}"), "id", &rows([id + 100]));
    }
    let finding = &script.findings()[0];
    assert_eq!((finding.kind, finding.statements, finding.is_hint), (Kind::NPlusOne, 10, false));
    assert_eq!(finding.shape, "SELECT id FROM orders WHERE customer_id = $1");
    assert_eq!((&*finding.parameter, &*finding.from_column), ("$1", "id"));
    assert_eq!(finding.from_shape, "SELECT id, name FROM customers");
    assert_eq!((finding.from_statement, finding.column.as_deref()), (Some(1), Some("customer_id")));
}

#[test]
fn both_levels_are_found() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=4));
    for customer in 1..=4 {
        let orders: Vec<_> = (0..3).map(|order| customer * 3 + order).collect();
        let sql = format!("SELECT id, customer_id FROM orders WHERE customer_id = {customer}");
        script.run(&sql, "id customer_id", &rows(orders.iter().map(|order| format!("{order} {customer}"))));
        for order in orders {
            script.run(&format!("SELECT id FROM items WHERE order_id = {order}"), "id", &rows([order]));
        }
    }
    let (n_plus_one, id) = (Kind::NPlusOne, "id".to_owned());
    assert_eq!(script.found(), [(n_plus_one, 4, id.clone(), false), (n_plus_one, 12, id, false)]);
}

#[test]
fn a_row_for_each_row_is_found_by_its_foreign_key() {
    let mut script = Script::new();
    let orders = shuffled(30).into_iter().map(|order| format!("{order} {}", order % 7 + 50));
    script.run("SELECT id, customer_id FROM orders", "id customer_id", &rows(orders.clone()));
    let mut known = Vec::new();
    for order in orders {
        let customer = order.split(' ').next_back().unwrap().to_owned();
        // An identity map asks for each customer once.
        if !known.contains(&customer) {
            script.run(&format!("SELECT * FROM customers WHERE id = {customer}"), "id", &rows([&customer]));
            known.push(customer);
        }
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 7, "customer_id".to_owned(), false)]);
    assert!(script.findings()[0].is_to_one);
}

#[test]
fn a_relation_is_to_one_if_no_statement_returned_two_rows() {
    for (most, is_to_one) in [(0, true), (1, true), (2, false)] {
        let mut script = Script::new();
        script.run("SELECT id FROM customers", "id", &rows(1..=10));
        for id in 1..=10 {
            let count = if id == 7 { most } else { 0 };
            script.run(&format!("SELECT a FROM orders WHERE customer_id = {id}"), "a", &rows(70..70 + count));
        }
        assert_eq!(script.findings()[0].is_to_one, is_to_one, "{most}");
    }
}

#[test]
fn a_foreign_key_is_found_beside_a_primary_key_with_the_same_numbers() {
    let mut script = Script::new();
    let customer = |order: u64| order.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 30 + 1;
    let orders = (1..=300).map(|order| format!("{order} {}", customer(order)));
    script.run("SELECT id, customer_id FROM orders", "id customer_id", &rows(orders));
    for order in 1..=300 {
        script.run(
            &format!("SELECT * FROM customers WHERE id = {}", customer(order)),
            "id",
            &rows([customer(order)]),
        );
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 300, "customer_id".to_owned(), false)]);
}

#[test]
fn a_key_of_two_columns_is_found() {
    let mut script = Script::new();
    let keys: Vec<_> = (1..=3).flat_map(|shop| (1..=4).map(move |number| (shop, number))).collect();
    script.run(
        "SELECT shop, number FROM orders",
        "shop number",
        &rows(keys.iter().map(|(a, b)| format!("{a} {b}"))),
    );
    for (shop, number) in &keys {
        script.run(&format!("SELECT * FROM items WHERE shop = {shop} AND number = {number}"), "id", &[]);
    }
    let finding = &script.findings()[0];
    assert_eq!((&*finding.parameter, &*finding.from_column), ("$1, $2", "shop, number"));
    assert_eq!((finding.statements, finding.is_hint), (12, false));
}

#[test]
fn distinctive_keys_are_found_in_any_order_and_in_small_numbers() {
    let mut script = Script::new();
    script.run(
        "SELECT id FROM customers",
        "id",
        &rows(["ada@example.org", "bob@example.org", "eve@example.org"]),
    );
    for id in ["eve@example.org", "ada@example.org"] {
        script.run(&format!("SELECT * FROM orders WHERE email = '{id}'"), "id", &[]);
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 2, "id".to_owned(), false)]);
}

#[test]
fn rows_that_the_application_has_sorted_are_found() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=40));
    for id in shuffled(40) {
        script.run(&format!("SELECT * FROM orders WHERE customer_id = {id}"), "id", &[]);
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 40, "id".to_owned(), false)]);
}

#[test]
fn a_walk_through_a_tree_is_found() {
    let mut script = Script::new();
    let mut next = vec![1_u32];
    while let Some(node) = next.pop() {
        let children: Vec<_> = if node < 16 { vec![node * 2, node * 2 + 1] } else { Vec::new() };
        script.run(&format!("SELECT id FROM nodes WHERE parent = {node}"), "id", &rows(&children));
        next.extend(children.iter().rev());
    }
    // The root is in no row.
    assert_eq!(script.found(), [(Kind::NPlusOne, 30, "id".to_owned(), false)]);
}

#[test]
fn a_list_with_one_value_is_a_key_and_a_longer_list_is_not() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=10));
    script.run("SELECT id FROM orders WHERE customer_id IN (1, 2, 3, 4, 5)", "id", &[]);
    script.run("SELECT id FROM orders WHERE customer_id IN (6, 7, 8, 9, 10)", "id", &[]);
    assert_eq!(script.found(), []);
    for id in 1..=10 {
        script.run(&format!("SELECT id FROM orders WHERE customer_id IN ({id})"), "id", &[]);
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 10, "id".to_owned(), false)]);
}

#[test]
fn one_look_up_after_another_is_no_finding() {
    let mut script = Script::new();
    // Twice a user, and each time the organisation of the user.
    for (user, organisation) in [(7, 31), (9, 44)] {
        script.run(
            &format!("SELECT id, org FROM users WHERE id = {user}"),
            "id org",
            &rows([format!("{user} {organisation}")]),
        );
        script.run(&format!("SELECT * FROM orgs WHERE id = {organisation}"), "id", &rows([organisation]));
    }
    assert_eq!(script.found(), []);
}

#[test]
fn a_few_small_numbers_that_are_also_keys_are_at_most_a_hint() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=300));
    for (level, setting) in [(3, 7), (1, 250), (2, 12)] {
        script.run(
            &format!("SELECT * FROM settings WHERE level = {level} AND number = {setting}"),
            "id",
            &[],
        );
    }
    assert!(script.found().iter().all(|(.., is_hint)| *is_hint), "{:?}", script.found());
}

#[test]
fn a_loop_over_the_months_is_at_most_a_hint() {
    let mut script = Script::new();
    script.run("SELECT id, name FROM tags", "id name", &rows((1..=12).map(|id| format!("{id} t{id}"))));
    for month in 1..=12 {
        script.run(&format!("SELECT count(*) FROM reviews WHERE month = {month}"), "count", &rows([3]));
    }
    assert!(script.found().iter().all(|(.., is_hint)| *is_hint), "{:?}", script.found());
    // The same numbers as keys, whose names agree, and in any order.
    for tag in shuffled(12) {
        script.run(&format!("SELECT * FROM reviews WHERE tag_id = {tag}"), "id", &[]);
    }
    let found = script.found();
    assert_eq!(found[0], (Kind::NPlusOne, 12, "id".to_owned(), false), "{found:?}");
}

#[test]
fn turning_pages_is_no_finding() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(0..=300));
    for page in 0..10 {
        script.run(&format!("SELECT id FROM orders LIMIT 10 OFFSET {}", page * 10), "id", &[]);
    }
    // Each page begins after the last row of the page before.
    for page in 0..10 {
        let sql = format!("SELECT id FROM items WHERE id > {} ORDER BY id LIMIT 10", page * 10 + 1000);
        script.run(&sql, "id", &rows(page * 10 + 1001..=page * 10 + 1010));
    }
    assert_eq!(script.found(), []);
}

#[test]
fn constants_that_occur_in_a_column_are_at_most_a_hint() {
    let mut script = Script::new();
    let states = ["open", "paid", "sent"];
    script.run(
        "SELECT id, state FROM orders",
        "id state",
        &rows((0..90).map(|id| format!("{id} {}", states[id % 3]))),
    );
    for state in ["sent", "open", "paid"] {
        script.run(&format!("SELECT count(*) FROM orders WHERE state = '{state}'"), "count", &rows([30]));
    }
    assert!(script.found().iter().all(|(.., is_hint)| *is_hint), "{:?}", script.found());
}

#[test]
fn a_row_that_came_later_is_no_cause() {
    let mut script = Script::new();
    for id in 1..=10 {
        script.run(&format!("SELECT * FROM orders WHERE customer_id = {id}"), "number", &[]);
    }
    script.run("SELECT id FROM customers", "id", &rows(1..=10));
    assert_eq!(script.found(), []);
}

#[test]
fn a_write_for_each_row_is_a_loop_of_writes() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=10));
    for id in 1..=10 {
        script.run(&format!("UPDATE customers SET seen = now() WHERE id = {id}"), "", &[]);
    }
    assert_eq!(script.found(), [(Kind::LoopOfWrites, 10, "id".to_owned(), false)]);
}

#[test]
fn the_same_statement_again_is_found_unless_something_was_written() {
    let mut script = Script::new();
    for _ in 0..3 {
        script.run("SELECT * FROM users WHERE id = 7", "id", &rows([7]));
    }
    assert_eq!(script.found(), [(Kind::Repeated, 2, String::new(), false)]);
    let finding = &script.findings()[0];
    assert_eq!((finding.from_statements, finding.from_rows, finding.keys), (0, 0, 0));

    // Once again is enough. But a statement without a table only asks whether the connection is alive.
    let mut script = Script::new();
    for sql in
        ["SELECT * FROM users WHERE id = 7", "SELECT version()", "DISCARD ALL", "SHOW search_path FROM a"]
    {
        script.run(sql, "a", &rows([7]));
        script.run(sql, "a", &rows([7]));
    }
    assert_eq!(script.found(), [(Kind::Repeated, 1, String::new(), false)]);

    let mut script = Script::new();
    for _ in 0..3 {
        script.run("SELECT * FROM users WHERE id = 7", "id", &rows([7]));
        script.run("UPDATE users SET seen = seen + 1 WHERE id = 7", "", &[]);
        script.run("SELECT 1", "?column?", &rows([1]));
    }
    assert_eq!(script.found(), []);
}

#[test]
fn rows_that_a_cursor_returns_in_portions_are_rows_of_its_query() {
    let mut script = Script::new();
    script.run("DECLARE c CURSOR FOR SELECT id FROM customers", "", &[]);
    for portion in 0..3 {
        let ids = portion * 5 + 1..=portion * 5 + 5;
        script.run("FETCH 5 FROM c", "id", &rows(ids.clone()));
        for id in ids {
            script.run(&format!("SELECT * FROM orders WHERE customer_id = {id}"), "number", &[]);
        }
    }
    let finding = &script.findings()[0];
    assert_eq!((finding.statements, &*finding.from_shape), (15, "SELECT id FROM customers"));
    assert!(!finding.is_hint);
}

#[test]
fn relations_to_one_behind_each_other_are_found() {
    let mut script = Script::new();
    let customers = (1..=10).map(|id| format!("{id} {}", id + 500));
    script.run("SELECT id, profile_id FROM customers", "id profile_id", &rows(customers));
    for profile in 501..=510 {
        let sql = format!("SELECT id, picture_id FROM profiles WHERE id = {profile}");
        script.run(&sql, "id picture_id", &rows([format!("{profile} {}", profile + 500)]));
        script.run(
            &format!("SELECT id FROM pictures WHERE id = {}", profile + 500),
            "id",
            &rows([profile + 500]),
        );
    }
    let n_plus_one = |column: &str| (Kind::NPlusOne, 10, column.to_owned(), false);
    assert_eq!(script.found(), [n_plus_one("profile_id"), n_plus_one("picture_id")]);
}

#[test]
fn one_look_up_after_another_is_no_finding_beside_an_n_plus_one() {
    let mut script = Script::new();
    script.run("SELECT id FROM customers", "id", &rows(1..=10));
    for id in 1..=10 {
        script.run(&format!("SELECT id FROM orders WHERE customer_id = {id}"), "id", &rows([id + 100]));
    }
    for step in 0..10 {
        let sql = format!("SELECT next FROM steps WHERE id = {}", 900 + step);
        script.run(&sql, "next", &rows([901 + step]));
    }
    assert_eq!(script.found(), [(Kind::NPlusOne, 10, "id".to_owned(), false)]);
}

#[test]
fn rows_that_were_fetched_again_cause_nothing_and_are_reported_after_an_n_plus_one() {
    let mut script = Script::new();
    for setting in [71, 71, 72, 72, 73, 74] {
        let sql = format!("SELECT value FROM settings WHERE name = {setting}");
        script.run(&sql, "value", &rows([setting + 5_000]));
    }
    for value in 5_071..=5_074 {
        script.run(&format!("SELECT label FROM labels WHERE value = {value}"), "label", &rows(["a"]));
    }
    assert_eq!(script.found(), [(Kind::Repeated, 2, String::new(), false)]);
    script.run("SELECT id FROM customers", "id", &rows(1..=10));
    for id in 1..=10 {
        script.run(&format!("SELECT id FROM orders WHERE customer_id = {id}"), "id", &rows([id + 100]));
    }
    let kinds: Vec<_> = script.findings().iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::NPlusOne, Kind::Repeated]);
}

#[test]
fn shapes_that_are_not_kept_are_counted_together() {
    let mut script = Script::new();
    for number in 0..1_003 {
        script.run(&format!("SELECT a FROM t{number}"), "a", &rows([number]));
    }
    let shapes = &script.pages.current.shapes;
    assert_eq!(shapes.len(), 1_001);
    assert_eq!((&*shapes[1_000].text, shapes[1_000].statements), ("(other statements)", 3));
    assert_eq!(script.pages.current.statements, 1_003);
}

#[test]
fn for_1_2_3_the_names_decide_and_a_name_of_two_letters_says_nothing() {
    let cases = [
        // Many rows for each: the compared column has the name of the table.
        ("SELECT id FROM tag", "SELECT * FROM reviews WHERE tag_id =", true),
        ("SELECT id FROM shop_tags", "SELECT * FROM reviews WHERE tag_id =", true),
        ("SELECT id FROM ox", "SELECT * FROM reviews WHERE ox_id =", false),
        // One row for each: the column of the rows has the name of the other table.
        ("SELECT pet_id FROM farms", "SELECT * FROM pets WHERE id =", true),
        ("SELECT petid FROM farms", "SELECT * FROM pets WHERE id =", true),
        ("SELECT ox_id FROM farms", "SELECT * FROM oxen WHERE id =", false),
        // Both columns have the same name, and the other table has that of the first one in its own.
        ("SELECT code FROM land", "SELECT * FROM land_names WHERE code =", true),
        ("SELECT code FROM land", "SELECT * FROM names WHERE code =", false),
        ("SELECT code FROM net", "SELECT * FROM net_names WHERE code =", true),
        ("SELECT code FROM la", "SELECT * FROM la_names WHERE code =", false),
        ("SELECT number FROM land", "SELECT * FROM land_names WHERE code =", false),
    ];
    for (rows_of, statement, agree) in cases {
        let mut script = Script::new();
        let column = rows_of.split(' ').nth(1).unwrap();
        script.run(rows_of, column, &rows(1..=12));
        for number in 1..=12 {
            script.run(&format!("{statement} {number}"), "", &[]);
        }
        let hints: Vec<_> = script.findings().iter().map(|one| one.is_hint).collect();
        assert_eq!(hints, [!agree], "{rows_of}: {statement}");
    }
}
