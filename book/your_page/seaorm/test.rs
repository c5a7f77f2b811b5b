//! The test that fails if the N+1 comes back. With `PAGE=slow_page` it tests the slow page, and must fail.

use sea_orm::{DatabaseConnection, DbErr};

use crate::pages;
use crate::shop::Row;

async fn admin_page(db: &DatabaseConnection) -> Result<Vec<Row>, DbErr> {
    match std::env::var("PAGE").as_deref() {
        Ok("slow_page") => pages::slow_page(db).await,
        _ => pages::fixed_page(db).await,
    }
}

// `#[tokio::test]` needs the feature `macros` of tokio. Here the runtime is built by hand.
#[test]
fn the_page_sends_three_statements() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(check());
}

// ANCHOR: test
use crate::counter::record_statements;
use crate::shop;

// The test database has 20 customers with 10 orders each, on average.
// With only one customer, an N+1 sends as few statements as the fix.
async fn check() {
    let mut db = shop::connect().await.unwrap();
    let statements = record_statements(&mut db);
    admin_page(&db).await.unwrap();
    let statements = statements.lock().unwrap();
    assert_eq!(statements.len(), 3, "the last one was {:?}", statements.last());
}
// ANCHOR_END: test
