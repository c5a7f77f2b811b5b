//! Text keys: collations, nulls and dangling keys.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    code: String,
    #[entity(foreign_key = "country")]
    cities: HasMany<City>,
    #[entity(foreign_key = "country")]
    capital: HasOne<Capital>,
}

#[derive(Debug, Entity)]
#[entity(table = "cities")]
struct City {
    #[entity(key)]
    id: i64,
    country: Option<String>,
    #[entity(key = "country")]
    country_row: BelongsTo<Country>,
}

/// An entity without a key and without relations.
#[derive(Debug, Entity)]
#[entity(table = "capitals")]
struct Capital {
    name: String,
}

fn atlas(collation: &str) -> Session {
    database(&[
        "CREATE TABLE countries (code TEXT PRIMARY KEY)",
        &format!("CREATE TABLE cities (id INTEGER PRIMARY KEY, country TEXT {collation})"),
        &format!("CREATE TABLE capitals (country TEXT {collation}, name TEXT)"),
        "CREATE INDEX cities_country ON cities (country)",
        "INSERT INTO countries VALUES ('no'), ('NO'), ('fr'), ('zz'), ('Ünï')",
        "INSERT INTO cities VALUES (1, 'no'), (2, 'NO'), (3, 'No'), (4, 'fr'), (5, NULL), (6, 'gone'), (7, 'fr '), (8, 'NO'), (9, 'Ünï')",
        "INSERT INTO capitals VALUES ('no', 'Oslo'), ('fr', 'Paris')",
    ])
}

type Seen = (String, Vec<i64>, Option<String>);

fn seen(countries: &[Country]) -> Vec<Seen> {
    let one = |country: &Country| {
        let cities = country.cities().unwrap().iter().map(|city| city.id).collect();
        let capital = country.capital().unwrap().map(|capital| capital.name.clone());
        (country.code.clone(), cities, capital)
    };
    countries.iter().map(one).collect()
}

#[test]
fn every_strategy_compares_text_keys_by_the_collation_of_their_column() {
    for (collation, cities) in [("", 5), ("COLLATE NOCASE", 10), ("COLLATE RTRIM", 6)] {
        let session = atlas(collation);
        let lazy = seen(&session.all(Country::select()).unwrap());
        assert_eq!(lazy.iter().map(|(_, cities, _)| cities.len()).sum::<usize>(), cities);
        for strategy in yielding() {
            let query = Country::select().with(by(strategy, Country::CITIES)).with(by(
                if strategy == Strategy::Joined { Strategy::Selectin } else { strategy },
                Country::CAPITAL,
            ));
            assert_eq!(seen(&session.all(query).unwrap()), lazy, "{strategy} {collation}");
        }
    }
}

#[test]
fn null_and_dangling_keys_have_no_related_row_with_every_strategy() {
    let session = atlas("");
    for strategy in yielding() {
        let cities = session.all(City::select().with(by(strategy, City::COUNTRY_ROW))).unwrap();
        let countries: Vec<_> = cities
            .iter()
            .map(|city| city.country_row().unwrap().map(|country| country.code.as_str()))
            .collect();
        assert_eq!(
            countries,
            [Some("no"), Some("NO"), None, Some("fr"), None, None, None, Some("NO"), Some("Ünï")],
            "{strategy}"
        );
    }
}

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Region {
    #[entity(key)]
    code: String,
    #[entity(foreign_key = "country")]
    cities: HasMany<ViewedCity>,
}

#[derive(Debug, Entity)]
#[entity(table = "viewed_cities")]
struct ViewedCity {
    #[entity(key)]
    id: i64,
}

#[test]
fn a_view_is_matched_by_the_collation_of_its_table_by_every_strategy() {
    let session = atlas("COLLATE NOCASE");
    session.execute("CREATE VIEW viewed_cities AS SELECT * FROM cities", []).unwrap();
    let cities = |query: Select<Region>| {
        let regions = session.all(query).unwrap();
        let ids = regions.iter().map(|region| {
            let cities = region.cities().unwrap().iter().map(|city| city.id);
            (region.code.clone(), cities.collect::<Vec<_>>())
        });
        ids.collect::<Vec<_>>()
    };
    let lazy = cities(Region::select());
    assert_eq!(lazy.iter().map(|(_, cities)| cities.len()).sum::<usize>(), 10);
    for strategy in yielding() {
        assert_eq!(cities(Region::select().with(by(strategy, Region::CITIES))), lazy, "{strategy}");
    }
}

#[test]
fn parents_with_only_null_keys_send_no_child_statement() {
    let session = atlas("");
    for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Immediate] {
        let tally = session.tally();
        let query = City::select().filter(City::ID.eq(5)).with(by(strategy, City::COUNTRY_ROW));
        assert!(session.one(query).unwrap().country_row().unwrap().is_none());
        assert_eq!(tally.statements(), 1, "{strategy}");
    }
}

#[test]
fn an_entity_without_a_key_can_be_joined_alone_but_not_beside_a_collection() {
    let session = atlas("");
    let lazy = seen(&session.all(Country::select()).unwrap());
    assert_eq!(seen(&session.all(Country::select().with(joined(Country::CAPITAL))).unwrap()), lazy);
    let both = Country::select().with(joined(Country::CAPITAL)).with(joined(Country::CITIES));
    let error = session.all(both).unwrap_err();
    assert!(matches!(error, Error::JoinNeedsKey { entity: "Capital" }), "{error}");
}
