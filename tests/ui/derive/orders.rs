use eagerly::{BelongsTo, Entity, HasMany};

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    #[entity(order_by = "id")]
    placed_on: String,
}

#[derive(Entity)]
#[entity(table = "items")]
struct Item {
    #[entity(key)]
    id: i64,
    order_id: i64,
    #[entity(key = "order_id", order_by = "id")]
    order: BelongsTo<Order>,
}

#[derive(Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "customer_id", order_by = "placed_on desc,")]
    orders: HasMany<Order>,
}

fn main() {}
