//! Foreign keys that point to unique columns, which are not the key.

use super::*;

on_both!(
    every_strategy_follows_a_foreign_key_to_a_unique_column,
    a_changed_column_is_followed_from_its_new_value,
    figures_and_conditions_compare_the_unique_column,
    views_lead_through_unique_columns,
    a_missing_row_is_named_by_the_column_that_was_sought,
    several_columns_can_be_referenced,
    a_column_that_is_not_unique_repeats_no_parent,
    an_entity_without_a_key_has_children_by_another_column,
);

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    id: i64,
    code: Option<String>,
    number: Option<i64>,
    #[entity(foreign_key = "country_code", references = "code")]
    cities: HasMany<City>,
    #[entity(foreign_key = "country_code", references = "code", order_by = "people desc")]
    largest: HasOne<City>,
    #[entity(foreign_key = "country_number", references = "number")]
    numbered: HasMany<City>,
}

#[derive(Debug, Entity)]
#[entity(table = "cities")]
struct City {
    #[entity(key)]
    id: i64,
    country_code: Option<String>,
    country_number: Option<i64>,
    people: i64,
    #[entity(key = "country_code", references = "code")]
    country: BelongsTo<Country>,
    #[entity(key = "country_number", references = "number")]
    by_number: BelongsTo<Country>,
}

fn world() -> Session {
    database(&[
        "CREATE TABLE countries (id INTEGER PRIMARY KEY, code TEXT UNIQUE, number INTEGER UNIQUE)",
        "CREATE TABLE cities (id INTEGER PRIMARY KEY, country_code TEXT, country_number INTEGER, people INTEGER NOT NULL)",
        "INSERT INTO countries VALUES (1, 'NO', 578), (2, 'FR', 250), (3, NULL, NULL), (4, 'XX', -1), (5, NULL, NULL)",
        "INSERT INTO cities VALUES (1, 'FR', 250, 500), (2, 'NO', 578, 700), (3, 'FR', 250, 2000), (4, NULL, NULL, 1),
             (5, 'ZZ', 99, 2), (6, 'FR', 250, 100)",
    ])
}

type Found = Vec<(i64, Vec<(i64, Option<i64>)>, Option<i64>, Vec<(i64, Option<i64>)>)>;

fn graph(countries: &[Country]) -> Found {
    let country = |country: &Country| {
        let cities = country.cities().unwrap().iter();
        let numbered = country.numbered().unwrap().iter();
        (
            country.id,
            cities.map(|city| (city.id, city.country().unwrap().map(|country| country.id))).collect(),
            country.largest().unwrap().map(|city| city.id),
            numbered.map(|city| (city.id, city.by_number().unwrap().map(|country| country.id))).collect(),
        )
    };
    countries.iter().map(country).collect()
}

fn every_strategy_follows_a_foreign_key_to_a_unique_column() {
    let session = world();
    let (norway, france) = (vec![(2, Some(1))], vec![(1, Some(2)), (3, Some(2)), (6, Some(2))]);
    let expected: Found = vec![
        (1, norway.clone(), Some(2), norway),
        (2, france.clone(), Some(3), france),
        (3, vec![], None, vec![]),
        (4, vec![], None, vec![]),
        (5, vec![], None, vec![]),
    ];
    for strategy in yielding() {
        for limit in [2, 5] {
            let paths = (
                by(strategy, Country::CITIES).by(strategy, City::COUNTRY),
                by(strategy, Country::LARGEST),
                by(strategy, Country::NUMBERED).by(strategy, City::BY_NUMBER),
            );
            let countries = session.all(Country::select().limit(limit).with(paths)).unwrap();
            assert_eq!(graph(&countries), expected[..limit as usize], "{strategy}");
        }
        let paths =
            (by(strategy, City::COUNTRY).by(strategy, Country::CITIES), by(strategy, City::BY_NUMBER));
        let cities = session.all(City::select().with(paths)).unwrap();
        let countries: Vec<_> =
            cities.iter().map(|city| city.country().unwrap().map(|country| country.id)).collect();
        assert_eq!(countries, [Some(2), Some(1), Some(2), None, None, Some(2)], "{strategy}");
        let numbers: Vec<_> =
            cities.iter().map(|city| city.by_number().unwrap().map(|country| country.id)).collect();
        assert_eq!(numbers, countries, "{strategy}");
        assert_eq!(cities[5].country().unwrap().unwrap().cities().unwrap().len(), 3, "{strategy}");
    }
}

fn a_changed_column_is_followed_from_its_new_value() {
    let session = world();
    let mut country = session.get::<Country>(4).unwrap();
    country.code = Some("FR".to_owned());
    assert_eq!(country.cities().unwrap().len(), 3);
}

fn figures_and_conditions_compare_the_unique_column() {
    let session = world();
    let figures = (Country::CITIES.count(), Country::NUMBERED.then(City::BY_NUMBER).count());
    let counted = session.all_with(Country::select(), figures).unwrap();
    let counted: Vec<_> = counted.into_iter().map(|(_, counts)| counts).collect();
    assert_eq!(counted, [(1, 1), (3, 3), (0, 0), (0, 0), (0, 0)]);
    let large = Country::CITIES.any(City::PEOPLE.gt(600));
    assert_eq!(session.count(Country::select().filter(large)).unwrap(), 2);
    let french = City::COUNTRY.any(Country::CODE.eq("FR"));
    assert_eq!(session.count(City::select().filter(french)).unwrap(), 3);
    let part = Country::CITIES.order_by(City::PEOPLE.desc()).limit_each(1);
    let countries = session.all(Country::select().with(selectin(part))).unwrap();
    assert_eq!(countries[1].cities.part().unwrap()[0].id, 3);
}

