//! Relations of every kind, over schemas as people have them: whatever the strategy, the same graph.

use eagerly::{
    BelongsTo, Entity, Error, HasMany, HasOne, Relation as _, Select, Session, Strategy, by, joined, params,
    selectin,
};

/// Every strategy that yields a graph.
const YIELDING: [Strategy; 6] = [
    Strategy::Lazy,
    Strategy::Immediate,
    Strategy::Batch,
    Strategy::Selectin,
    Strategy::Subquery,
    Strategy::Joined,
];

fn database(statements: &[&str]) -> Session {
    let session = Session::in_memory().unwrap();
    session.execute("PRAGMA foreign_keys = OFF", []).unwrap();
    for sql in statements {
        session.execute(sql, []).unwrap();
    }
    session
}

mod text_keys {
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

    /// A leaf without a key of its own.
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
    fn text_keys_compare_as_their_column_says_by_every_strategy() {
        for (collation, cities) in [("", 5), ("COLLATE NOCASE", 10), ("COLLATE RTRIM", 6)] {
            let session = atlas(collation);
            let lazy = seen(&session.all(Country::select()).unwrap());
            assert_eq!(
                lazy.iter().map(|(_, cities, _)| cities.len()).sum::<usize>(),
                cities
            );
            for strategy in YIELDING {
                let query = Country::select().with(by(strategy, Country::CITIES)).with(by(
                    if strategy == Strategy::Joined {
                        Strategy::Selectin
                    } else {
                        strategy
                    },
                    Country::CAPITAL,
                ));
                assert_eq!(seen(&session.all(query).unwrap()), lazy, "{strategy} {collation}");
            }
        }
    }

