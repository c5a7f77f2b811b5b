use eagerly::{BelongsTo, Entity};

#[derive(Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    id: i64,
    code: String,
}

#[derive(Entity)]
#[entity(table = "cities")]
struct City {
    #[entity(key)]
    id: i64,
    country_code: String,
    #[entity(key = "country_code", references = "cod")]
    country: BelongsTo<Country>,
}

fn main() {}
