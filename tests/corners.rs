//! Corners of the strategies that no other test looked into: found by mutation testing, which changes the ORM in one
//! place at a time and asks whether any test notices. See TESTING.md.

use eagerly::{Entity, Error, HasMany, Select, Session, Strategy, by};
use shop::{Customer, Order, Size, data};

const TOGETHER: [Strategy; 4] = [
    Strategy::Batch,
    Strategy::Selectin,
    Strategy::Subquery,
    Strategy::Joined,
];

fn database(statements: &[&str]) -> Session {
    let session = Session::in_memory().unwrap();
    for sql in statements {
        session.execute(sql, []).unwrap();
    }
    session
}

fn shop_of(customers: u32) -> Session {
    let size = Size {
        customers,
        ..Size::default()
    };
    data::in_memory(&size).unwrap()
}

#[test]
fn an_eager_default_below_an_access_does_not_lead_back_to_where_the_access_came_from() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    session.default_strategy(Strategy::Selectin);
    let tally = session.tally();
    let accessed = customers
        .iter()
        .find(|customer| !customer.orders().unwrap().is_empty());
    assert!(accessed.is_some());
    assert_eq!(
        tally.statements(),
        2,
        "orders and their items; their customer is where we came from"
    );
}

mod texts_that_read_as_numbers {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "scales")]
    struct Scale {
        #[entity(key)]
        mark: String,
        #[entity(foreign_key = "mark")]
        readings: HasMany<Reading>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "readings")]
    struct Reading {
        #[entity(key)]
        id: i64,
    }

    #[test]
    fn text_keys_find_the_numbers_that_they_read_as_and_words_find_words() {
        let session = database(&[
            "CREATE TABLE scales (mark TEXT PRIMARY KEY)",
            "CREATE TABLE readings (id INTEGER PRIMARY KEY, mark NUMERIC)",
            "CREATE INDEX readings_mark ON readings (mark)",
            "INSERT INTO scales VALUES ('1.5'), ('-2'), ('+4'), (' 7 '), ('.5'), ('1e2'), ('inf'), ('nan'), ('x1')",
            "INSERT INTO readings (mark) VALUES (1.5), (-2), (4), (7), (0.5), (100), ('inf'), ('nan'), ('x1'), (1.5), (9)",
        ]);
        let seen = |query: Select<Scale>| -> Vec<(String, Vec<i64>)> {
            let scales = session.all(query).unwrap();
            let readings = |scale: &Scale| {
                scale
                    .readings()
                    .unwrap()
                    .iter()
                    .map(|reading| reading.id)
                    .collect()
            };
            scales
                .iter()
                .map(|scale| (scale.mark.clone(), readings(scale)))
                .collect()
        };
        let one_by_one = seen(Scale::select());
        assert_eq!(
            one_by_one
                .iter()
                .map(|(_, readings)| readings.len())
                .sum::<usize>(),
            10
        );
        for strategy in TOGETHER {
            let together = seen(Scale::select().with(by(strategy, Scale::READINGS)));
            assert_eq!(together, one_by_one, "{strategy}");
        }
    }
}

mod keys_of_several_texts {
    use super::*;

    #[derive(Debug, Entity)]
    #[entity(table = "shelves")]
    struct Shelf {
        #[entity(key)]
        room: String,
        #[entity(key)]
        place: String,
        #[entity(foreign_key("room", "place"))]
        books: HasMany<Book>,
    }

    #[derive(Debug, Entity)]
    #[entity(table = "books")]
    struct Book {
        #[entity(key)]
        id: i64,
    }

    fn library(marks: &[&str]) -> Session {
        let session = database(&[
            "CREATE TABLE shelves (room TEXT, place TEXT, PRIMARY KEY (room, place))",
            "CREATE TABLE books (id INTEGER PRIMARY KEY, room TEXT, place TEXT)",
            "CREATE INDEX books_shelf ON books (room, place)",
        ]);
        for mark in marks {
            for table in ["shelves", "books"] {
                let sql = format!("INSERT INTO {table} (room, place) VALUES (?1, 'a'), ('a', ?1)");
                session.execute(&sql, eagerly::params![*mark]).unwrap();
            }
        }
        session
    }

    #[test]
    fn whatever_stands_in_them_each_shelf_finds_its_own_book() {
        let marks = [
            "\"", "\\", "\\\"", "'", "\n", "\u{1}", "\u{1f}", "\u{20}", "\u{7f}", "ä", "[1]", "null", "2",
        ];
        let session = library(&marks);
        for strategy in TOGETHER {
            let shelves = session
                .all(Shelf::select().with(by(strategy, Shelf::BOOKS)))
                .unwrap();
            assert_eq!(shelves.len(), 2 * marks.len());
            for shelf in &shelves {
                assert_eq!(shelf.books().unwrap().len(), 1, "{strategy} {shelf:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_bound_with_others_is_an_error_that_says_so() {
        let session = library(&["a\0b"]);
        for strategy in [Strategy::Selectin, Strategy::Batch] {
            let books = session
                .all(Shelf::select().with(by(strategy, Shelf::BOOKS)))
                .and_then(|shelves| shelves[0].books().map(<[Book]>::len));
            assert!(
                matches!(books, Err(Error::UnsupportedKey { .. })),
                "{strategy}: {books:?}"
            );
        }
        let shelves = session
            .all(Shelf::select().with(by(Strategy::Joined, Shelf::BOOKS)))
            .unwrap();
        assert!(shelves.iter().all(|shelf| shelf.books().unwrap().len() == 1));
    }
}

#[test]
fn what_is_restated_below_an_access_is_the_accesss_own_query() {
    let session = shop_of(5);
    let path = eagerly::lazy(Customer::ORDERS).subquery(Order::ITEMS);
    let customers = session.all(Customer::select().with(path)).unwrap();
    let tally = session.tally();
    customers[0].orders().unwrap();
    let last = tally
        .shapes()
        .into_iter()
        .find(|shape| shape.sql.contains("order_items"));
    let restated = r#"WHERE "order_id" IN (SELECT "id" FROM "orders" WHERE "customer_id" = ?1)"#;
    assert!(last.is_some_and(|shape| shape.sql.contains(restated)));
}
