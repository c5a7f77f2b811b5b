//! Tables that are created from entities.

use eagerly::value::Cell;
use eagerly::{
    BelongsTo, ColumnType, Dialect, Entity, Error, HasMany, HasOne, Mismatch, Session, SqlType, Value,
    schema, selectin,
};
use shop::{Customer, Order, OrderItem};

use crate::databases::empty;

on_both!(
    the_shop_can_be_created_in_any_order_and_filled,
    a_column_is_not_null_unless_its_field_is_an_option,
    a_foreign_key_is_enforced_and_has_an_index,
    every_column_type_is_stored_and_read,
    keys_of_several_columns_and_of_texts,
    tables_that_point_to_each_other_in_a_circle,
    a_table_that_points_to_itself,
    a_key_that_is_a_foreign_key_is_not_chosen_by_the_database,
    a_foreign_key_to_a_unique_column,
    a_foreign_key_without_a_field,
    the_names_of_tables_and_columns_may_be_anything,
    a_table_that_exists_is_an_error_and_nothing_is_created,
    a_column_type_without_a_sql_type_is_an_error,
    read_only_columns,
);

/// Returns the number of tables and indexes of the session's schema.
fn tables(session: &Session) -> i64 {
    let sql = match session.dialect() {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_schema",
        Dialect::Postgres => {
            "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        }
    };
    session.query::<i64>(sql, []).unwrap()[0]
}

fn the_shop_can_be_created_in_any_order_and_filled() {
    for create in [
        Session::create_tables::<(Customer, Order, OrderItem)>,
        Session::create_tables::<(OrderItem, Order, Customer)>,
        Session::create_tables::<(Order, OrderItem, Customer)>,
    ] {
        let session = empty();
        create(&session).unwrap();
        for sql in [
            "INSERT INTO customers VALUES (1, 'Ada', 'Lovelace', 'ada@example.com')",
            "INSERT INTO orders VALUES (5, 1, '2026-01-01', 'open')",
            "INSERT INTO order_items VALUES (9, 5, 'lamp', 2, 1999)",
        ] {
            session.execute(sql, []).unwrap();
        }
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        let customers = session.all(Customer::select().with(path)).unwrap();
        assert_eq!(customers[0].orders().unwrap()[0].items().unwrap()[0].product, "lamp");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    text: String,
    author: Option<String>,
}

fn a_column_is_not_null_unless_its_field_is_an_option() {
    let session = empty();
    session.create_tables::<Note>().unwrap();
    let note = |text: &str| Note { id: 0, text: text.to_owned(), author: None };
    assert_eq!(session.insert(&note("first")).unwrap(), 1);
    assert_eq!(session.insert(&note("second")).unwrap(), 2);
    let error = session.execute("INSERT INTO notes (author) VALUES ('Ada')", []).unwrap_err();
    assert!(error.to_string().to_lowercase().contains("null"), "{error}");
}

fn a_foreign_key_is_enforced_and_has_an_index() {
    let session = empty();
    session.create_tables::<(Customer, Order, OrderItem)>().unwrap();
    let orphan = "INSERT INTO orders VALUES (1, 77, '2026-01-01', 'open')";
    assert!(session.execute(orphan, []).unwrap_err().to_string().to_lowercase().contains("foreign key"));
    let sql = match session.dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name",
        Dialect::Postgres => {
            "SELECT relname FROM pg_class WHERE relkind = 'i' AND relname NOT LIKE '%pkey'
             AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        }
    };
    let indexes = session.query::<String>(sql, []).unwrap();
    assert_eq!(indexes, ["order_items_order_id", "orders_customer_id"]);
}

#[derive(Debug, Clone, PartialEq, ColumnType)]
struct Cents(i64);

#[derive(Debug, Clone, PartialEq, ColumnType)]
enum Status {
    Open,
}

#[derive(Debug, Clone, PartialEq, ColumnType)]
#[column(integer)]
enum Level {
    High = 3,
}

#[derive(Debug, PartialEq, Entity)]
#[entity(table = "all types")]
struct AllTypes {
    #[entity(key)]
    id: uuid::Uuid,
    int8: i8,
    int16: i16,
    int32: i32,
    int64: i64,
    uint8: u8,
    uint16: u16,
    uint32: u32,
    float32: f32,
    float64: f64,
    truth: bool,
    text: String,
    bytes: Vec<u8>,
    cents: Cents,
    status: Status,
    level: Option<Level>,
    amount: rust_decimal::Decimal,
    date: jiff::civil::Date,
    time: jiff::civil::Time,
    date_time: jiff::civil::DateTime,
    instant: jiff::Timestamp,
    tags: eagerly::Json<Vec<String>>,
}

fn every_column_type_is_stored_and_read() {
    let session = empty();
    session.create_tables::<AllTypes>().unwrap();
    let row = AllTypes {
        id: uuid::Uuid::from_u128(7),
        int8: i8::MIN,
        int16: i16::MIN,
        int32: i32::MIN,
        int64: i64::MIN,
        uint8: u8::MAX,
        uint16: u16::MAX,
        uint32: u32::MAX,
        float32: 1.5,
        float64: 1e300,
        truth: true,
        text: "text".to_owned(),
        bytes: vec![0, 255],
        cents: Cents(i64::MAX),
        status: Status::Open,
        level: Some(Level::High),
        amount: "12.50".parse().unwrap(),
        date: "2026-11-22".parse().unwrap(),
        time: "13:45:00".parse().unwrap(),
        date_time: "2026-11-22T13:45:00".parse().unwrap(),
        instant: "2026-11-22T13:45:00Z".parse().unwrap(),
        tags: eagerly::Json::new(vec!["a".to_owned()]).unwrap(),
    };
    session.insert(&row).unwrap();
    assert_eq!(session.all(AllTypes::select()).unwrap(), [row]);
}

#[derive(Debug, Entity)]
#[entity(table = "rooms")]
struct Room {
    #[entity(key)]
    house: String,
    #[entity(key)]
    number: i64,
    #[entity(foreign_key("house", "room"))]
    beds: HasMany<Bed>,
}

#[derive(Debug, Entity)]
#[entity(table = "beds")]
struct Bed {
    #[entity(key)]
    house: String,
    #[entity(key)]
    room: i64,
    #[entity(key)]
    name: String,
    #[entity(key("house", "room"))]
    in_room: BelongsTo<Room>,
}

fn keys_of_several_columns_and_of_texts() {
    let session = empty();
    session.create_tables::<(Bed, Room)>().unwrap();
    session.insert(&Room { house: "north".to_owned(), number: 1, beds: HasMany::default() }).unwrap();
    let bed = |house: &str, room| Bed {
        house: house.to_owned(),
        room,
        name: "left".to_owned(),
        in_room: BelongsTo::default(),
    };
    session.insert(&bed("north", 1)).unwrap();
    assert!(session.insert(&bed("north", 2)).is_err());
    assert!(session.insert(&bed("north", 1)).is_err(), "the key is unique");
    let rooms = session.all(Room::select().with(selectin(Room::BEDS))).unwrap();
    assert_eq!(rooms[0].beds().unwrap()[0].in_room().unwrap().number, 1);
    // The key begins with the columns of the foreign key, so it is their index.
    assert!(!schema::sql::<(Bed, Room)>(session.dialect()).unwrap().contains("CREATE INDEX"));
}

#[derive(Debug, Entity)]
#[entity(table = "teams")]
pub struct Team {
    #[entity(key)]
    id: i64,
    captain_id: Option<i64>,
    #[entity(key = "captain_id")]
    captain: BelongsTo<Player>,
}

#[derive(Debug, Entity)]
#[entity(table = "players")]
pub struct Player {
    #[entity(key)]
    id: i64,
    team_id: Option<i64>,
    #[entity(key = "team_id")]
    team: BelongsTo<Team>,
}

fn tables_that_point_to_each_other_in_a_circle() {
    let session = empty();
    session.create_tables::<(Team, Player)>().unwrap();
    session.execute("INSERT INTO teams VALUES (1, NULL)", []).unwrap();
    session.execute("INSERT INTO players VALUES (2, 1)", []).unwrap();
    session.execute("UPDATE teams SET captain_id = 2", []).unwrap();
    assert!(session.execute("UPDATE teams SET captain_id = 3", []).is_err());
    assert!(session.execute("UPDATE players SET team_id = 3", []).is_err());
    let team = session.get::<Team>(1).unwrap();
    assert_eq!(team.captain().unwrap().unwrap().team().unwrap().unwrap().id, 1);
}

#[derive(Debug, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    id: i64,
    boss_id: Option<i64>,
    #[entity(key = "boss_id")]
    boss: BelongsTo<Person>,
    #[entity(foreign_key = "boss_id")]
    team: HasMany<Person>,
}

