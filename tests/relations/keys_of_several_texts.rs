//! Composite keys of text columns, with any characters in the text.

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
fn each_shelf_finds_its_own_books_whatever_its_key_contains() {
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
fn a_nul_in_a_composite_key_is_an_error_where_keys_are_bound_together() {
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

#[derive(Debug, Entity)]
#[entity(table = "marks")]
struct Mark {
    #[entity(key)]
    at: f64,
    #[entity(key)]
    side: String,
    #[entity(foreign_key("at", "side"))]
    notes: HasMany<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
}

#[test]
fn an_infinite_number_in_a_composite_key_is_an_error_too() {
    let session = database(&[
        "CREATE TABLE marks (at REAL, side TEXT, PRIMARY KEY (at, side))",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, at REAL, side TEXT)",
        "INSERT INTO marks VALUES (0.5, 'a')",
        "INSERT INTO notes (at, side) VALUES (0.5, 'a'), (0.5, 'b')",
    ]);
    let notes = || {
        let marks = session.all(Mark::select().with(selectin(Mark::NOTES)))?;
        marks[0].notes().map(<[Note]>::len)
    };
    assert_eq!(notes().unwrap(), 1);
    session.execute("UPDATE marks SET at = 9e999", []).unwrap();
    assert!(matches!(notes(), Err(Error::UnsupportedKey { .. })));
}
