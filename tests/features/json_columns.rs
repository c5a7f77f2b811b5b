//! JSON columns: values of any type that serde can write and read.

use std::collections::BTreeMap;

use eagerly::{Dialect, Entity, Error, Json, Session, params};
use serde::{Deserialize, Serialize};

use crate::databases::{empty, execute};

on_both!(
    a_value_of_any_type_is_stored_and_read,
    the_database_reads_what_is_stored_as_json,
    an_update_of_another_field_keeps_the_json_as_it_is,
    json_that_does_not_fit_is_an_error_with_the_reason,
    a_value_that_is_no_json_is_refused_before_any_statement,
    a_null_column_needs_an_option,
    a_number_is_read_as_it_was_written,
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Settings {
    theme: String,
    sizes: Vec<u32>,
    parent: Option<Box<Settings>>,
}

#[derive(Debug, PartialEq, Entity)]
#[entity(table = "users")]
struct User {
    #[entity(key)]
    id: i64,
    name: String,
    settings: Json<Settings>,
    notes: Option<Json<Vec<String>>>,
}

fn users() -> Session {
    let session = empty();
    let json = match session.dialect() {
        Dialect::Sqlite => ["TEXT", "TEXT"],
        Dialect::Postgres => ["JSONB", "JSON"],
    };
    let [binary, text] = json;
    let sql = format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, settings {binary}, notes {text})"
    );
    session.execute(&sql, []).unwrap();
    session
}

fn settings(theme: &str) -> Settings {
    let parent = Settings { theme: "'; DROP TABLE users; --".to_owned(), sizes: Vec::new(), parent: None };
    Settings { theme: theme.to_owned(), sizes: vec![1, 2], parent: Some(Box::new(parent)) }
}

fn user(id: i64, theme: &str) -> User {
    let notes = (id > 1).then(|| Json::new(vec!["one".to_owned(), "\"two\"\n".to_owned()]).unwrap());
    User { id, name: format!("user {id}"), settings: Json::new(settings(theme)).unwrap(), notes }
}

fn a_value_of_any_type_is_stored_and_read() {
    let session = users();
    let inserted = [user(1, "dark"), user(2, "élan 🦀")];
    session.insert_all([user(1, "dark"), user(2, "élan 🦀")]).unwrap();
    let read = session.all(User::select()).unwrap();
    assert_eq!(read, inserted);
    assert_eq!(read[1].settings.theme, "élan 🦀");
    assert_eq!(read[0].settings.clone().into_inner(), settings("dark"));
}

fn the_database_reads_what_is_stored_as_json() {
    let session = users();
    session.insert_all([user(1, "dark"), user(2, "light")]).unwrap();
    let sql = "SELECT settings ->> 'theme' FROM users ORDER BY id";
    assert_eq!(session.query::<String>(sql, []).unwrap(), ["dark", "light"]);
}

fn an_update_of_another_field_keeps_the_json_as_it_is() {
    let session = users();
    session.insert(&user(2, "dark")).unwrap();
    // The type has no field for `more`, and the text has spaces that serde would not write.
    execute(&session, "UPDATE users SET notes = ?1", params![r#"[ "one" ]"#]).unwrap();
    let mut user = session.get::<User>(2).unwrap();
    user.name = "renamed".to_owned();
    session.update(&user).unwrap();
    assert_eq!(session.query::<String>("SELECT notes FROM users", []).unwrap(), [r#"[ "one" ]"#]);
    assert_eq!(session.get::<User>(2).unwrap().name, "renamed");
}

fn json_that_does_not_fit_is_an_error_with_the_reason() {
    let session = users();
    session.insert(&user(2, "dark")).unwrap();
    execute(&session, "UPDATE users SET settings = ?1", params![r#"{"theme": "dark"}"#]).unwrap();
    let error = session.get::<User>(2).unwrap_err().to_string();
    let expected = r#"reading User, column "settings": expected JSON that fits the field, found the text "{"#;
    assert!(error.starts_with(expected), "{error}");
    assert!(error.contains("missing field `sizes`"), "{error}");
    assert!(error.contains("the field is Json<Settings>"), "{error}");
    if session.dialect() == Dialect::Sqlite {
        for text in ["", "{", "not JSON"] {
            session.execute("UPDATE users SET settings = ?1", params![text]).unwrap();
            assert!(matches!(session.get::<User>(2), Err(Error::Decode { column: "settings", .. })));
        }
    }
}

fn a_value_that_is_no_json_is_refused_before_any_statement() {
    let by_pair = BTreeMap::from([((1, 2), "a pair is no text")]);
    let error = Json::new(by_pair).unwrap_err();
    assert!(matches!(error, Error::NotJson { .. }));
    let expected = "writing BTreeMap<(i32, i32), &str> as JSON: key must be a string\n  help: the keys";
    assert!(error.to_string().starts_with(expected), "{error}");
}

fn a_null_column_needs_an_option() {
    let session = users();
    session.insert(&user(1, "dark")).unwrap();
    assert_eq!(session.get::<User>(1).unwrap().notes, None);
    session.execute("UPDATE users SET settings = NULL", []).unwrap();
    let error = session.get::<User>(1).unwrap_err().to_string();
    assert!(error.contains("expected text, found NULL"), "{error}");
}

fn a_number_is_read_as_it_was_written() {
    let session = empty();
    // Reading these texts with a fast and inexact algorithm changes the last bit of a third of them.
    let bits = (0..300_u64).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 2);
    let numbers: Vec<f64> = bits.map(f64::from_bits).collect();
    let sql = "SELECT CAST(?1 AS TEXT)";
    let sql = if session.dialect() == Dialect::Sqlite { sql } else { "SELECT CAST($1 AS TEXT)" };
    let text = params![Json::new(numbers.clone()).unwrap().text()];
    let read = session.query::<Json<Vec<f64>>>(sql, text).unwrap();
    assert_eq!(**read.first().unwrap(), numbers);
}
