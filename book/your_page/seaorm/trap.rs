//! A relation that is not loaded looks empty.

use sea_orm::DbErr;

use crate::shop::{self, customer, order};

pub async fn run() -> Result<(), DbErr> {
    let db = &shop::connect().await?;
    // ANCHOR: trap
    let customers = customer::Entity::load().all(db).await?; // without `.with(…)`
    let orders: usize = customers.iter().map(|customer| customer.orders.len()).sum();
    // ANCHOR_END: trap
    let unloaded = customers.iter().filter(|customer| customer.orders.is_unloaded()).count();
    println!("load(): {orders} orders, {unloaded} relations are unloaded");
    let customers = customer::Entity::load().with(order::Entity).all(db).await?;
    let orders: usize = customers.iter().map(|customer| customer.orders.len()).sum();
    println!("load().with(order::Entity): {orders} orders");
    Ok(())
}
