//! The three entities of the shop: [`Customer`], [`Order`] and [`OrderItem`].

use eagerly::{BelongsTo, Entity, HasMany};

/// A customer of the shop. Some customers have no orders.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "customers")]
pub struct Customer {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The given name.
    pub first_name: String,
    /// The family name.
    pub last_name: String,
    /// The e-mail address.
    pub email: String,
    /// The customer's orders. The list is empty if there are none.
    #[entity(foreign_key = "customer_id")]
    pub orders: HasMany<Order>,
}

/// An order that a customer placed on one day.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "orders")]
pub struct Order {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The key of the customer.
    pub customer_id: i64,
    /// The day of the order in ISO 8601, such as `2026-11-22`.
    pub placed_on: String,
    /// `open`, `shipped`, `delivered`, `returned` or `cancelled`.
    pub status: String,
    /// The customer who placed the order.
    #[entity(key = "customer_id")]
    pub customer: BelongsTo<Customer>,
    /// The ordered items. Some orders have none.
    #[entity(foreign_key = "order_id")]
    pub items: HasMany<OrderItem>,
}

/// An item of an order: one product and its quantity.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "order_items")]
pub struct OrderItem {
    /// The primary key.
    #[entity(key)]
    pub id: i64,
    /// The key of the order.
    pub order_id: i64,
    /// The name of the product.
    pub product: String,
    /// The number of units, at least 1.
    pub quantity: i64,
    /// The price of one unit in cents. It is an integer, so that sums are exact.
    pub unit_price: i64,
    /// The order that contains the item.
    #[entity(key = "order_id")]
    pub order: BelongsTo<Order>,
}
