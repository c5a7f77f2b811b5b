//! A log line for each request that sends too many statements.

use sea_orm::{DatabaseConnection, DbErr};

use crate::pages::{fixed_page, slow_page};
use crate::shop;

// ANCHOR: guard
use std::cell::Cell;

tokio::task_local! {
    /// The number of statements of the request.
    static SENT: Cell<u64>;
}

/// Call this once, before the connection is shared.
pub fn count_statements(db: &mut DatabaseConnection) {
    db.set_metric_callback(|_| {
        // Outside of a request, there is nothing to count.
        let _ = SENT.try_with(|sent| sent.set(sent.get() + 1));
    });
}

pub async fn with_statement_limit<T>(request: &str, limit: u64, handler: impl Future<Output = T>) -> T {
    let counted = async {
        let response = handler.await;
        (response, SENT.with(Cell::get))
    };
    let (response, statements) = SENT.scope(Cell::new(0), counted).await;
    if statements > limit {
        eprintln!("WARN {request} sent {statements} statements");
    }
    response
}
// ANCHOR_END: guard

pub async fn run() -> Result<(), DbErr> {
    let mut db = shop::connect().await?;
    count_statements(&mut db);
    with_statement_limit("GET /fixed", 50, fixed_page(&db)).await?;
    // ANCHOR: use
    let rows = with_statement_limit("GET /admin", 50, slow_page(&db)).await?;
    // ANCHOR_END: use
    drop(rows);
    Ok(())
}
