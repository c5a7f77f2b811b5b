//! Values that do not fit their type, in Rust or on the server: each is an error that names the cause.

use eagerly::{Entity, Error, FromRow, params};

use super::{EveryType, Narrow, every_type, narrow};
use crate::databases::empty;

on_postgres!(
    a_value_that_does_not_fit_names_both_types_and_the_row,
    a_type_that_cannot_be_read_is_an_error_that_names_it,
    only_a_numeric_is_converted_to_an_integer,
    an_integer_beyond_its_column_is_an_error_of_the_server,
    a_text_with_a_nul_is_an_error_of_the_server,
    a_nul_is_the_reason_in_a_redacted_session_too,
    a_blob_in_a_text_column_is_an_error_before_it_is_sent,
);

fn a_value_that_does_not_fit_names_both_types_and_the_row() {
    #[derive(Debug, Entity)]
    #[entity(table = "narrow")]
    struct TooNarrow {
        #[entity(key)]
        id: i64,
        amount: i64,
        price: i16,
    }
    let session = narrow();
    session.execute("UPDATE narrow SET price = 5 WHERE id = 1", []).unwrap();
    let error = session.all(TooNarrow::select()).unwrap_err();
    assert!(matches!(error, Error::Decode { record: "TooNarrow", column: "price", .. }));
    let message = error.to_string();
    for part in [
        "an integer that fits in i16",
        "2000000000",
        "the field is i16",
        "the column int4",
        "the row's \"id\" is 2",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    let ids = session.all(TooNarrow::select().filter(TooNarrow::ID.eq(1))).unwrap();
    assert_eq!((ids[0].id, ids[0].amount, ids[0].price), (1, 30_000, 5));
}

fn a_type_that_cannot_be_read_is_an_error_that_names_it() {
    #[derive(Debug, FromRow)]
    struct Span {
        #[expect(dead_code)]
        span: String,
    }
    let session = empty();
    for sql in
        ["SELECT interval '1 day' AS span", "SELECT date 'infinity' AS span", "SELECT ARRAY[1] AS span"]
    {
        let error = session.query::<Span>(sql, []).unwrap_err();
        assert!(matches!(error, Error::Decode { record: "Span", column: "span", .. }), "{error}");
    }
    let read: Vec<Span> = session.query("SELECT (interval '1 day')::text AS span", []).unwrap();
    assert_eq!(read.len(), 1);
}

fn only_a_numeric_is_converted_to_an_integer() {
    let session = empty();
    assert_eq!(session.query::<i64>("SELECT 5::numeric", []).unwrap(), [5]);
    for sql in ["SELECT '5'::jsonb", "SELECT '5'::text"] {
        let error = session.query::<i64>(sql, []).unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
    }
}

fn an_integer_beyond_its_column_is_an_error_of_the_server() {
    let session = narrow();
    let error = session.all(Narrow::select().filter(Narrow::PRICE.eq(5_000_000_000))).unwrap_err();
    assert!(error.to_string().contains("out of range"), "{error}");
    // The session is still usable.
    assert_eq!(session.count(Narrow::select()).unwrap(), 2);
}

fn a_text_with_a_nul_is_an_error_of_the_server() {
    let session = every_type();
    let error = session.count(EveryType::select().filter(EveryType::NAME.eq("a\0b"))).unwrap_err();
    assert!(error.to_string().contains("invalid byte sequence"), "{error}");
    assert_eq!(session.count(EveryType::select()).unwrap(), 0);
}

fn a_nul_is_the_reason_in_a_redacted_session_too() {
    let session = empty();
    let reason = || session.execute("SELECT '\0'", []).unwrap_err().database().unwrap().message.clone();
    let shown = reason();
    session.redact(true);
    assert_eq!(reason(), shown);
}

fn a_blob_in_a_text_column_is_an_error_before_it_is_sent() {
    let session = every_type();
    let error = session.execute("UPDATE every_type SET name = $1", params![vec![1_u8, 2]]).unwrap_err();
    assert!(error.to_string().contains("a blob of 2 bytes cannot be a value of the type varchar"), "{error}");
}