    #[test]
    fn null_and_dangling_keys_lead_nowhere_by_every_strategy() {
        let session = atlas("");
        for strategy in YIELDING {
            let cities = session
                .all(City::select().with(by(strategy, City::COUNTRY_ROW)))
                .unwrap();
            let countries: Vec<_> = cities
                .iter()
                .map(|city| city.country_row().unwrap().map(|country| country.code.as_str()))
                .collect();
            assert_eq!(
                countries,
                [
                    Some("no"),
                    Some("NO"),
                    None,
                    Some("fr"),
                    None,
                    None,
                    None,
                    Some("NO"),
                    Some("Ünï")
                ],
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

    /// A view does not say how its columns compare; only what it gives can tell.
    #[test]
    fn a_view_that_sorts_by_a_rule_of_its_own_is_handed_out_right_or_not_at_all() {
        let session = atlas("COLLATE NOCASE");
        session
            .execute("CREATE VIEW viewed_cities AS SELECT * FROM cities", [])
            .unwrap();
        let cities = |query: Select<Region>| {
            let regions = session.all(query)?;
            let ids = regions.iter().map(|region| {
                let cities = region.cities()?.iter().map(|city| city.id);
                Ok((region.code.clone(), cities.collect::<Vec<_>>()))
            });
            ids.collect::<eagerly::Result<Vec<_>>>()
        };
        // Of codes that differ by more than case, each finds its own, although 'fr' sorts before 'NO' there.
        session
            .execute("DELETE FROM countries WHERE code = 'no'", [])
            .unwrap();
        session
            .execute(
                "UPDATE cities SET country = upper(country) WHERE country LIKE 'no'",
                [],
            )
            .unwrap();
        let lazy = cities(Region::select()).unwrap();
        assert_eq!(
            cities(Region::select().with(selectin(Region::CITIES))).unwrap(),
            lazy
        );
        // Where it cannot be told, it is an error and not a region that silently goes without.
        session
            .execute("UPDATE cities SET country = 'No' WHERE id = 2", [])
            .unwrap();
        for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Batch] {
            let error = cities(Region::select().with(by(strategy, Region::CITIES))).unwrap_err();
            assert!(matches!(error, Error::UnmatchedKey { .. }), "{strategy}: {error}");
        }
    }

    #[test]
    fn only_null_keys_send_no_statement() {
        let session = atlas("");
        for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Immediate] {
            let tally = session.tally();
            let query = City::select()
                .filter(City::ID.eq(5))
                .with(by(strategy, City::COUNTRY_ROW));
            assert!(session.one(query).unwrap().country_row().unwrap().is_none());
            assert_eq!(tally.statements(), 1, "{strategy}");
        }
    }

    #[test]
    fn a_leaf_without_a_key_can_be_joined_alone_and_says_so_where_it_cannot() {
        let session = atlas("");
        let lazy = seen(&session.all(Country::select()).unwrap());
        assert_eq!(
            seen(
                &session
                    .all(Country::select().with(joined(Country::CAPITAL)))
                    .unwrap()
            ),
            lazy
        );
        let both = Country::select()
            .with(joined(Country::CAPITAL))
            .with(joined(Country::CITIES));
        let error = session.all(both).unwrap_err();
        assert!(
            matches!(error, Error::JoinNeedsKey { entity: "Capital" }),
            "{error}"
        );
    }
}

mod other_affinities {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "parents")]
    struct Parent {
        #[entity(key)]
        id: i64,
        #[entity(foreign_key = "parent")]
        children: HasMany<Child>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "children")]
    struct Child {
        #[entity(key)]
        id: i64,
    }

    /// Lazily, `column = 5` in a column of text is `'5'` and not `'05'`; so it must be everywhere.
    #[test]
    fn a_column_of_text_tells_5_from_05_whoever_compares() {
        for column in ["TEXT", ""] {
            let session = database(&[
                "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
                &format!("CREATE TABLE children (id INTEGER PRIMARY KEY, parent {column})"),
                "INSERT INTO parents VALUES (5)",
                "INSERT INTO children VALUES (1, '5'), (2, '05'), (3, 5)",
            ]);
            let lazy = session.get::<Parent>(5).unwrap().children().unwrap().len();
            for strategy in YIELDING {
                for filtered in [true, false] {
                    let mut query = Parent::select().with(by(strategy, Parent::CHILDREN));
                    if filtered {
                        query = query.filter(Parent::ID.in_([5]));
                    }
                    let parents = session.all(query).unwrap();
                    assert_eq!(parents.len(), 1);
                    assert_eq!(parents[0].children().unwrap().len(), lazy, "{strategy} {column}");
                }
            }
            let figures = session
                .all_with(Parent::select(), Parent::CHILDREN.count())
                .unwrap();
            assert_eq!(figures.len(), 1);
            assert_eq!(figures[0].1, if column == "TEXT" { 2 } else { 1 });
            let only_05 = Parent::CHILDREN.any(Child::ID.eq(2));
            assert!(!session.exists(Parent::select().filter(only_05)).unwrap());
        }
    }

    #[test]
    fn integer_keys_find_their_like_in_a_column_of_any_type() {
        for column in [
            "INTEGER",
            "TEXT",
            "VARCHAR(20) COLLATE NOCASE",
            "NUMERIC",
            "REAL",
            "BLOB",
            "",
        ] {
            let session = database(&[
                "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
                &format!("CREATE TABLE children (id INTEGER PRIMARY KEY, parent {column})"),
                "CREATE INDEX children_parent ON children (parent)",
                "INSERT INTO parents VALUES (1), (2), (10), (-3)",
                "INSERT INTO children SELECT column1, column2 FROM (VALUES (1, 1), (2, 2), (3, 1), (4, 10), (5, -3), (6, 99), (7, 2.0))",
            ]);
            let seen = |query: Select<Parent>| {
                let parents = session.all(query).unwrap();
                let children = parents.iter().map(|parent| {
                    let children = parent.children().unwrap();
                    (
                        parent.id,
                        children.iter().map(|child| child.id).collect::<Vec<_>>(),
                    )
                });
                children.collect::<Vec<_>>()
            };
            let lazy = seen(Parent::select());
            // As texts, 2 and 2.0 are not the same.
            let of_2 = match column {
                "TEXT" | "VARCHAR(20) COLLATE NOCASE" => vec![2],
                _ => vec![2, 7],
            };
            assert_eq!(
                lazy,
                [(-3, vec![5]), (1, vec![1, 3]), (2, of_2), (10, vec![4])],
                "{column}"
            );
            for strategy in YIELDING {
                assert_eq!(
                    seen(Parent::select().with(by(strategy, Parent::CHILDREN))),
                    lazy,
                    "{strategy} {column}"
                );
            }
        }
    }
}

