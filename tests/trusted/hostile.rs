//! Hostile values. Each is read back exactly or is a clear error, and is never changed.

use eagerly::{BelongsTo, Entity, Error, HasMany, Session, by, params};

use crate::shared::yielding;

#[derive(Debug, Entity)]
#[entity(table = "things")]
struct Thing {
    #[entity(key)]
    name: String,
    note: Option<String>,
    #[entity(foreign_key = "thing_name")]
    parts: HasMany<ThingPart>,
}

#[derive(Debug, Entity)]
#[entity(table = "thing_parts")]
struct ThingPart {
    #[entity(key)]
    id: i64,
    thing_name: String,
    amount: i64,
    #[entity(key = "thing_name")]
    thing: BelongsTo<Thing>,
}

fn things() -> Session {
    let session = Session::in_memory().unwrap();
    for sql in [
        "CREATE TABLE things (name TEXT PRIMARY KEY, note TEXT)",
        "CREATE TABLE thing_parts (id INTEGER PRIMARY KEY, thing_name TEXT NOT NULL, amount INTEGER NOT NULL)",
        "CREATE INDEX thing_parts_thing_name ON thing_parts (thing_name)",
    ] {
        session.execute(sql, []).unwrap();
    }
    session
}

const NAMES: [&str; 22] = [
    "",
    " ",
    "'",
    "\"",
    "''; DROP TABLE things; --",
    "x' OR '1'='1",
    "?1",
    ":name",
    "NULL",
    "0",
    "1e999",
    "-0",
    "[1,2]",
    "{\"a\":1}",
    "\\",
    "%_",
    "tab\tand\nline\r\n",
    "Zoë",
    "Zoe\u{308}",
    "\u{202e}right to left",
    "\u{feff}mark",
    "👩‍👩‍👧‍👦 \u{10ffff}",
];

#[test]
fn hostile_keys_are_read_back_exactly_and_find_their_children_with_every_strategy() {
    let session = things();
    session
        .insert_all(NAMES.map(|name| Thing {
            name: name.to_owned(),
            note: Some(name.to_owned()),
            parts: HasMany::default(),
        }))
        .unwrap();
    session
        .insert_all(NAMES.iter().zip(1..).map(|(name, amount)| ThingPart {
            id: 0,
            thing_name: (*name).to_owned(),
            amount,
            thing: BelongsTo::default(),
        }))
        .unwrap();
    for strategy in yielding() {
        let found = session.all(Thing::select().with(by(strategy, Thing::PARTS))).unwrap();
        assert_eq!(found.len(), NAMES.len());
        for thing in &found {
            let place = NAMES.iter().position(|name| *name == thing.name).unwrap();
            assert_eq!(thing.note.as_deref(), Some(NAMES[place]), "{strategy}");
            let amounts: Vec<_> = thing.parts().unwrap().iter().map(|part| part.amount).collect();
            assert_eq!(amounts, [place as i64 + 1], "{strategy}: {:?}", thing.name);
        }
        let parts = session.all(ThingPart::select().with(by(strategy, ThingPart::THING))).unwrap();
        for part in &parts {
            assert_eq!(part.thing().unwrap().name, part.thing_name, "{strategy}");
        }
    }
    for name in NAMES {
        let one = session.one(Thing::select().filter(Thing::NAME.eq(name))).unwrap();
        assert_eq!(one.name, name);
    }
}

#[test]
fn a_nul_in_a_text_is_read_back_exactly() {
    let session = things();
    let name = "before\0after";
    session
        .insert(&Thing { name: name.to_owned(), note: Some("\0".to_owned()), parts: HasMany::default() })
        .unwrap();
    session
        .insert(&ThingPart { id: 0, thing_name: name.to_owned(), amount: 1, thing: BelongsTo::default() })
        .unwrap();
    for strategy in yielding() {
        let found = session.all(Thing::select().with(by(strategy, Thing::PARTS))).unwrap();
        assert_eq!((found[0].name.as_str(), found[0].note.as_deref()), (name, Some("\0")));
        assert_eq!(found[0].parts().unwrap().len(), 1, "{strategy}");
    }
}

#[test]
fn the_smallest_and_largest_integers_work_as_keys_and_values() {
    #[derive(Debug, Entity)]
    #[entity(table = "numbers")]
    struct Number {
        #[entity(key)]
        id: i64,
        next: i64,
        #[entity(key = "next")]
        following: BelongsTo<Number>,
        #[entity(foreign_key = "next")]
        before: HasMany<Number>,
    }
    let session = Session::in_memory().unwrap();
    session.execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY, next INTEGER NOT NULL)", []).unwrap();
    let ids = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for (place, id) in ids.iter().enumerate() {
        let next = ids[(place + 1) % ids.len()];
        session.execute("INSERT INTO numbers VALUES (?1, ?2)", params![*id, next]).unwrap();
    }
    for strategy in yielding() {
        let path = (by(strategy, Number::FOLLOWING), by(strategy, Number::BEFORE));
        let numbers = session.all(Number::select().with(path)).unwrap();
        assert_eq!(numbers.iter().map(|number| number.id).collect::<Vec<_>>(), ids);
        for number in &numbers {
            assert_eq!(number.following().unwrap().id, number.next, "{strategy}");
            let before: Vec<_> = number.before().unwrap().iter().map(|other| other.next).collect();
            assert_eq!(before, [number.id], "{strategy}");
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "readings")]
struct Reading {
    #[entity(key)]
    id: i64,
    value: f64,
    text: String,
}

fn readings() -> Session {
    let session = Session::in_memory().unwrap();
    session.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY, value, text)", []).unwrap();
    session
}

#[test]
fn infinities_and_tiny_numbers_are_read_back_exactly_and_nan_is_an_error() {
    let session = readings();
    let values = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, 0.1 + 0.2];
    for value in values {
        let id = session.insert(&Reading { id: 0, value, text: String::new() }).unwrap();
        let read: Reading = session.get(id).unwrap();
        assert_eq!(read.value, value);
    }
    let id = session.insert(&Reading { id: 0, value: f64::NAN, text: String::new() }).unwrap();
    // SQLite has no NaN and stores a null instead.
    let error = session.get::<Reading>(id).unwrap_err();
    assert!(matches!(error, Error::Decode { column: "value", .. }), "{error}");
}

#[test]
fn ten_megabytes_of_text_are_read_back_exactly() {
    let session = readings();
    let text = "Zoë's 10 MB '\"; ".repeat(10 * 1_024 * 1_024 / 17);
    let id = session.insert(&Reading { id: 0, value: 1.0, text: text.clone() }).unwrap();
    assert!(session.get::<Reading>(id).unwrap().text == text);
}

#[test]
fn a_cell_of_the_wrong_type_is_an_error_that_names_its_value_or_type() {
    let session = readings();
    for (value, text, column, words) in [
        ("'many'", "''", "value", "many"),
        ("x'00'", "''", "value", "blob"),
        ("NULL", "''", "value", "NULL"),
        ("1", "1", "text", "integer 1"),
        ("1", "x'ff'", "text", "blob"),
        ("1", "CAST(x'ff41' AS TEXT)", "text", "not UTF-8"),
        ("1", "NULL", "text", "NULL"),
    ] {
        session.execute("DELETE FROM readings", []).unwrap();
        session.execute(&format!("INSERT INTO readings VALUES (1, {value}, {text})"), []).unwrap();
        let error = session.all(Reading::select()).unwrap_err();
        let Error::Decode { column: found, .. } = &error else {
            panic!("another error: {error}");
        };
        assert_eq!(*found, column, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}
