//! The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail.

use diesel::prelude::*;

use crate::pages;
use crate::shop::Row;

fn admin_page(connection: &mut PgConnection) -> QueryResult<Vec<Row>> {
    match std::env::var("PAGE").as_deref() {
        Ok("slow_page") => pages::slow_page(connection),
        _ => pages::fixed_page(connection),
    }
}

// ANCHOR: test
use crate::counter::count_statements;
use crate::shop;

// The test database has 20 customers with 10 orders each, on average.
// With only one customer, an N+1 sends as few statements as the fix.
#[test]
fn the_page_sends_three_statements() {
    let mut connection = shop::connect();
    let (_, statements) = count_statements(&mut connection, admin_page).unwrap();
    assert_eq!(statements.len(), 3, "the last one was {:?}", statements.last());
}
// ANCHOR_END: test
