//! The entities.

use eagerly::{BelongsTo, Entity, HasMany};

/// Somebody who may order.
#[derive(Debug, Entity)]
#[entity(table = "customers")]
pub struct Customer {
    /// The key.
    #[entity(key)]
    pub id: i64,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Address for mail.
    pub email: String,
    /// What they ordered.
    #[entity(foreign_key = "customer_id")]
    pub orders: HasMany<Order>,
}

/// Something ordered by a customer on a day.
#[derive(Debug, Entity)]
#[entity(table = "orders")]
pub struct Order {
    /// The key.
    #[entity(key)]
    pub id: i64,
    /// Whose order it is.
    pub customer_id: i64,
    /// The day, as in `2026-11-22`.
    pub placed_on: String,
    /// `open`, `shipped`, `delivered`, `returned` or `cancelled`.
    pub status: String,
    /// Whose order it is.
    #[entity(key = "customer_id")]
    pub customer: BelongsTo<Customer>,
    /// What was ordered.
    #[entity(foreign_key = "order_id")]
    pub items: HasMany<OrderItem>,
}

/// So many of one product, in an order.
#[derive(Debug, Entity)]
#[entity(table = "order_items")]
pub struct OrderItem {
    /// The key.
    #[entity(key)]
    pub id: i64,
    /// The order that it is part of.
    pub order_id: i64,
    /// What is sold.
    pub product: String,
    /// How many.
    pub quantity: i64,
    /// The price of one, in cents: money is an integer here.
    pub unit_price: i64,
    /// The order that it is part of.
    #[entity(key = "order_id")]
    pub order: BelongsTo<Order>,
}
