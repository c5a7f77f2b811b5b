use eagerly::{BelongsTo, Entity};

#[derive(Entity)]
#[entity(table = "branches")]
struct Branch {
    #[entity(key)]
    id: i64,
    #[entity(key)]
    region: String,
}

#[derive(Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    branch_id: i64,
    #[entity(key = "branch_id")]
    branch: BelongsTo<Branch>,
}

fn main() {}
