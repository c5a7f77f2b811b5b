//! Counts the statements of a connection.

use crate::pages::{fixed_page, slow_page};
use crate::shop;

// ANCHOR: counter
use std::sync::{Arc, Mutex};

use sea_orm::{DatabaseConnection, DbErr};

/// Call this before you clone the connection. The list grows with each statement.
pub fn record_statements(db: &mut DatabaseConnection) -> Arc<Mutex<Vec<String>>> {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&statements);
    db.set_metric_callback(move |info| sent.lock().unwrap().push(info.statement.sql.to_string()));
    statements
}
// ANCHOR_END: counter

pub async fn print_page(version: &str) -> Result<(), DbErr> {
    let mut db = shop::connect().await?;
    let statements = record_statements(&mut db);
    let rows = match version {
        "slow" => slow_page(&db).await?,
        _ => fixed_page(&db).await?,
    };
    for (first_name, last_name, orders, total) in rows {
        println!("{first_name}|{last_name}|{orders}|{total}");
    }
    println!("{} statements", statements.lock().unwrap().len());
    Ok(())
}