mod has_one {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "people")]
    struct Person {
        #[entity(key)]
        id: i64,
        #[entity(foreign_key = "person_id")]
        profile: HasOne<Profile>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "profiles")]
    struct Profile {
        #[entity(key)]
        id: i64,
        person_id: i64,
        #[entity(key = "person_id")]
        person: BelongsTo<Person>,
    }

    #[test]
    fn of_several_rows_where_there_should_be_one_the_first_is_taken_and_no_parent_repeats() {
        let session = database(&[
            "CREATE TABLE people (id INTEGER PRIMARY KEY)",
            "CREATE TABLE profiles (id INTEGER PRIMARY KEY, person_id INTEGER)",
            "CREATE INDEX profiles_person ON profiles (person_id, id DESC)",
            "INSERT INTO people VALUES (1), (2), (3)",
            "INSERT INTO profiles VALUES (7, 1), (5, 1), (6, 3)",
        ]);
        for strategy in YIELDING {
            for limit in [2, 3] {
                let query = Person::select()
                    .limit(limit)
                    .with(by(strategy, Person::PROFILE).by(strategy, Profile::PERSON));
                let people = session.all(query).unwrap();
                let seen: Vec<_> = people
                    .iter()
                    .map(|person| {
                        let profile = person.profile().unwrap();
                        (
                            person.id,
                            profile.map(|profile| (profile.id, profile.person().unwrap().id)),
                        )
                    })
                    .collect();
                let all = [(1, Some((5, 1))), (2, None), (3, Some((6, 3)))];
                assert_eq!(seen, all[..limit as usize], "{strategy}");
            }
        }
        let people = session
            .all(Person::select().with(selectin(Person::PROFILE.filter(Profile::ID.gt(6)))))
            .unwrap();
        assert_eq!(people[0].profile.part().unwrap()[0].id, 7);
    }
}

mod keyless_parents {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "logs")]
    struct Line {
        customer_id: i64,
        text: String,
        #[entity(key = "customer_id")]
        customer: BelongsTo<Customer>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "customers")]
    struct Customer {
        #[entity(key)]
        id: i64,
    }

    #[test]
    fn a_limit_without_a_key_to_sort_by_is_not_stated_again() {
        let session = database(&[
            "CREATE TABLE customers (id INTEGER PRIMARY KEY)",
            "CREATE TABLE logs (customer_id INTEGER, text TEXT)",
            "CREATE INDEX logs_customer ON logs (customer_id)",
            "INSERT INTO customers VALUES (1), (2), (8), (9)",
            "INSERT INTO logs VALUES (9, 'a'), (8, 'b'), (2, 'c'), (1, 'd')",
        ]);
        for strategy in YIELDING {
            let lines = session
                .all(Line::select().limit(2).with(by(strategy, Line::CUSTOMER)))
                .unwrap();
            let seen: Vec<_> = lines
                .iter()
                .map(|line| (line.customer().unwrap().id, line.text.as_str()))
                .collect();
            assert_eq!(seen, [(9, "a"), (8, "b")], "{strategy}");
        }
    }

    #[derive(Debug, Entity)]
    #[entity(table = "coded")]
    struct Coded {
        #[entity(key)]
        code: Option<String>,
        n: i64,
        #[entity(foreign_key = "text")]
        lines: HasMany<Line>,
    }

    /// SQLite lets a key of text be null, as often as one likes.
    #[test]
    fn rows_whose_key_is_null_are_rows_of_their_own() {
        let session = database(&[
            "CREATE TABLE coded (code TEXT PRIMARY KEY, n INTEGER)",
            "CREATE TABLE logs (customer_id INTEGER, text TEXT)",
            "INSERT INTO coded VALUES (NULL, 1), (NULL, 2), ('a', 3)",
            "INSERT INTO logs VALUES (1, 'a'), (2, 'a')",
        ]);
        for strategy in YIELDING {
            let coded = session
                .all(
                    Coded::select()
                        .order_by(Coded::N)
                        .with(by(strategy, Coded::LINES)),
                )
                .unwrap();
            let seen: Vec<_> = coded
                .iter()
                .map(|coded| (coded.n, coded.lines().unwrap().len()))
                .collect();
            assert_eq!(seen, [(1, 0), (2, 0), (3, 2)], "{strategy}");
        }
    }
}

