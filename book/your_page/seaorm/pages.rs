//! The page, before the fix and after it.

use sea_orm::DatabaseConnection;
use sea_orm::entity::prelude::*;

use crate::shop::{Row, customer, order, order_item};

// ANCHOR: slow
pub async fn slow_page(db: &DatabaseConnection) -> Result<Vec<Row>, DbErr> {
    let mut rows = Vec::new();
    for customer in customer::Entity::find().all(db).await? {
        let orders = customer.find_related(order::Entity).all(db).await?;
        let mut total = 0;
        for order in &orders {
            let items = order.find_related(order_item::Entity).all(db).await?;
            total += items.iter().map(|item| item.quantity * item.unit_price).sum::<i64>();
        }
        rows.push((customer.first_name, customer.last_name, orders.len(), total));
    }
    Ok(rows)
}
// ANCHOR_END: slow

// ANCHOR: fixed
pub async fn fixed_page(db: &DatabaseConnection) -> Result<Vec<Row>, DbErr> {
    let mut rows = Vec::new();
    let customers = customer::Entity::load().with((order::Entity, order_item::Entity)).all(db).await?;
    for customer in customers {
        let items = customer.orders.iter().flat_map(|order| order.items.iter());
        let total = items.map(|item| item.quantity * item.unit_price).sum();
        rows.push((customer.first_name, customer.last_name, customer.orders.len(), total));
    }
    Ok(rows)
}
// ANCHOR_END: fixed
