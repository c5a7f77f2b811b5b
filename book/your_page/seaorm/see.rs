//! Prints every statement of the slow page.

use sea_orm::{DatabaseConnection, DbErr};

use crate::pages::slow_page;
use crate::shop;

// ANCHOR: see
fn print_statements(db: &mut DatabaseConnection) {
    db.set_metric_callback(|info| println!("{}", info.statement));
}
// ANCHOR_END: see

pub async fn run() -> Result<(), DbErr> {
    let mut db = shop::connect().await?;
    print_statements(&mut db);
    slow_page(&db).await.map(drop)
}
