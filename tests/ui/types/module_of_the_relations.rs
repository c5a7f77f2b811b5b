use eagerly::{BelongsTo, Entity};

// The derive of `Order` creates a module of this name. The documentation of `eagerly::Entity` explains how to rename it.
mod order {}

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    #[entity(key = "customer_id")]
    customer: BelongsTo<shop::Customer>,
}

// This is right:
mod invoice {}

#[derive(Entity)]
#[entity(table = "invoices", module = "invoice_relations")]
struct Invoice {
    #[entity(key)]
    id: i64,
    order_id: i64,
    #[entity(key = "order_id")]
    order: BelongsTo<shop::Order>,
}

fn main() {
    let _: invoice_relations::Order = Invoice::ORDER;
}
