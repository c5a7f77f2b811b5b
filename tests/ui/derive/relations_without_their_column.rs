use eagerly::{BelongsTo, Entity, HasMany};

#[derive(Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    orders: HasMany<Order>,
}

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "customer_id")]
    customer: BelongsTo<Customer>,
}

#[derive(Entity)]
#[entity(table = "invoices")]
struct Invoice {
    #[entity(key)]
    id: i64,
    #[entity(key = "customer_id")]
    customer: BelongsTo<Customer>,
}

#[derive(Entity)]
#[entity(table = "bare")]
struct Keyless {
    name: String,
    #[entity(foreign_key = "bare_name")]
    orders: HasMany<Order>,
}

fn main() {}
