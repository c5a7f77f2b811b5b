//! Enums as columns: stored as text or as integers, and errors about other values.

use eagerly::{BelongsTo, ColumnType, Entity, HasMany, Session, params, selectin};

use crate::databases::{empty, execute};

on_both!(
    a_variant_is_stored_as_its_name_in_snake_case,
    a_variant_and_the_enum_can_choose_other_names,
    an_enum_can_be_stored_as_integers,
    an_optional_enum_may_be_null,
    an_unknown_value_is_an_error_that_lists_the_known_ones,
    an_enum_is_a_key_like_any_other_column,
    conditions_compare_with_variants,
);

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Status {
    Open,
    InTransit,
    #[column(name = "sent back")]
    Returned,
    r#Final,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(rename_all = "UPPERCASE")]
enum Currency {
    Eur,
    #[column(name = "$")]
    Usd,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
#[column(integer)]
enum Priority {
    Low = -1,
    Normal,
    High = 0x10,
    Urgent,
}

#[derive(Debug, PartialEq, Entity)]
#[entity(table = "parcels")]
struct Parcel {
    #[entity(key)]
    id: i64,
    status: Status,
    currency: Option<Currency>,
    priority: Priority,
}

fn parcels() -> Session {
    let session = empty();
    let sql = "CREATE TABLE parcels (id INTEGER PRIMARY KEY, status TEXT, currency TEXT, priority INTEGER)";
    session.execute(sql, []).unwrap();
    session
}

fn parcel(id: i64, status: Status, currency: Option<Currency>, priority: Priority) -> Parcel {
    Parcel { id, status, currency, priority }
}

/// Inserts parcels, and returns a column of what the database stores.
fn stored<T: ColumnType>(column: &str, parcels: Vec<Parcel>, session: &Session) -> Vec<T> {
    session.insert_all(parcels).unwrap();
    session.query(&format!("SELECT {column} FROM parcels ORDER BY id"), []).unwrap()
}

fn a_variant_is_stored_as_its_name_in_snake_case() {
    let session = parcels();
    let all = [Status::Open, Status::InTransit, Status::Returned, Status::Final];
    let rows = all.iter().zip(1..).map(|(status, id)| parcel(id, *status, None, Priority::Low)).collect();
    let texts = stored::<String>("status", rows, &session);
    assert_eq!(texts, ["open", "in_transit", "sent back", "final"]);
    let read = session.all(Parcel::select()).unwrap();
    assert_eq!(read.iter().map(|parcel| parcel.status).collect::<Vec<_>>(), all);
}

fn a_variant_and_the_enum_can_choose_other_names() {
    let session = parcels();
    let rows = vec![
        parcel(1, Status::Open, Some(Currency::Eur), Priority::Low),
        parcel(2, Status::Open, Some(Currency::Usd), Priority::Low),
    ];
    assert_eq!(stored::<String>("currency", rows, &session), ["EUR", "$"]);
    assert_eq!(session.get::<Parcel>(2).unwrap().currency, Some(Currency::Usd));
}

fn an_enum_can_be_stored_as_integers() {
    let session = parcels();
    let all = [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent];
    let rows = all.iter().zip(1..).map(|(priority, id)| parcel(id, Status::Open, None, *priority)).collect();
    assert_eq!(stored::<i64>("priority", rows, &session), [-1, 0, 16, 17]);
    let read = session.all(Parcel::select()).unwrap();
    assert_eq!(read.iter().map(|parcel| parcel.priority).collect::<Vec<_>>(), all);
}

fn an_optional_enum_may_be_null() {
    let session = parcels();
    let rows = vec![parcel(1, Status::Open, None, Priority::Low)];
    assert_eq!(stored::<Option<Currency>>("currency", rows, &session), [None]);
    execute(&session, "UPDATE parcels SET status = ?1", params![None::<Status>]).unwrap();
    let error = session.get::<Parcel>(1).unwrap_err().to_string();
    assert!(error.contains(r#"or "final", found NULL"#), "{error}");
}

fn an_unknown_value_is_an_error_that_lists_the_known_ones() {
    let session = parcels();
    session.insert(&parcel(7, Status::Open, None, Priority::Low)).unwrap();
    for other in ["lost", "Open", "open ", ""] {
        execute(&session, "UPDATE parcels SET status = ?1", params![other]).unwrap();
        let error = session.get::<Parcel>(7).unwrap_err().to_string();
        let expected =
            r#"reading Parcel, column "status": expected "open", "in_transit", "sent back" or "final""#;
        assert!(error.starts_with(&format!("{expected}, found the text {other:?}")), "{error}");
        assert!(error.contains("the field is Status"), "{error}");
        assert!(error.contains(r#"the row's "id" is 7"#), "{error}");
    }
    execute(&session, "UPDATE parcels SET status = 'open', priority = 5", []).unwrap();
    let error = session.get::<Parcel>(7).unwrap_err().to_string();
    let expected = "expected -1 (Low), 0 (Normal), 16 (High) or 17 (Urgent), found the integer 5";
    assert!(error.contains(expected), "{error}");
}

#[derive(Debug, Entity)]
#[entity(table = "countries")]
struct Country {
    #[entity(key)]
    code: Code,
    #[entity(foreign_key = "country")]
    cities: HasMany<City>,
}

#[derive(Debug, Entity)]
#[entity(table = "cities")]
struct City {
    #[entity(key)]
    id: i64,
    country: Code,
    #[entity(key = "country")]
    home: BelongsTo<Country>,
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Code {
    De,
    Fr,
}

fn an_enum_is_a_key_like_any_other_column() {
    let session = empty();
    session.execute("CREATE TABLE countries (code TEXT PRIMARY KEY)", []).unwrap();
    session.execute("CREATE TABLE cities (id INTEGER PRIMARY KEY, country TEXT)", []).unwrap();
    session.execute("INSERT INTO countries VALUES ('de'), ('fr')", []).unwrap();
    session.execute("INSERT INTO cities VALUES (1, 'fr'), (2, 'de'), (3, 'fr')", []).unwrap();
    let countries = session.all(Country::select().with(selectin(Country::CITIES))).unwrap();
    let cities: Vec<_> = countries.iter().map(|country| country.cities().unwrap().len()).collect();
    assert_eq!(cities, [1, 2]);
    assert_eq!(session.get::<City>(1).unwrap().home().unwrap().code, Code::Fr);
    assert_eq!(session.get::<Country>(Code::De).unwrap().code, Code::De);
}

fn conditions_compare_with_variants() {
    let session = parcels();
    let rows = vec![
        parcel(1, Status::Open, Some(Currency::Eur), Priority::Low),
        parcel(2, Status::InTransit, None, Priority::High),
        parcel(3, Status::Returned, Some(Currency::Usd), Priority::Urgent),
    ];
    session.insert_all(rows).unwrap();
    let count = |condition| session.count(Parcel::select().filter(condition)).unwrap();
    assert_eq!(count(Parcel::STATUS.eq(Status::InTransit)), 1);
    assert_eq!(count(Parcel::STATUS.in_([Status::Open, Status::Returned])), 2);
    assert_eq!(count(Parcel::CURRENCY.eq(Currency::Usd)), 1);
    assert_eq!(count(Parcel::PRIORITY.gt(Priority::Low)), 2);
}
