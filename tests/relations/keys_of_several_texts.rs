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
    let marks =
        ["\"", "\\", "\\\"", "'", "\n", "\u{1}", "\u{1f}", "\u{20}", "\u{7f}", "ä", "[1]", "null", "2"];
    let session = library(&marks);
    for strategy in yielding() {
        let shelves = session.all(Shelf::select().with(by(strategy, Shelf::BOOKS))).unwrap();
        assert_eq!(shelves.len(), 2 * marks.len());
        for shelf in &shelves {
            assert_eq!(shelf.books().unwrap().len(), 1, "{strategy} {shelf:?}");
        }
    }
}

#[test]
fn a_nul_in_a_composite_key_matches_by_every_strategy() {
    let session = library(&["a\0b"]);
    for strategy in yielding() {
        let shelves = session.all(Shelf::select().with(by(strategy, Shelf::BOOKS))).unwrap();
        assert_eq!(shelves.len(), 2);
        for shelf in &shelves {
            assert_eq!(shelf.books().unwrap().len(), 1, "{strategy} {shelf:?}");
        }
    }
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
fn an_infinite_number_in_a_composite_key_matches_by_every_strategy() {
    let session = database(&[
        "CREATE TABLE marks (at REAL, side TEXT, PRIMARY KEY (at, side))",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, at REAL, side TEXT)",
        "INSERT INTO marks VALUES (0.5, 'a'), (9e999, 'a'), (-9e999, 'a')",
        "INSERT INTO notes (at, side) VALUES (0.5, 'a'), (0.5, 'b'), (9e999, 'a'), (9e999, 'a')",
    ]);
    for strategy in yielding() {
        let marks = session.all(Mark::select().with(by(strategy, Mark::NOTES))).unwrap();
        let notes: Vec<_> = marks.iter().map(|mark| mark.notes().unwrap().len()).collect();
        assert_eq!(notes, [0, 1, 2], "{strategy}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "chests")]
struct Chest {
    #[entity(key)]
    seal: Vec<u8>,
    #[entity(key)]
    number: i64,
    #[entity(foreign_key("seal", "number"))]
    coins: HasMany<Coin>,
}

#[derive(Debug, Entity)]
#[entity(table = "coins")]
struct Coin {
    #[entity(key)]
    id: i64,
}

#[test]
fn a_blob_in_a_composite_key_matches_by_every_strategy() {
    let session = database(&[
        "CREATE TABLE chests (seal BLOB, number INTEGER, PRIMARY KEY (seal, number))",
        "CREATE TABLE coins (id INTEGER PRIMARY KEY, seal BLOB, number INTEGER)",
        "INSERT INTO chests VALUES (x'00', 1), (x'00', 2), (x'ff00', 1), (x'', 1)",
        "INSERT INTO coins (seal, number) VALUES (x'00', 1), (x'00', 1), (x'ff00', 1), (x'ff', 1), (NULL, 1), (x'', 1)",
    ]);
    for strategy in yielding() {
        let chests = session.all(Chest::select().with(by(strategy, Chest::COINS))).unwrap();
        let coins: Vec<_> = chests.iter().map(|chest| chest.coins().unwrap().len()).collect();
        assert_eq!(coins, [1, 2, 0, 1], "{strategy}");
    }
}
