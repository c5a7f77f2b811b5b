use eagerly::{Entity, HasMany};

#[derive(Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "customer_id", order_by = "id, placed_in desc")]
    orders: HasMany<Order>,
}

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    placed_on: String,
}

fn main() {}
