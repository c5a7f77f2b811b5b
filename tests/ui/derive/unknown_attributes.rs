use eagerly::Entity;

#[derive(Entity)]
#[entity(tabel = "customers")]
struct Misspelt {
    #[entity(key)]
    id: i64,
}

#[derive(Entity)]
#[entity(table = "customers")]
struct MisspeltField {
    #[entity(primary_key)]
    id: i64,
}

fn main() {}