fn views_lead_through_unique_columns() {
    let session = world();
    let path = selectin(Country::CITIES).joined(City::COUNTRY);
    for country in &session.load(Country::select(), path).unwrap() {
        for city in country.get(Country::CITIES).iter() {
            assert_eq!(city.get(City::COUNTRY).map(|found| found.id), Some(country.id));
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "cities")]
struct Required {
    #[entity(key)]
    id: i64,
    country_code: String,
    #[entity(key = "country_code", references = "code")]
    country: BelongsTo<Country>,
}

fn a_missing_row_is_named_by_the_column_that_was_sought() {
    let session = world();
    let city = session.get::<Required>(5).unwrap();
    let error = city.country().unwrap_err().to_string();
    let expected = r#""country_code" is "ZZ", but no row of "countries" has that code"#;
    assert!(error.contains(expected), "{error}");
}

#[derive(Debug, Entity)]
#[entity(table = "rooms")]
struct Room {
    #[entity(key)]
    id: i64,
    house: String,
    number: Option<i64>,
    #[entity(foreign_key("room_house", "room_number"), references("house", "number"))]
    beds: HasMany<Bed>,
}

#[derive(Debug, Entity)]
#[entity(table = "beds")]
struct Bed {
    #[entity(key)]
    id: i64,
    room_house: String,
    room_number: i64,
    #[entity(key("room_number", "room_house"), references("number", "house"))]
    room: BelongsTo<Room>,
}

fn several_columns_can_be_referenced() {
    let session = database(&[
        "CREATE TABLE rooms (id INTEGER PRIMARY KEY, house TEXT NOT NULL, number INTEGER, UNIQUE (house, number))",
        "CREATE TABLE beds (id INTEGER PRIMARY KEY, room_house TEXT NOT NULL, room_number INTEGER NOT NULL)",
        "INSERT INTO rooms VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, 'b', NULL)",
        "INSERT INTO beds VALUES (1, 'a', 2), (2, 'b', 1), (3, 'a', 2)",
    ]);
    for strategy in yielding() {
        let rooms =
            session.all(Room::select().with(by(strategy, Room::BEDS).by(strategy, Bed::ROOM))).unwrap();
        let beds: Vec<Vec<_>> = rooms
            .iter()
            .map(|room| {
                let beds = room.beds().unwrap().iter();
                beds.map(|bed| (bed.id, bed.room().unwrap().id)).collect()
            })
            .collect();
        assert_eq!(beds, [vec![], vec![(1, 2), (3, 2)], vec![(2, 3)], vec![]], "{strategy}");
    }
}

fn a_column_that_is_not_unique_repeats_no_parent() {
    let session = database(&[
        "CREATE TABLE countries (id INTEGER PRIMARY KEY, code TEXT, number INTEGER)",
        "CREATE TABLE cities (id INTEGER PRIMARY KEY, country_code TEXT, country_number INTEGER, people INTEGER NOT NULL)",
        "CREATE INDEX countries_code ON countries (code, id DESC)",
        "INSERT INTO countries VALUES (1, 'FR', 1), (2, 'NO', 2), (3, 'FR', 1), (4, 'NO', 2)",
        "INSERT INTO cities VALUES (1, 'NO', 2, 0), (2, 'FR', 1, 0), (3, 'NO', 2, 0)",
    ]);
    for strategy in yielding() {
        for limit in [2, 9] {
            let paths =
                (by(strategy, City::COUNTRY).by(strategy, Country::CITIES), by(strategy, City::BY_NUMBER));
            let cities = session.all(City::select().limit(limit).with(paths)).unwrap();
            let found = cities.iter().map(|city| {
                let country = city.country().unwrap().unwrap();
                let cities: Vec<_> = country.cities().unwrap().iter().map(|city| city.id).collect();
                (city.id, country.id, cities, city.by_number().unwrap().unwrap().id)
            });
            let expected = [(1, 2, vec![1, 3], 2), (2, 1, vec![2], 1), (3, 2, vec![1, 3], 2)];
            let expected = expected.into_iter().take(limit as usize);
            assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{strategy}");
        }
        let countries = session.all(Country::select().with(by(strategy, Country::CITIES))).unwrap();
        let counts: Vec<_> = countries.iter().map(|country| country.cities().unwrap().len()).collect();
        assert_eq!(counts, [1, 2, 1, 2], "{strategy}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Keyless {
    code: Option<String>,
    #[entity(foreign_key = "country_code", references = "code")]
    cities: HasMany<City>,
}

fn an_entity_without_a_key_has_children_by_another_column() {
    let session = world();
    for strategy in yielding() {
        let query = Keyless::select().order_by(Keyless::CODE).with(by(strategy, Keyless::CITIES));
        match session.all(query) {
            Ok(countries) => {
                let counts: Vec<_> =
                    countries.iter().map(|country| country.cities().unwrap().len()).collect();
                assert_eq!(counts, [0, 0, 3, 1, 0], "{strategy}");
                assert_eq!(countries[2].code.as_deref(), Some("FR"));
            }
            Err(error) => {
                assert!(matches!(error, Error::JoinNeedsKey { .. }), "{error}");
                assert_eq!(strategy, Strategy::Joined);
            }
        }
    }
}
