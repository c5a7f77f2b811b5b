use eagerly::Entity;

#[derive(Entity)]
struct Customer {
    #[entity(key)]
    id: i64,
}

fn main() {}
