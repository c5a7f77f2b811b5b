//! Columns of rare types and origins, and the values that SQLite accepts in them. SQL and our own matching
//! must agree on which of these values are equal.

use super::*;
use eagerly::Result;

#[derive(Debug, Entity)]
#[entity(table = "numbers")]
pub struct Number {
    #[entity(key)]
    pub id: i64,
    #[entity(foreign_key = "number")]
    pub uses: HasMany<Use>,
}

#[derive(Debug, Entity)]
#[entity(table = "uses")]
pub struct Use {
    #[entity(key)]
    pub id: i64,
    #[entity(foreign_key = "use_id")]
    pub details: HasMany<Detail>,
}

#[derive(Debug, Entity)]
#[entity(table = "details")]
pub struct Detail {
    #[entity(key)]
    pub id: i64,
}

fn numbers(table: &[&str]) -> Session {
    let session = database(&[
        "CREATE TABLE numbers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE details (id INTEGER PRIMARY KEY, use_id INTEGER)",
        "INSERT INTO numbers VALUES (-9223372036854775808), (-5), (0), (1), (5), (16), \
         (9007199254740992), (9007199254740993), (9223372036854775807)",
        "INSERT INTO details SELECT value, value % 9 FROM (WITH RECURSIVE n(value) AS \
         (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 30) SELECT value FROM n)",
    ]);
    for sql in table {
        session.execute(sql, []).unwrap();
    }
    session
}

/// The uses of a number, each with its key and its number of details.
type Uses = Vec<(i64, usize)>;

fn check_numbers(session: &Session, what: &str) {
    let seen = |query: Select<Number>| -> Result<Vec<(i64, Uses)>> {
        let one = |number: &Number| {
            let uses = number.uses()?.iter();
            let uses = uses.map(|used| Ok((used.id, used.details()?.len()))).collect::<Result<Vec<_>>>()?;
            Ok((number.id, uses))
        };
        session.all(query)?.iter().map(one).collect()
    };
    let lazy = seen(Number::select()).unwrap();
    for first in yielding() {
        for second in yielding() {
            for least in [i64::MIN, 0] {
                let path = by(first, Number::USES).by(second, Use::DETAILS);
                let mut query = Number::select().with(path);
                if least == 0 {
                    query = query.filter(Number::ID.ge(least));
                }
                let expected: Vec<_> = lazy.iter().filter(|(id, _)| *id >= least).cloned().collect();
                let found = seen(query).unwrap_or_else(|error| panic!("{what} {first} {second}: {error}"));
                assert_eq!(found, expected, "{what} {first} {second}");
            }
        }
    }
}

const VALUES: &str = "(1, 1), (2, '1'), (3, 1.0), (4, '5'), (5, ' 5 '), (6, '5x'), (7, x'35'), (8, NULL), \
    (9, 1e0), (10, -9223372036854775808), (11, -9.223372036854775808e18), (12, 9223372036854775807), \
    (13, 9.223372036854775807e18), (14, '9223372036854775807'), (15, 9007199254740993), \
    (16, 9007199254740992.0), (17, '0x10'), (18, ''), (19, -0.0), (20, 0.5), (21, '1e0'), (22, '-5.0')";

#[test]
fn values_of_every_kind_are_matched_in_a_column_of_any_declaration() {
    for declared in [
        "INT",
        "POINT",
        "FLOATING POINT",
        "CHARINT",
        "REAL",
        "TEXT",
        "BLOB",
        "",
        "NUMERIC",
        "TEXT COLLATE RTRIM",
    ] {
        for index in ["", "CREATE INDEX uses_number ON uses (number)"] {
            let session = numbers(&[
                &format!("CREATE TABLE uses (id INTEGER PRIMARY KEY, number {declared})"),
                &format!("INSERT INTO uses VALUES {VALUES}"),
            ]);
            if !index.is_empty() {
                session.execute(index, []).unwrap();
            }
            check_numbers(&session, &format!("{declared:?} {index}"));
        }
    }
}