mod composite_keys {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "rooms")]
    struct Room {
        #[entity(key)]
        house: i64,
        #[entity(key)]
        name: String,
        #[entity(foreign_key("house", "room"))]
        chairs: HasMany<Chair>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "chairs")]
    struct Chair {
        #[entity(key)]
        id: i64,
        house: i64,
        room: Option<String>,
        #[entity(key("house", "room"))]
        stands_in: BelongsTo<Room>,
    }

    fn houses() -> Session {
        let session = database(&[
            "CREATE TABLE rooms (house INTEGER, name TEXT, PRIMARY KEY (house, name))",
            "CREATE TABLE chairs (id INTEGER PRIMARY KEY, house INTEGER, room TEXT)",
            "CREATE INDEX chairs_room ON chairs (house, room)",
            "INSERT INTO chairs VALUES (1, 1, 'hall'), (2, 2, 'hall'), (3, 1, 'attic'), (4, 2, 'attic'), (5, 1, NULL), (6, 1, 'hall')",
        ]);
        for (house, name) in [(1, "hall"), (2, "attic"), (2, "\"odd\\\u{1} 'name'")] {
            session
                .execute("INSERT INTO rooms VALUES (?1, ?2)", params![house, name])
                .unwrap();
        }
        session
            .execute(
                "INSERT INTO chairs SELECT 7, house, name FROM rooms WHERE name LIKE '%odd%'",
                [],
            )
            .unwrap();
        session
    }

    #[test]
    fn a_key_of_several_columns_is_matched_as_a_whole() {
        let session = houses();
        for strategy in YIELDING {
            let rooms = session
                .all(Room::select().with(by(strategy, Room::CHAIRS)))
                .unwrap();
            let chairs: Vec<_> = rooms
                .iter()
                .map(|room| {
                    room.chairs()
                        .unwrap()
                        .iter()
                        .map(|chair| chair.id)
                        .collect::<Vec<_>>()
                })
                .collect();
            // Never chair 2 (house 2, hall) or chair 3 (house 1, attic): those rooms do not exist.
            assert_eq!(chairs, [vec![1, 6], vec![7], vec![4]], "{strategy}");

            let chairs = session
                .all(Chair::select().with(by(strategy, Chair::STANDS_IN)))
                .unwrap();
            let rooms: Vec<_> = chairs
                .iter()
                .map(|chair| {
                    chair
                        .stands_in()
                        .unwrap()
                        .map(|room| (room.house, room.name.len()))
                })
                .collect();
            let odd = "\"odd\\\u{1} 'name'".len();
            assert_eq!(
                rooms,
                [
                    Some((1, 4)),
                    None,
                    None,
                    Some((2, 5)),
                    None,
                    Some((1, 4)),
                    Some((2, odd))
                ],
                "{strategy}"
            );
        }
    }

    #[test]
    fn a_row_is_got_updated_and_deleted_by_its_whole_key() {
        let session = houses();
        let room = session.get::<Room>((2, "attic".to_owned())).unwrap();
        assert_eq!((room.house, room.name.as_str()), (2, "attic"));
        session.delete(&room).unwrap();
        assert!(session.get::<Room>((2, "attic".to_owned())).is_err());
        let key = session
            .insert(&Room {
                house: 0,
                name: "cellar".to_owned(),
                chairs: HasMany::default(),
            })
            .unwrap();
        assert_eq!(
            key,
            (0, "cellar".to_owned()),
            "a part of a key is never chosen by the database"
        );
    }
}

