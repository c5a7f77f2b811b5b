//! What `check_tables` reports: every difference between entities and a schema, and nothing else.

use eagerly::{
    BelongsTo, ColumnType, Dialect, DifferenceKind, Differences, Entities, Entity, HasMany, Session,
};
use shop::{Customer, Order, OrderItem};

use crate::databases::{created, empty};

on_both!(
    what_create_tables_creates_has_no_differences,
    a_missing_table_and_a_missing_column_are_named,
    a_nullable_column_needs_an_option,
    a_type_that_does_not_fit_is_reported,
    a_column_that_no_field_writes_is_reported_if_it_needs_a_value,
    a_generated_column_must_be_read_only,
    a_relation_without_an_index_is_a_warning,
    an_index_must_begin_with_the_columns_and_hold_all_rows,
    a_view_is_compared_by_names_and_types,
    names_of_any_kind_and_case,
    a_foreign_key_column_without_a_field_must_exist,
    tables_in_another_schema,
    each_table_takes_two_statements,
    every_line_fits_80_columns,
    a_check_of_many_tables_is_not_reported_as_a_loop,
);

fn check<E: Entities>(session: &Session) -> Differences {
    let differences = session.check_tables::<E>().unwrap();
    assert!(differences.to_string().lines().all(|line| line.chars().count() <= 80), "{differences}");
    assert!(differences.iter().all(|difference| !difference.help.is_empty()));
    differences
}

fn kinds<E: Entities>(session: &Session) -> Vec<DifferenceKind> {
    check::<E>(session).iter().map(|difference| difference.kind).collect()
}

#[derive(Debug, ColumnType)]
enum Status {
    Open,
}

#[derive(Debug, Entity)]
#[entity(table = "everything")]
struct Everything {
    #[entity(key)]
    house: String,
    #[entity(key)]
    number: i64,
    status: Status,
    int8: i8,
    truth: Option<bool>,
    float64: f64,
    bytes: Vec<u8>,
    amount: rust_decimal::Decimal,
    date: jiff::civil::Date,
    instant: jiff::Timestamp,
    id: uuid::Uuid,
    tags: eagerly::Json<Vec<String>>,
    up: Option<String>,
    up_number: Option<i64>,
    #[entity(key("up", "up_number"))]
    above: BelongsTo<Everything>,
    #[entity(foreign_key("up", "up_number"))]
    below: HasMany<Everything>,
}

fn what_create_tables_creates_has_no_differences() {
    let session = empty();
    session.create_tables::<(OrderItem, Order, Customer)>().unwrap();
    session.create_tables::<Everything>().unwrap();
    let differences = check::<(Customer, Order, OrderItem, Everything)>(&session);
    assert!(differences.is_empty(), "{differences}");
    assert_eq!(differences.to_string(), "The entities and the schema agree.\n");
}

#[derive(Debug, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(column = "e-mail")]
    email: Option<String>,
}

