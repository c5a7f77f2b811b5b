use eagerly::{Entity, HasMany};

#[derive(Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "customer_id", read_only)]
    orders: HasMany<Order>,
}

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
}

fn main() {}