mod self_reference {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "employees")]
    struct Employee {
        #[entity(key)]
        id: i64,
        manager_id: Option<i64>,
        mentor_id: Option<i64>,
        #[entity(key = "manager_id")]
        manager: BelongsTo<Employee>,
        #[entity(key = "mentor_id")]
        mentor: BelongsTo<Employee>,
        #[entity(foreign_key = "manager_id", strategy = "selectin")]
        reports: HasMany<Employee>,
        #[entity(foreign_key = "mentor_id")]
        students: HasMany<Employee>,
    }

    fn company() -> Session {
        database(&[
            "CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER, mentor_id INTEGER)",
            "CREATE INDEX by_manager ON employees (manager_id)",
            "CREATE INDEX by_mentor ON employees (mentor_id)",
            // 4 and 5 manage each other: a cycle.
            "INSERT INTO employees VALUES (1, NULL, 3), (2, 1, 1), (3, 1, 1), (4, 5, NULL), (5, 4, 2), (6, 2, 1)",
        ])
    }

    type Seen = (i64, Option<i64>, Option<i64>, Vec<(i64, Vec<i64>)>, Vec<i64>);

    fn seen(employee: &Employee) -> Seen {
        let ids = |employees: &[Employee]| employees.iter().map(|employee| employee.id).collect();
        let reports = employee.reports().unwrap().iter();
        (
            employee.id,
            employee.manager().unwrap().map(|manager| manager.id),
            employee.mentor().unwrap().map(|mentor| mentor.id),
            reports
                .map(|report| (report.id, ids(report.reports().unwrap())))
                .collect(),
            ids(employee.students().unwrap()),
        )
    }

    #[test]
    fn two_foreign_keys_to_one_table_and_a_cycle_are_followed_as_deep_as_asked() {
        let session = company();
        let all = |query: Select<Employee>| session.all(query).unwrap().iter().map(seen).collect::<Vec<_>>();
        let lazy = all(Employee::select().with(eagerly::lazy(Employee::REPORTS)));
        assert_eq!(lazy[3], (4, Some(5), None, vec![(5, vec![4])], vec![]));
        assert_eq!(lazy[0].3, [(2, vec![6]), (3, vec![])]);
        for first in YIELDING {
            for second in YIELDING {
                let query = Employee::select()
                    .with(by(first, Employee::REPORTS).by(second, Employee::REPORTS))
                    .with(by(second, Employee::STUDENTS))
                    .with(by(first, Employee::MANAGER))
                    .with(by(second, Employee::MENTOR));
                assert_eq!(all(query), lazy, "{first} {second}");
            }
        }
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_rows_is_walked_and_let_go_of() {
        let session = database(&[
            "CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER, mentor_id INTEGER)",
            "CREATE INDEX by_manager ON employees (manager_id)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
             INSERT INTO employees SELECT i, nullif(i, 1) - 1, NULL FROM n",
        ]);
        let lowest = session
            .all(
                Employee::select()
                    .filter(Employee::ID.eq(100_000))
                    .with(eagerly::lazy(Employee::REPORTS)),
            )
            .unwrap();
        session.default_strategy(Strategy::Lazy);
        let mut at = &lowest[0];
        let mut seen = 1;
        while let Some(manager) = at.manager().unwrap() {
            at = manager;
            seen += 1;
        }
        assert_eq!((seen, at.id), (100_000, 1));
        drop(lowest);
    }

    #[test]
    fn an_eager_default_that_leads_back_to_its_own_entity_ends_there() {
        let session = company();
        let tally = session.tally();
        session.all(Employee::select()).unwrap();
        assert_eq!(
            tally.statements(),
            1,
            "the default would never end, and stays lazy"
        );
        session.default_strategy(Strategy::Joined);
        let tally = session.tally();
        session.all(Employee::select()).unwrap();
        assert_eq!(tally.statements(), 1);
    }
}