fn a_missing_table_and_a_missing_column_are_named() {
    let session = empty();
    let differences = check::<Person>(&session);
    assert_eq!(differences.len(), 1);
    assert_eq!((differences[0].entity, differences[0].kind), ("Person", DifferenceKind::NoTable));
    assert_eq!(differences[0].problem, r#"there is no table "people"."#);
    let session = created(&["CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT)"]);
    let differences = check::<Person>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert_eq!(differences[0].kind, DifferenceKind::NoColumn);
    assert_eq!(differences[0].problem, r#"the table "people" has no column "e-mail"."#);
}

fn a_nullable_column_needs_an_option() {
    let session = created(&["CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, \"e-mail\" TEXT)"]);
    let differences = check::<Person>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert_eq!(differences[0].kind, DifferenceKind::MayBeNull);
    let problem = r#"the column "name" of the table "people" may be NULL, and its field is not an Option."#;
    assert_eq!(differences[0].problem, problem);
    // An Option for a column that is never null is no difference.
    let sql = "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, \"e-mail\" TEXT NOT NULL)";
    assert!(check::<Person>(&created(&[sql])).is_empty());
}

macro_rules! one {
    ($($name:ident $field:ty),* $(,)?) => {$(
        #[derive(Debug, Entity)]
        #[entity(table = "one")]
        struct $name {
            value: Option<$field>,
        }
    )*};
}

one!(
    Integer i64, Float f64, Truth bool, Text String, Bytes Vec<u8>, Choice Status, Decimal rust_decimal::Decimal,
    Date jiff::civil::Date, DateTime jiff::civil::DateTime, Instant jiff::Timestamp, Id uuid::Uuid,
    Tags eagerly::Json<Vec<String>>,
);

type Check = fn(&Session) -> Vec<DifferenceKind>;

/// Each type of field, by the letter that stands for it below.
const FIELDS: [(char, Check); 12] = [
    ('i', kinds::<Integer>),
    ('f', kinds::<Float>),
    ('b', kinds::<Truth>),
    ('t', kinds::<Text>),
    ('y', kinds::<Bytes>),
    ('e', kinds::<Choice>),
    ('d', kinds::<Decimal>),
    ('D', kinds::<Date>),
    ('T', kinds::<DateTime>),
    ('I', kinds::<Instant>),
    ('u', kinds::<Id>),
    ('j', kinds::<Tags>),
];

fn a_type_that_does_not_fit_is_reported() {
    let columns: &[(&str, &str)] = match crate::databases::current() {
        Dialect::Sqlite => &[
            ("INTEGER", "ifb"),
            ("int unsigned", "ifb"),
            ("TEXT", "tedDTIuj"),
            ("varchar(20)", "tedDTIuj"),
            ("REAL", "f"),
            ("BLOB", "ifbtyedDTIuj"),
            ("", "ifbtyedDTIuj"),
            ("NUMERIC", "ifbDTIuj"),
            ("BOOLEAN", "ifbDTIuj"),
            ("DATETIME", "ifbteDTIuj"),
        ],
        Dialect::Postgres => &[
            ("BIGINT", "ib"),
            ("SMALLINT", "ib"),
            ("BOOLEAN", "ib"),
            ("DOUBLE PRECISION", "f"),
            ("REAL", "f"),
            ("NUMERIC(10, 2)", "ifted"),
            ("TEXT", "tedDTIuj"),
            ("VARCHAR(20)", "tedDTIuj"),
            ("CHAR(3)", "tedDTIuj"),
            ("BYTEA", "y"),
            ("DATE", "teD"),
            ("TIMESTAMP", "teT"),
            ("TIMESTAMPTZ", "teI"),
            ("UUID", "teu"),
            ("JSON", "tej"),
            ("JSONB", "tej"),
            ("mood", "tedDTIuj"),
            ("short", "tedDTIuj"),
            ("INTEGER[]", ""),
            ("INTERVAL", ""),
            ("INET", ""),
        ],
    };
    for (declared, fits) in columns {
        let session = empty();
        if session.dialect() == Dialect::Postgres {
            session.execute("CREATE TYPE mood AS ENUM ('glad')", []).unwrap();
            session.execute("CREATE DOMAIN short AS VARCHAR(5)", []).unwrap();
        }
        session.execute(&format!("CREATE TABLE one (value {declared})"), []).unwrap();
        for (letter, check) in FIELDS {
            let expected = if fits.contains(letter) { vec![] } else { vec![DifferenceKind::OtherType] };
            assert_eq!(check(&session), expected, "a field {letter} and the type {declared:?}");
        }
    }
    let session = created(&["CREATE TABLE one (value VARCHAR(20))"]);
    let declared = match session.dialect() {
        Dialect::Sqlite => "VARCHAR(20)",
        Dialect::Postgres => "character varying(20)",
    };
    let problem = format!(
        r#"the column "value" of the table "one" has the type {declared}, which does not fit its field."#
    );
    assert_eq!(check::<Integer>(&session)[0].problem, problem);
}

fn a_column_that_no_field_writes_is_reported_if_it_needs_a_value() {
    let identity = match crate::databases::current() {
        Dialect::Sqlite => "INTEGER PRIMARY KEY",
        Dialect::Postgres => "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    };
    let session = created(&[&format!(
        "CREATE TABLE one (value BIGINT, id {identity}, note TEXT, kind TEXT NOT NULL DEFAULT 'x', needed TEXT NOT NULL,
         twice BIGINT NOT NULL GENERATED ALWAYS AS (1 + 1) STORED)"
    )]);
    let differences = check::<Integer>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert_eq!(differences[0].kind, DifferenceKind::NoField);
    assert!(differences[0].problem.starts_with(r#"the column "needed" of the table "one" is NOT NULL"#));
    assert!(session.insert_all([Integer { value: Some(1) }]).is_err(), "the report is true");
}

#[derive(Debug, Entity)]
#[entity(table = "sums")]
struct Sum {
    #[entity(key)]
    id: i64,
    a: i64,
    #[entity(read_only)]
    known: Option<i64>,
    written: Option<i64>,
}

fn a_generated_column_must_be_read_only() {
    let session = created(&[
        "CREATE TABLE sums (id INTEGER PRIMARY KEY, a BIGINT NOT NULL,
        known BIGINT GENERATED ALWAYS AS (a + 1) STORED, written BIGINT GENERATED ALWAYS AS (a + 2) STORED)",
    ]);
    let differences = check::<Sum>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert_eq!(differences[0].kind, DifferenceKind::Generated);
    assert!(differences[0].problem.contains("\"written\""));
    session.execute("INSERT INTO sums (id, a) VALUES (1, 2)", []).unwrap();
    assert_eq!(session.get::<Sum>(1).unwrap().known, Some(3));
    assert_eq!(differences[0].help, "mark the field with #[entity(read_only)]");
}

fn a_relation_without_an_index_is_a_warning() {
    let session = empty();
    session.create_tables::<(Customer, Order, OrderItem)>().unwrap();
    session.execute("DROP INDEX order_items_order_id", []).unwrap();
    let differences = check::<(Customer, Order, OrderItem)>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert!(differences[0].is_warning());
    assert_eq!(differences[0].entity, "OrderItem");
    let problem = r#"no index of the table "order_items" begins with "order_id", so each load of Order.items reads the whole table."#;
    assert_eq!(differences[0].problem, problem);
    let fix = differences[0].help.split_once("as in ").unwrap().1.replace('…', "fixed");
    session.execute(&fix, []).unwrap();
    assert!(check::<(Customer, Order, OrderItem)>(&session).is_empty());
}

fn an_index_must_begin_with_the_columns_and_hold_all_rows() {
    let has_index = |index: &str| {
        let session = empty();
        session.create_tables::<(Customer, Order)>().unwrap();
        session.execute("DROP INDEX orders_customer_id", []).unwrap();
        session.execute(index, []).unwrap();
        kinds::<(Customer, Order)>(&session).is_empty()
    };
    assert!(has_index("CREATE INDEX one ON orders (customer_id, status)"));
    assert!(has_index("CREATE UNIQUE INDEX one ON orders (customer_id DESC)"));
    assert!(!has_index("CREATE INDEX one ON orders (status, customer_id)"));
    assert!(!has_index("CREATE INDEX one ON orders (customer_id) WHERE status = 'open'"));
    assert!(!has_index("CREATE INDEX one ON orders (abs(customer_id))"));
}

fn a_view_is_compared_by_names_and_types() {
    let session = created(&[
        "CREATE TABLE humans (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, needed TEXT NOT NULL)",
        "CREATE VIEW people AS SELECT id, name, mail AS \"e-mail\" FROM humans",
    ]);
    let differences = check::<Person>(&session);
    assert!(differences.is_empty(), "{differences}");
    session.execute("DROP VIEW people", []).unwrap();
    session.execute("CREATE VIEW people AS SELECT id, id AS name FROM humans", []).unwrap();
    assert_eq!(kinds::<Person>(&session), [DifferenceKind::OtherType, DifferenceKind::NoColumn]);
}

#[derive(Debug, Entity)]
#[entity(table = "it's \"odd\"; --")]
struct Odd {
    #[entity(key, column = "the \"key\"")]
    key: i64,
    #[entity(column = "Order")]
    order: Option<i64>,
    #[entity(key = "Order")]
    odd: BelongsTo<Odd>,
    #[entity(foreign_key = "Order")]
    others: HasMany<Odd>,
}

fn names_of_any_kind_and_case() {
    let session = empty();
    session.create_tables::<Odd>().unwrap();
    assert!(check::<Odd>(&session).is_empty());
    session.execute("ALTER TABLE \"it's \"\"odd\"\"; --\" RENAME COLUMN \"Order\" TO \"oRDER\"", []).unwrap();
    // SQLite ignores the case of letters in names. PostgreSQL does not, if they are quoted.
    let expected: &[_] = match session.dialect() {
        Dialect::Sqlite => &[],
        Dialect::Postgres => &[DifferenceKind::NoColumn],
    };
    assert_eq!(kinds::<Odd>(&session), expected);
    assert_eq!(session.all(Odd::select()).is_ok(), expected.is_empty());
}

#[derive(Debug, Entity)]
#[entity(table = "albums")]
struct Album {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "album_id")]
    songs: HasMany<Song>,
}

#[derive(Debug, Entity)]
#[entity(table = "songs")]
struct Song {
    #[entity(key)]
    id: i64,
}

fn a_foreign_key_column_without_a_field_must_exist() {
    let session = created(&[
        "CREATE TABLE albums (id INTEGER PRIMARY KEY)",
        "CREATE TABLE songs (id INTEGER PRIMARY KEY)",
    ]);
    let differences = check::<(Album, Song)>(&session);
    assert_eq!(differences.len(), 1, "{differences}");
    assert_eq!(differences[0].problem, r#"the table "songs" has no column "album_id"."#);
    assert_eq!(differences[0].help, "add the column, or correct the columns of Album.songs");
}

#[derive(Debug, Entity)]
#[entity(table = "notes", schema = "check \"other\"")]
struct Note {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct OwnNote {
    #[entity(key)]
    id: i64,
}

fn tables_in_another_schema() {
    let session = empty();
    if session.dialect() == Dialect::Postgres {
        // All tests share a database.
        session.execute("DROP SCHEMA IF EXISTS \"check \"\"other\"\"\" CASCADE", []).unwrap();
        session.execute("CREATE SCHEMA \"check \"\"other\"\"\"", []).unwrap();
    } else {
        session.execute("ATTACH ':memory:' AS \"check \"\"other\"\"\"", []).unwrap();
    }
    session.execute("CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY)", []).unwrap();
    assert_eq!(kinds::<OwnNote>(&session), [DifferenceKind::OtherType]);
    let differences = check::<Note>(&session);
    assert_eq!(differences[0].problem, r#"there is no table "check \"other\".notes"."#);
    session.create_tables::<Note>().unwrap();
    let differences = check::<Note>(&session);
    assert!(differences.is_empty(), "{differences}");
    let row = |id, parent_id| Note { id, parent_id, parent: BelongsTo::default() };
    session.insert_all([row(1, None), row(2, Some(1))]).unwrap();
    assert!(session.insert_all([row(3, Some(9))]).is_err());
}

fn each_table_takes_two_statements() {
    let session = empty();
    session.create_tables::<(Customer, Order, OrderItem)>().unwrap();
    let tally = session.tally();
    let _ = check::<(Customer, Order, OrderItem)>(&session);
    assert_eq!(tally.statements(), 6, "two for each table");
}

fn a_check_of_many_tables_is_not_reported_as_a_loop() {
    let session = empty();
    let detector = eagerly_watch::Detector::attach(&session);
    session.create_tables::<(Customer, Order, OrderItem, Album, Song, Person)>().unwrap();
    let _ = check::<(Customer, Order, OrderItem, Album, Song, Person)>(&session);
    let report = detector.report();
    assert!(report.similar.is_empty() && report.duplicates.is_empty(), "{report}");
}

fn every_line_fits_80_columns() {
    let session =
        created(&["CREATE TABLE customers (a INTEGER)", "CREATE TABLE orders (id INTEGER NOT NULL)"]);
    let differences = check::<(Customer, Order, OrderItem)>(&session);
    assert!(differences.len() > 8);
    assert!(differences.to_string().starts_with(&format!("{} differences between", differences.len())));
}

/// In SQLite, only a key that is the number of the row is chosen by the database, and found without an index.
#[test]
fn keys_of_every_kind_in_sqlite() {
    let check = |table: &str| {
        let session = Session::in_memory().unwrap();
        session.execute(&format!("CREATE TABLE notes {table}"), []).unwrap();
        let by_text = check::<ByText>(&session).iter().map(|found| found.kind).collect();
        (kinds::<OwnNotes>(&session), by_text)
    };
    let none: Vec<DifferenceKind> = Vec::new();
    let found = |kind| vec![kind];
    let parent = "parent_id INTEGER, text TEXT";
    let needs_id = found(DifferenceKind::NoField);
    for (table, expected) in [
        (format!("(id INTEGER PRIMARY KEY, {parent})"), (none.clone(), none.clone())),
        (format!("(id INTEGER PRIMARY KEY NOT NULL, {parent})"), (none.clone(), none.clone())),
        (format!("(id INTEGER, {parent}, PRIMARY KEY (id))"), (none.clone(), none.clone())),
        (format!("(id INTEGER PRIMARY KEY DESC, {parent})"), (none.clone(), needs_id.clone())),
        (format!("(id INT PRIMARY KEY, {parent})"), (none.clone(), needs_id.clone())),
        (format!("(id INTEGER PRIMARY KEY, {parent}) WITHOUT ROWID"), (none.clone(), needs_id.clone())),
        (format!("(id INTEGER PRIMARY KEY, {parent}) STRICT"), (none.clone(), none.clone())),
        (format!("(id INTEGER NOT NULL, {parent})"), (found(DifferenceKind::NoIndex), needs_id)),
    ] {
        assert_eq!(check(&table), expected, "{table}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct OwnNotes {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<OwnNotes>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct ByText {
    text: Option<String>,
}
