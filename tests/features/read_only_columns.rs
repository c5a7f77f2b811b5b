//! Columns that are read and never written: generated ones, and those whose default the database fills in.

use eagerly::{Dialect, Entity, Error, Session};

use crate::databases::empty;

on_both!(
    a_read_only_column_is_read_and_never_written,
    a_read_only_key_is_chosen_by_the_database_and_returned,
    an_entity_may_have_nothing_to_write,
    a_generated_column_that_is_not_read_only_is_refused_by_the_database,
);

#[derive(Debug, Entity)]
#[entity(table = "items")]
struct Item {
    #[entity(key)]
    id: i64,
    #[entity(read_only)]
    total: i64,
    quantity: i64,
    #[entity(read_only, column = "made in")]
    made_in: String,
    price: i64,
}

fn items() -> Session {
    let session = empty();
    let sql = "CREATE TABLE items (id INTEGER PRIMARY KEY, quantity INTEGER, price INTEGER,
                   total INTEGER GENERATED ALWAYS AS (quantity * price) STORED,
                   \"made in\" TEXT NOT NULL DEFAULT 'France')";
    session.execute(sql, []).unwrap();
    session
}

fn item(id: i64, quantity: i64) -> Item {
    Item { id, total: -1, quantity, made_in: "memory".to_owned(), price: 100 }
}

fn a_read_only_column_is_read_and_never_written() {
    let session = items();
    let mut first = item(1, 2);
    assert_eq!(session.insert(&first).unwrap(), 1);
    assert_eq!(first.total, -1, "the entity in memory stays as it is");
    assert_eq!(session.insert_all([item(2, 3), item(3, 4)]).unwrap(), 2);
    first.quantity = 5;
    session.update(&first).unwrap();
    let read = session.all(Item::select()).unwrap();
    let read: Vec<_> = read.iter().map(|item| (item.id, item.total, item.made_in.as_str())).collect();
    assert_eq!(read, [(1, 500, "France"), (2, 300, "France"), (3, 400, "France")]);
    assert_eq!(session.count(Item::select().filter(Item::TOTAL.gt(300))).unwrap(), 2);
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key, read_only)]
    id: i64,
    text: String,
}

fn a_read_only_key_is_chosen_by_the_database_and_returned() {
    let session = empty();
    let id = match session.dialect() {
        Dialect::Sqlite => "INTEGER PRIMARY KEY",
        Dialect::Postgres => "BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY",
    };
    session.execute(&format!("CREATE TABLE notes (id {id}, text TEXT NOT NULL)"), []).unwrap();
    let note = |id| Note { id, text: format!("note {id}") };
    assert_eq!(session.insert(&note(77)).unwrap(), 1);
    assert_eq!(session.insert(&note(0)).unwrap(), 2);
    assert_eq!(session.insert_all([note(5), note(6)]).unwrap(), 2);
    let mut third = session.get::<Note>(3).unwrap();
    assert_eq!(third.text, "note 5");
    third.text = "changed".to_owned();
    session.update(&third).unwrap();
    assert_eq!(session.get::<Note>(3).unwrap().text, "changed");
    session.delete(&third).unwrap();
    assert_eq!(session.count(Note::select()).unwrap(), 3);
}

#[derive(Debug, Entity)]
#[entity(table = "places")]
struct Place {
    #[entity(key, read_only)]
    id: i64,
    #[entity(read_only)]
    note: Option<String>,
}

fn an_entity_may_have_nothing_to_write() {
    let session = empty();
    let id = match session.dialect() {
        Dialect::Sqlite => "INTEGER PRIMARY KEY",
        Dialect::Postgres => "BIGSERIAL PRIMARY KEY",
    };
    session.execute(&format!("CREATE TABLE places (id {id}, note TEXT DEFAULT 'x')"), []).unwrap();
    let place = Place { id: 9, note: None };
    assert_eq!(session.insert(&place).unwrap(), 1);
    session.insert_all([Place { id: 9, note: None }, Place { id: 9, note: None }]).unwrap();
    let places = session.all(Place::select()).unwrap();
    let read: Vec<_> = places.iter().map(|place| (place.id, place.note.as_deref())).collect();
    assert_eq!(read, [(1, Some("x")), (2, Some("x")), (3, Some("x"))]);
    session.update(&places[0]).unwrap();
    assert!(matches!(session.update(&place), Err(Error::NotFound { .. })));
}

#[derive(Debug, Entity)]
#[entity(table = "items")]
struct Written {
    #[entity(key)]
    id: i64,
    total: i64,
}

/// Otherwise the tests above would pass without `read_only`.
fn a_generated_column_that_is_not_read_only_is_refused_by_the_database() {
    let session = items();
    let error = session.insert(&Written { id: 1, total: 3 }).unwrap_err();
    assert!(matches!(error, Error::Statement { .. }), "{error}");
}
