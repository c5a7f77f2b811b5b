//! Composite keys: keys of several columns.

use super::*;

on_both!(a_key_of_several_columns_is_matched_as_a_whole, a_row_is_read_and_deleted_by_its_whole_key,);

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
        execute(&session, "INSERT INTO rooms VALUES (?1, ?2)", params![house, name]).unwrap();
    }
    session
        .execute("INSERT INTO chairs SELECT 7, house, name FROM rooms WHERE name LIKE '%odd%'", [])
        .unwrap();
    session
}

fn a_key_of_several_columns_is_matched_as_a_whole() {
    let session = houses();
    for strategy in yielding() {
        let rooms = session.all(Room::select().with(by(strategy, Room::CHAIRS))).unwrap();
        let chairs: Vec<_> = rooms
            .iter()
            .map(|room| room.chairs().unwrap().iter().map(|chair| chair.id).collect::<Vec<_>>())
            .collect();
        // Never chair 2 (house 2, hall) or chair 3 (house 1, attic): those rooms do not exist.
        assert_eq!(chairs, [vec![1, 6], vec![7], vec![4]], "{strategy}");

        let chairs = session.all(Chair::select().with(by(strategy, Chair::STANDS_IN))).unwrap();
        let rooms: Vec<_> = chairs
            .iter()
            .map(|chair| chair.stands_in().unwrap().map(|room| (room.house, room.name.len())))
            .collect();
        let odd = "\"odd\\\u{1} 'name'".len();
        assert_eq!(
            rooms,
            [Some((1, 4)), None, None, Some((2, 5)), None, Some((1, 4)), Some((2, odd))],
            "{strategy}"
        );
    }
}

fn a_row_is_read_and_deleted_by_its_whole_key() {
    let session = houses();
    let room = session.get::<Room>((2, "attic".to_owned())).unwrap();
    assert_eq!((room.house, room.name.as_str()), (2, "attic"));
    session.delete(&room).unwrap();
    assert!(session.get::<Room>((2, "attic".to_owned())).is_err());
    let key =
        session.insert(&Room { house: 0, name: "cellar".to_owned(), chairs: HasMany::default() }).unwrap();
    assert_eq!(key, (0, "cellar".to_owned()), "the database never chooses a column of a composite key");
}
