//! Errors of cells that do not fit their field: they name the row by its key, and the parent of a related row.

use eagerly::{BelongsTo, Entity, Error, HasMany, RelationExt as _, Session, Strategy, by, joined, selectin};

use crate::databases::empty;

on_both!(
    a_row_is_named_by_every_column_of_its_key,
    a_key_that_cannot_be_read_is_shown_as_it_is,
    a_key_that_insert_returns_is_named_by_itself,
    a_related_row_is_named_with_its_relation_and_its_parent,
    a_joined_row_below_another_is_named_by_its_own_parent,
    the_row_of_a_belongs_to_is_named_by_its_own_key,
    a_row_is_named_also_beside_figures,
    a_figure_that_cannot_be_read_is_named_by_the_row_that_it_belongs_to,
);

#[derive(Debug, Entity)]
#[entity(table = "houses")]
struct House {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "house_id")]
    rooms: HasMany<Room>,
    #[entity(foreign_key = "house_id")]
    misfits: HasMany<BadRoom>,
}

#[derive(Debug, Entity)]
#[entity(table = "rooms")]
struct Room {
    name: String,
    #[entity(key)]
    house_id: i64,
    #[entity(key)]
    number: i64,
    #[entity(foreign_key("room_house", "room_number"))]
    beds: HasMany<Bed>,
}

/// The name is a text.
#[derive(Debug, Entity)]
#[entity(table = "rooms")]
struct BadRoom {
    #[entity(key)]
    house_id: i64,
    name: i64,
    #[entity(key)]
    number: i64,
}

#[derive(Debug, Entity)]
#[entity(table = "beds")]
struct Bed {
    #[entity(key)]
    id: i64,
    room_house: i64,
    room_number: i64,
    wood: i64,
    #[entity(key = "room_house")]
    bad_house: BelongsTo<BadHouse>,
}

#[derive(Debug, Entity)]
#[entity(table = "houses")]
struct BadHouse {
    #[entity(key)]
    id: i64,
    street: i64,
    #[entity(foreign_key = "house_id")]
    rooms: HasMany<Room>,
}

/// Each bad cell is the only row of its kind that a query below reads first.
fn houses() -> Session {
    let session = empty();
    for sql in [
        "CREATE TABLE houses (id INTEGER PRIMARY KEY, street TEXT NOT NULL)",
        "CREATE TABLE rooms (name TEXT NOT NULL, house_id INTEGER NOT NULL, number INTEGER NOT NULL,
             PRIMARY KEY (house_id, number))",
        "CREATE TABLE beds (id INTEGER PRIMARY KEY, room_house INTEGER, room_number INTEGER, wood TEXT)",
        "INSERT INTO houses VALUES (7, 'Elm')",
        "INSERT INTO rooms VALUES ('attic', 7, 12)",
        "INSERT INTO beds VALUES (3, 7, 12, 'oak')",
    ] {
        session.execute(sql, []).unwrap();
    }
    session
}

/// Checks that the error is that of a cell, and returns what it says after the type of the column, which only PostgreSQL has.
#[track_caller]
fn described<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("a cell does not fit");
    assert!(matches!(error, Error::Decode { .. }), "{error}");
    let message = error.to_string();
    let line = message.lines().next().unwrap();
    let (before, after) = line.split_once("(the field is i64, ").unwrap_or_else(|| panic!("{message}"));
    let after = match after.strip_prefix("the column ") {
        Some(typed) => typed.split_once(", ").unwrap().1,
        None => after,
    };
    format!("{before}({after}")
}

fn a_row_is_named_by_every_column_of_its_key() {
    let session = houses();
    let expected = r#"reading BadRoom, column "name": expected an integer, found the text "attic" (the row's "house_id" is 7, the row's "number" is 12)"#;
    assert_eq!(described(session.all(BadRoom::select())), expected);
    assert_eq!(described(session.chunks(BadRoom::select(), 1, |_| Ok(()))), expected);
}

#[derive(Debug, Entity)]
#[entity(table = "rooms")]
struct BadKey {
    house_id: i64,
    #[entity(key)]
    name: i64,
}

