//! Raw SQL that is read by position: single values and tuples.

use eagerly::{ColumnType, Error, Session, params};

use crate::databases::{empty, execute};

on_both!(
    a_tuple_takes_the_columns_in_their_order,
    a_single_value_is_read_without_a_struct,
    a_null_needs_an_option,
    another_number_of_columns_is_an_error_that_lists_them,
    a_result_without_rows_has_no_columns_to_check,
    columns_of_one_name_are_distinguished_by_their_position,
);

fn people() -> Session {
    let session = empty();
    session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)", []).unwrap();
    let sql = "INSERT INTO people VALUES (?1, ?2, ?3)";
    execute(&session, sql, params![1, "Ada", 36]).unwrap();
    execute(&session, sql, params![2, "Grace", None::<i64>]).unwrap();
    session
}

fn a_tuple_takes_the_columns_in_their_order() {
    let session = people();
    let sql = "SELECT name, id, age FROM people ORDER BY id";
    let rows = session.query::<(String, i64, Option<i32>)>(sql, []).unwrap();
    assert_eq!(rows, [("Ada".to_owned(), 1, Some(36)), ("Grace".to_owned(), 2, None)]);
    let sql = "SELECT id, id, id, id, id, id, id, name FROM people WHERE id = 1";
    let rows = session.query::<(i8, i16, i32, i64, u8, u16, u32, String)>(sql, []).unwrap();
    assert_eq!(rows, [(1, 1, 1, 1, 1, 1, 1, "Ada".to_owned())]);
    assert_eq!(session.query::<(i64,)>("SELECT id FROM people ORDER BY id", []).unwrap(), [(1,), (2,)]);
}

#[derive(Debug, PartialEq, ColumnType)]
struct Age(i64);

fn a_single_value_is_read_without_a_struct() {
    let session = people();
    assert_eq!(session.query::<i64>("SELECT count(*) FROM people", []).unwrap(), [2]);
    let ages = session.query::<Option<Age>>("SELECT age FROM people ORDER BY id", []).unwrap();
    assert_eq!(ages, [Some(Age(36)), None]);
}

fn a_null_needs_an_option() {
    let session = people();
    let error = session.query::<(i64, i64)>("SELECT id, age AS years FROM people", []).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(r#"reading a tuple, column "2": expected an integer, found NULL"#),
        "{error}"
    );
    assert!(message.contains(r#"(the column is named "years", and read as i64)"#), "{error}");
    let error = session.query::<String>("SELECT max(age) FROM people WHERE id > 2", []).unwrap_err();
    assert!(error.to_string().starts_with(r#"reading a value, column "1": expected text, found NULL"#));
}

fn another_number_of_columns_is_an_error_that_lists_them() {
    let session = people();
    let sql = "SELECT id, name, age FROM people";
    let error = session.query::<(i64, String)>(sql, []).unwrap_err();
    assert!(matches!(&error, Error::ColumnCount { columns: 2, .. }), "{error:?}");
    let expected =
        "reading (i64, String): expected 2 columns, found id, name, age\n  statement: SELECT id, name";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert!(error.to_string().contains("\n  help: select one column for each value"), "{error}");
    let error = session.query::<Option<i64>>(sql, []).unwrap_err();
    assert!(error.to_string().starts_with("reading Option<i64>: expected 1 column, found id"), "{error}");
    assert!(session.query::<(i64, String, i64, i64)>(sql, []).is_err());
}

fn a_result_without_rows_has_no_columns_to_check() {
    let session = people();
    let sql = "SELECT id, name FROM people WHERE id = 3";
    assert!(session.query::<i64>(sql, []).unwrap().is_empty());
}

fn columns_of_one_name_are_distinguished_by_their_position() {
    let session = people();
    let sql = "SELECT 1 AS n, 2 AS n";
    assert_eq!(session.query::<(i64, i64)>(sql, []).unwrap(), [(1, 2)]);
}