#[test]
fn values_of_every_kind_are_matched_in_columns_that_are_made_in_unusual_ways() {
    let insert = format!("INSERT INTO raw VALUES {VALUES}");
    for (what, create) in [
        ("generated", "CREATE TABLE uses (id INTEGER PRIMARY KEY, raw, number INTEGER AS (raw))"),
        ("stored", "CREATE TABLE uses (id INTEGER PRIMARY KEY, raw, number INTEGER AS (raw) STORED)"),
        ("without rowid", "CREATE TABLE uses (id INTEGER PRIMARY KEY, number INTEGER) WITHOUT ROWID"),
        ("strict any", "CREATE TABLE uses (id INTEGER PRIMARY KEY, number ANY) STRICT"),
    ] {
        let columns = if create.contains("raw") { "id, raw" } else { "id, number" };
        let session = numbers(&[
            "CREATE TABLE raw (id INTEGER PRIMARY KEY, number)",
            &insert,
            create,
            &format!("INSERT INTO uses ({columns}) SELECT id, number FROM raw"),
        ]);
        check_numbers(&session, what);
    }
    for (what, create) in [
        ("view", "CREATE VIEW uses AS SELECT id, number FROM raw"),
        ("view of a cast", "CREATE VIEW uses AS SELECT id, CAST(number AS INTEGER) AS number FROM raw"),
        ("view of an expression", "CREATE VIEW uses AS SELECT id, number || '' AS number FROM raw"),
        ("distinct view", "CREATE VIEW uses AS SELECT DISTINCT id, number FROM raw"),
        ("table of a select", "CREATE TABLE uses AS SELECT id, CAST(number AS INTEGER) AS number FROM raw"),
        ("added", "CREATE TABLE uses (id INTEGER PRIMARY KEY)"),
    ] {
        let session = numbers(&["CREATE TABLE raw (id INTEGER PRIMARY KEY, number)", &insert, create]);
        if what == "added" {
            session.execute("INSERT INTO uses SELECT id FROM raw", []).unwrap();
            session.execute("ALTER TABLE uses ADD COLUMN number INTEGER DEFAULT '5.0'", []).unwrap();
        }
        check_numbers(&session, what);
    }
}

#[test]
fn a_view_of_two_tables_whose_columns_have_different_types_is_matched_by_every_strategy() {
    let session = numbers(&[
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, number TEXT)",
        "CREATE TABLE integers (id INTEGER PRIMARY KEY, number INTEGER)",
        "INSERT INTO texts VALUES (1, '1'), (2, '5')",
        "INSERT INTO integers VALUES (3, '1'), (4, '5')",
        "CREATE VIEW uses AS SELECT id, number FROM texts UNION ALL SELECT id, number FROM integers",
    ]);
    check_numbers(&session, "union");
}

#[test]
fn a_virtual_table_may_hold_a_text_in_a_column_of_integers() {
    let session = numbers(&[
        "CREATE VIRTUAL TABLE uses USING rtree(id, low, high, +number INTEGER)",
        "INSERT INTO uses (id, low, high, number) VALUES \
         (1, 0, 1, 1), (2, 0, 1, '1'), (3, 0, 1, 5.0), (4, 0, 1, '5')",
    ]);
    check_numbers(&session, "rtree");
}

#[derive(Debug, Entity)]
#[entity(table = "blobs")]
pub struct Bytes {
    #[entity(key)]
    pub a: Vec<u8>,
    #[entity(key)]
    pub b: String,
    #[entity(key)]
    pub c: Option<f64>,
    #[entity(foreign_key("a", "b", "c"))]
    pub items: HasMany<Piece>,
}

#[derive(Debug, Entity)]
#[entity(table = "pieces")]
pub struct Piece {
    #[entity(key)]
    pub id: i64,
    pub a: Option<Vec<u8>>,
    pub b: Option<String>,
    pub c: Option<f64>,
    #[entity(key("a", "b", "c"))]
    pub whole: BelongsTo<Bytes>,
}

#[test]
fn empty_values_zeros_and_nulls_in_keys_of_three_columns_are_matched_by_every_strategy() {
    let session = database(&[
        "CREATE TABLE blobs (a BLOB, b TEXT COLLATE NOCASE, c REAL)",
        "CREATE TABLE pieces (id INTEGER PRIMARY KEY, a BLOB, b TEXT COLLATE NOCASE, c)",
        "INSERT INTO blobs VALUES (x'', '', 0), (x'', 'x', -0.0), (x'00', '', 1e300), \
         (x'', '', NULL), (x'6100', 'a', 0.1)",
        "INSERT INTO pieces VALUES (1, x'', '', 0), (2, x'', '', -0.0), (3, x'', 'X', 0), \
         (4, x'00', '', 1e300), (5, x'', '', NULL), (6, x'6100', 'A', 0.1), \
         (7, NULL, 'a', 0.1), (8, x'6100', 'a', 0.1)",
    ]);
    let seen = |query: Select<Bytes>| -> Vec<Vec<(i64, bool)>> {
        let one = |bytes: &Bytes| {
            let pieces = bytes.items().unwrap().iter();
            pieces
                .map(|piece| (piece.id, piece.whole().unwrap().is_some_and(|whole| whole.a == bytes.a)))
                .collect()
        };
        session.all(query).unwrap().iter().map(one).collect()
    };
    let lazy = seen(Bytes::select());
    assert_eq!(lazy.iter().map(Vec::len).sum::<usize>(), 6);
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Bytes::ITEMS).by(second, Piece::WHOLE).by(first, Bytes::ITEMS);
            assert_eq!(seen(Bytes::select().with(path)), lazy, "{first} {second}");
        }
    }
}