mod odd_schemas {
    use super::*;

    /// A view, which can be read but not written.
    #[derive(Debug, Entity)]
    #[entity(table = "Big Spenders")]
    struct Spender {
        #[entity(key, column = "Customer Id")]
        id: i64,
        #[entity(foreign_key = "customer_id")]
        orders: HasMany<shop::Order>,
    }

    #[test]
    fn a_view_is_an_entity_that_is_read_only() {
        let session = Session::in_memory().unwrap();
        shop::data::fill(
            &session,
            &shop::Size {
                customers: 20,
                ..Default::default()
            },
            |_| {},
        )
        .unwrap();
        session
            .execute(
                "CREATE VIEW \"Big Spenders\" AS SELECT customer_id AS \"Customer Id\", count(*) AS n
                 FROM orders GROUP BY customer_id HAVING n > 3",
                [],
            )
            .unwrap();
        let counts = |query: Select<Spender>| {
            let spenders = session.all(query).unwrap();
            spenders
                .iter()
                .map(|spender| (spender.id, spender.orders().unwrap().len()))
                .collect::<Vec<_>>()
        };
        let lazy = counts(Spender::select());
        assert!(lazy.len() > 2);
        for strategy in YIELDING {
            assert_eq!(
                counts(Spender::select().with(by(strategy, Spender::ORDERS))),
                lazy,
                "{strategy}"
            );
            assert_eq!(
                counts(Spender::select().limit(2).with(by(strategy, Spender::ORDERS))),
                lazy[..2],
                "{strategy}"
            );
        }
        let spender = session.get::<Spender>(lazy[0].0).unwrap();
        assert!(session.delete(&spender).is_err());
    }

    #[derive(Debug, Entity)]
    #[entity(table = "twins")]
    struct Twin {
        #[entity(key)]
        id: i64,
        name: String,
        #[entity(foreign_key = "customer_id")]
        orders: HasMany<shop::Order>,
    }

    #[test]
    fn parents_that_come_twice_each_get_their_children() {
        let session = Session::in_memory().unwrap();
        shop::data::fill(
            &session,
            &shop::Size {
                customers: 10,
                ..Default::default()
            },
            |_| {},
        )
        .unwrap();
        // Its "key" is not unique, as in many a view over a join.
        session
            .execute(
                "CREATE VIEW twins AS SELECT id, 'a' AS name FROM customers UNION ALL SELECT id, 'b' FROM customers",
                [],
            )
            .unwrap();
        let counts = |query: Select<Twin>| {
            let twins = session.all(query.order_by(Twin::NAME)).unwrap();
            twins
                .iter()
                .map(|twin| (twin.id, twin.orders().unwrap().len()))
                .collect::<Vec<_>>()
        };
        let lazy = counts(Twin::select());
        assert_eq!(lazy.len(), 20);
        assert_eq!(lazy[..10], lazy[10..]);
        for strategy in [
            Strategy::Immediate,
            Strategy::Batch,
            Strategy::Selectin,
            Strategy::Subquery,
        ] {
            assert_eq!(
                counts(Twin::select().with(by(strategy, Twin::ORDERS))),
                lazy,
                "{strategy}"
            );
        }
    }

    #[test]
    fn a_foreign_key_without_an_index_is_right_and_the_plan_says_that_it_scans() {
        let session = Session::in_memory().unwrap();
        shop::data::fill(
            &session,
            &shop::Size {
                customers: 10,
                ..Default::default()
            },
            |_| {},
        )
        .unwrap();
        session.execute("DROP INDEX orders_customer_id", []).unwrap();
        let query = || shop::Customer::select().with(selectin(shop::Customer::ORDERS));
        let orders: usize = session
            .all(query())
            .unwrap()
            .iter()
            .map(|c| c.orders().unwrap().len())
            .sum();
        assert_eq!(orders, 100);
        let plan = query().plan(&session).unwrap();
        assert!(
            plan.steps[1]
                .explained
                .iter()
                .any(|line| line.starts_with("SCAN orders")),
            "{plan}"
        );
    }
}
