use eagerly::Entity;

struct Money(i64);

#[derive(Entity)]
#[entity(table = "things")]
struct Thing {
    #[entity(key)]
    id: i64,
    price: Money,
    size: u64,
}

fn main() {}