fn a_table_that_points_to_itself() {
    let session = empty();
    session.create_tables::<Person>().unwrap();
    session.execute("INSERT INTO people VALUES (1, NULL), (2, 1)", []).unwrap();
    assert!(session.execute("INSERT INTO people VALUES (3, 9)", []).is_err());
    assert_eq!(session.get::<Person>(1).unwrap().team().unwrap()[0].id, 2);
    let sql = schema::sql::<Person>(session.dialect()).unwrap();
    assert_eq!(sql.matches("REFERENCES").count(), 1, "both relations are one foreign key:\n{sql}");
}

#[derive(Debug, Entity)]
#[entity(table = "accounts")]
struct Account {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "account_id")]
    profile: HasOne<Profile>,
}

#[derive(Debug, Entity)]
#[entity(table = "profiles")]
struct Profile {
    #[entity(key)]
    account_id: i64,
}

fn a_key_that_is_a_foreign_key_is_not_chosen_by_the_database() {
    let session = empty();
    session.create_tables::<(Account, Profile)>().unwrap();
    let sql = schema::sql::<(Account, Profile)>(session.dialect()).unwrap();
    assert_eq!(sql.contains("IDENTITY"), session.dialect() == Dialect::Postgres, "{sql}");
    assert!(sql.contains(r#" PRIMARY KEY REFERENCES "accounts" ("id")"#), "{sql}");
    assert!(!sql.contains("CREATE INDEX"), "{sql}");
    session.execute("INSERT INTO accounts VALUES (4)", []).unwrap();
    session.insert(&Profile { account_id: 4 }).unwrap();
    assert!(session.get::<Account>(4).unwrap().profile().unwrap().is_some());
}

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    id: i64,
    code: String,
}

#[derive(Debug, Entity)]
#[entity(table = "cities")]
struct City {
    name: String,
    country: Option<String>,
    #[entity(key = "country", references = "code")]
    home: BelongsTo<Country>,
}

fn a_foreign_key_to_a_unique_column() {
    let session = empty();
    session.create_tables::<(City, Country)>().unwrap();
    session.execute("INSERT INTO countries VALUES (1, 'fr')", []).unwrap();
    assert!(session.execute("INSERT INTO countries VALUES (2, 'fr')", []).is_err());
    session.execute("INSERT INTO cities VALUES ('Lyon', 'fr'), ('Nowhere', NULL)", []).unwrap();
    assert!(session.execute("INSERT INTO cities VALUES ('Bonn', 'de')", []).is_err());
    assert_eq!(session.all(City::select()).unwrap()[0].home().unwrap().unwrap().id, 1);
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
    title: String,
}

fn a_foreign_key_without_a_field() {
    let session = empty();
    session.create_tables::<(Album, Song)>().unwrap();
    session.execute("INSERT INTO albums VALUES (1)", []).unwrap();
    session.insert(&Song { id: 1, title: "no album".to_owned() }).unwrap();
    session.execute("INSERT INTO songs (id, title, album_id) VALUES (2, 'one album', 1)", []).unwrap();
    assert_eq!(session.get::<Album>(1).unwrap().songs().unwrap()[0].id, 2);
    assert!(session.execute("UPDATE songs SET album_id = 9", []).is_err());
}

#[derive(Debug, Entity)]
#[entity(table = "select \"all\"; --")]
struct Odd {
    #[entity(key, column = "the \"key\"")]
    key: i64,
    #[entity(column = "order")]
    order: Option<i64>,
    #[entity(key = "order")]
    odd: BelongsTo<Odd>,
    #[entity(foreign_key = "select")]
    same: HasMany<Same>,
}

/// The name of its index would be the name of this table.
#[derive(Debug, Entity)]
#[entity(table = "A_select")]
struct Same {
    select: Option<i64>,
}

#[derive(Debug, Entity)]
#[entity(table = "a")]
struct Short {
    select: Option<i64>,
    #[entity(key = "select")]
    odd: BelongsTo<Odd>,
}

fn the_names_of_tables_and_columns_may_be_anything() {
    let session = empty();
    session.create_tables::<(Odd, Same, Short)>().unwrap();
    let odd = |key, order| Odd { key, order, odd: BelongsTo::default(), same: HasMany::default() };
    session.insert_all([odd(1, None), odd(2, Some(1))]).unwrap();
    session.insert_all([Same { select: Some(2) }]).unwrap();
    assert_eq!(session.get::<Odd>(2).unwrap().odd().unwrap().unwrap().key, 1);
    assert_eq!(session.get::<Odd>(2).unwrap().same().unwrap().len(), 1);
    assert!(session.insert_all([Short { select: Some(3), odd: BelongsTo::default() }]).is_err());
}

fn a_table_that_exists_is_an_error_and_nothing_is_created() {
    let session = empty();
    session.execute("CREATE TABLE orders (id INTEGER)", []).unwrap();
    let before = tables(&session);
    let error = session.create_tables::<(Customer, Order, OrderItem)>().unwrap_err();
    assert!(error.to_string().contains("create_tables"), "{error}");
    assert!(error.to_string().contains("already exists"), "{error}");
    assert_eq!(tables(&session), before);
}

#[derive(Debug)]
struct ByHand(i64);

impl ColumnType for ByHand {
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        cell.integer().map(Self)
    }

    fn bind(&self) -> Value<'_> {
        Value::Integer(self.0)
    }
}

#[derive(Debug, Entity)]
#[entity(table = "by_hand")]
struct HasByHand {
    #[entity(key)]
    id: i64,
    value: ByHand,
}

fn a_column_type_without_a_sql_type_is_an_error() {
    assert_eq!(ByHand::SQL_TYPE, SqlType::Unknown);
    let session = empty();
    let error = session.create_tables::<HasByHand>().unwrap_err();
    assert!(matches!(error, Error::NoSqlType { entity: "HasByHand", column: "value" }));
    assert!(error.to_string().contains("help: write `const SQL_TYPE"), "{error}");
    assert_eq!(session.statements(), 0);
}

#[derive(Debug, Entity)]
#[entity(table = "logs")]
struct Log {
    #[entity(key, read_only)]
    id: i64,
    text: String,
    #[entity(read_only)]
    at: Option<String>,
}

fn read_only_columns() {
    let session = empty();
    session.create_tables::<Log>().unwrap();
    let log = || Log { id: 77, text: "text".to_owned(), at: None };
    assert_eq!(session.insert(&log()).unwrap(), 1);
    assert_eq!(session.insert(&log()).unwrap(), 2);
    assert_eq!(session.get::<Log>(2).unwrap().at, None);
}
