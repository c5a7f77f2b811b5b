//! Any value in any column is read back unchanged or is an error. Nothing panics.
#![no_main]

use arbitrary::Arbitrary;
use eagerly::{Entity, Session, Value};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    /// Bytes that are stored as text, even if they are not UTF-8.
    BadText(Vec<u8>),
}

impl Cell {
    fn value(&self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(integer) => Value::Integer(*integer),
            Self::Real(real) => Value::Real(*real),
            Self::Text(text) => Value::Text(text.clone().into()),
            Self::Blob(bytes) | Self::BadText(bytes) => Value::Blob(bytes.clone().into()),
        }
    }
}

#[derive(Debug, Entity)]
#[entity(table = "things")]
struct Thing {
    #[entity(key)]
    id: i64,
    small: i8,
    natural: u32,
    real: f64,
    flag: bool,
    text: String,
    bytes: Vec<u8>,
    perhaps: Option<i64>,
    maybe: Option<String>,
}

fuzz_target!(|rows: Vec<[Cell; 8]>| {
    let session = Session::in_memory().unwrap();
    session
        .execute(
            "CREATE TABLE things (id INTEGER PRIMARY KEY, small, natural, real, flag, text, bytes, perhaps, maybe)",
            [],
        )
        .unwrap();
    for (row, id) in rows.iter().zip(1_i64..) {
        let places: Vec<_> = row
            .iter()
            .zip(2..)
            .map(|(cell, place)| match cell {
                Cell::BadText(_) => format!("CAST(?{place} AS TEXT)"),
                _ => format!("?{place}"),
            })
            .collect();
        let sql = format!("INSERT INTO things VALUES (?1, {})", places.join(", "));
        let mut values = vec![Value::Integer(id)];
        values.extend(row.iter().map(Cell::value));
        session.execute(&sql, values).unwrap();
        match session.get::<Thing>(id) {
            Ok(thing) => compare(&thing, row),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let _ = session.all(Thing::select());
});

/// Checks that the values that were read are those that were written.
fn compare(thing: &Thing, row: &[Cell; 8]) {
    let numbers = [i64::from(thing.small), i64::from(thing.natural)];
    for (read, cell) in numbers.into_iter().zip(row) {
        assert!(matches!(cell, Cell::Integer(written) if *written == read), "{read} of {cell:?}");
    }
    match &row[2] {
        Cell::Real(written) => assert_eq!(thing.real, *written),
        Cell::Integer(written) => assert_eq!(thing.real, *written as f64),
        other => panic!("{} of {other:?}", thing.real),
    }
    assert!(matches!(&row[3], Cell::Integer(written) if *written == i64::from(thing.flag)));
    let is_text = |read: &str, cell: &Cell| match cell {
        Cell::Text(written) => read == written,
        Cell::BadText(written) => read.as_bytes() == written,
        _ => false,
    };
    assert!(is_text(&thing.text, &row[4]));
    assert!(matches!(&row[5], Cell::Blob(written) if *written == thing.bytes));
    match (&row[6], thing.perhaps) {
        (Cell::Null, None) => {}
        // SQLite has no NaN and stores a null instead.
        (Cell::Real(written), None) if written.is_nan() => {}
        (Cell::Integer(written), Some(read)) => assert_eq!(*written, read),
        (written, read) => panic!("{read:?} of {written:?}"),
    }
    match (&row[7], &thing.maybe) {
        (Cell::Null, None) => {}
        (Cell::Real(written), None) if written.is_nan() => {}
        (cell, Some(read)) => assert!(is_text(read, cell), "{read:?} of {cell:?}"),
        (written, read) => panic!("{read:?} of {written:?}"),
    }
}
