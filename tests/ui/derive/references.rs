use eagerly::{BelongsTo, Entity, HasMany};

#[derive(Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "country_code", references = "code")]
    cities: HasMany<City>,
}

#[derive(Entity)]
#[entity(table = "cities")]
struct City {
    #[entity(key)]
    id: i64,
    country_code: String,
    #[entity(key = "country_code", references("code", "region"))]
    country: BelongsTo<Country>,
}

#[derive(Entity)]
#[entity(table = "towns")]
struct Town {
    #[entity(key)]
    id: i64,
    #[entity(references = "code")]
    country_code: String,
}

#[derive(Entity)]
#[entity(table = "villages")]
struct Village {
    #[entity(key)]
    id: i64,
    country_code: String,
    #[entity(key = "country_code", references)]
    country: BelongsTo<Country>,
}

fn main() {}