fn a_key_that_cannot_be_read_is_shown_as_it_is() {
    let session = houses();
    let expected = r#"reading BadKey, column "name": expected an integer, found the text "attic" (the row's "name" is "attic")"#;
    assert_eq!(described(session.all(BadKey::select())), expected);
}

#[derive(Debug, Entity)]
#[entity(table = "doors")]
struct Door {
    note: String,
    #[entity(key)]
    room: String,
    other: String,
    #[entity(key, read_only)]
    number: i64,
}

/// The row that `insert` returns holds nothing but the key.
fn a_key_that_insert_returns_is_named_by_itself() {
    let session = empty();
    session
        .execute(
            "CREATE TABLE doors (note TEXT, room TEXT, other TEXT, number TEXT DEFAULT 'x', PRIMARY KEY (room, number))",
            [],
        )
        .unwrap();
    let text = || "hall".to_owned();
    let inserted = session.insert(&Door { note: text(), room: text(), other: text(), number: 0 });
    let expected = r#"reading Door, column "number": expected an integer, found the text "x" (the row's "room" is "hall", the row's "number" is "x")"#;
    assert_eq!(described(inserted), expected);
}

fn a_related_row_is_named_with_its_relation_and_its_parent() {
    let session = houses();
    let expected = r#"reading BadRoom, column "name": expected an integer, found the text "attic" (the row's "house_id" is 7, the row's "number" is 12), loaded by House.misfits for the House whose "id" = 7"#;
    for strategy in Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise) {
        let load = || {
            let houses = session.all(House::select().with(by(strategy, House::MISFITS)))?;
            houses[0].misfits()?;
            Ok(())
        };
        assert_eq!(described(load()), expected, "{strategy}");
    }
    let part = selectin(House::MISFITS.limit_each(1));
    assert_eq!(described(session.all(House::select().with(part))), expected);
}

fn a_joined_row_below_another_is_named_by_its_own_parent() {
    let session = houses();
    let expected = r#"reading Bed, column "wood": expected an integer, found the text "oak" (the row's "id" is 3), loaded by Room.beds for the Room whose "house_id" = 7 and "number" = 12"#;
    let path = || joined(House::ROOMS).joined(Room::BEDS);
    assert_eq!(described(session.all(House::select().with(path()))), expected);
    assert_eq!(described(session.all(House::select().limit(1).with(path()))), expected);
}

fn the_row_of_a_belongs_to_is_named_by_its_own_key() {
    #[derive(Debug, Entity)]
    #[entity(table = "beds")]
    struct Board {
        #[entity(key)]
        id: i64,
        room_house: i64,
        #[entity(key = "room_house")]
        house: BelongsTo<BadHouse>,
    }
    let session = houses();
    let expected = r#"reading BadHouse, column "street": expected an integer, found the text "Elm" (the row's "id" is 7), loaded by Board.house"#;
    assert_eq!(described(session.all(Board::select().with(joined(Board::HOUSE)))), expected);
    assert_eq!(described(session.all(Board::select().with(selectin(Board::HOUSE)))), expected);
}

fn a_row_is_named_also_beside_figures() {
    let session = houses();
    let expected = r#"reading BadHouse, column "street": expected an integer, found the text "Elm" (the row's "id" is 7)"#;
    let figure = || BadHouse::ROOMS.count();
    assert_eq!(described(session.all_with(BadHouse::select(), figure())), expected);
    let query = BadHouse::select().with(joined(BadHouse::ROOMS)).limit(1);
    assert_eq!(described(session.all_with(query, figure())), expected);
}

fn a_figure_that_cannot_be_read_is_named_by_the_row_that_it_belongs_to() {
    let session = houses();
    let longest = House::ROOMS.then(Room::BEDS).max(Bed::WOOD);
    let error = session.all_with(House::select(), (House::ROOMS.count(), longest)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(
            r#"reading House, column "(an aggregate)": expected an integer, found the text "oak""#
        ),
        "{message}"
    );
    assert!(message.contains(r#"the row's "id" is 7)"#), "{message}");
}
