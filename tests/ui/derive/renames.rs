use eagerly::{BelongsTo, Entity};

#[derive(Entity)]
#[entity(table = "customers", rename_all = "Camel")]
struct Customer {
    #[entity(key)]
    id: i64,
}

#[derive(Entity)]
#[entity(table = "orders", rename_all = "camelCase")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    #[entity(key = "customer_id")]
    customer: BelongsTo<Customer>,
}

#[derive(Entity)]
#[entity(table = "items", rename_all = "UPPERCASE")]
struct Item {
    id: i64,
    #[entity(column = "ID")]
    number: i64,
}

fn main() {}
