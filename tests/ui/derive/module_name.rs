use eagerly::Entity;

#[derive(Entity)]
#[entity(table = "orders", module = "order relations")]
struct Order {
    #[entity(key)]
    id: i64,
}

fn main() {}
