//! Messages about writing: they blame the right cause, and the session works afterwards.

use eagerly::{BelongsTo, Dialect, Entity, Error, Failure, FromRow, Result, Session, selectin};

use crate::databases::{current, empty};

on_both!(
    a_change_that_the_database_ignores_is_not_blamed_on_another_program,
    a_commit_that_a_foreign_key_refuses_names_the_row_or_the_constraint,
    a_sum_that_overflows_says_so,
);

#[derive(Debug, PartialEq, Entity)]
#[entity(table = "notes")]
struct Note {
    #[entity(key)]
    id: i64,
    text: String,
}

fn note(id: i64, text: &str) -> Note {
    Note { id, text: text.to_owned() }
}

fn notes(statements: &[&str]) -> Session {
    let session = empty();
    let ignores = if current() == Dialect::Sqlite { "UNIQUE ON CONFLICT IGNORE" } else { "" };
    session.execute(&format!("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT {ignores})"), []).unwrap();
    session.insert_all([note(1, "a"), note(2, "b")]).unwrap();
    for sql in statements {
        session.execute(sql, []).unwrap_or_else(|error| panic!("{error}"));
    }
    session
}

/// Checks that a change is ignored, and that only this costs a second statement.
fn is_ignored(session: &Session, change: impl Fn(&Session) -> Result<()>) {
    let tally = session.tally();
    let error = change(session).unwrap_err();
    assert!(matches!(error, Error::Ignored { table: "notes", .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("with the key 1 is as before"), "{message}");
    assert!(!message.contains("another program"), "{message}");
    assert_eq!((tally.statements(), tally.control()), (2, 0));
    assert_eq!(session.get::<Note>(1).unwrap(), note(1, "a"));
}

fn a_change_that_the_database_ignores_is_not_blamed_on_another_program() {
    if current() == Dialect::Sqlite {
        // The schema ignores a conflict.
        is_ignored(&notes(&[]), |session| session.update(&note(1, "b")));
        let session = notes(&[
            "CREATE TRIGGER u BEFORE UPDATE ON notes BEGIN SELECT RAISE(IGNORE); END",
            "CREATE TRIGGER d BEFORE DELETE ON notes BEGIN SELECT RAISE(IGNORE); END",
        ]);
        is_ignored(&session, |session| session.update(&note(1, "c")));
        is_ignored(&session, |session| session.delete(&note(1, "a")));
    } else {
        let session = notes(&[
            "CREATE FUNCTION ignores() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER t BEFORE UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION ignores()",
        ]);
        is_ignored(&session, |session| session.update(&note(1, "c")));
        is_ignored(&session, |session| session.delete(&note(1, "a")));
        let session = notes(&["CREATE RULE r AS ON UPDATE TO notes DO INSTEAD NOTHING"]);
        is_ignored(&session, |session| session.update(&note(1, "c")));
    }
    let session = notes(&[]);
    let tally = session.tally();
    session.update(&note(1, "c")).unwrap();
    session.delete(&note(1, "c")).unwrap();
    assert_eq!(tally.statements(), 2, "one each, if the row is changed");
    let error = session.update(&note(1, "d")).unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("another program"), "{error}");
}

#[derive(Debug, Entity)]
#[entity(table = "uses")]
struct Use {
    #[entity(key)]
    id: i64,
    note: i64,
    #[entity(key = "note")]
    row: BelongsTo<Note>,
}

fn a_commit_that_a_foreign_key_refuses_names_the_row_or_the_constraint() {
    let reference = "note BIGINT REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED";
    let session = notes(&[&format!("CREATE TABLE uses (id BIGINT PRIMARY KEY, {reference})")]);
    let used = |id, note| Use { id, note, row: Default::default() };
    session.insert(&used(1, 1)).unwrap();
    let tally = session.tally();
    let refused = session.transaction(|session| session.insert(&used(7, 9)));
    let error = refused.unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Constraint), "{error}");
    let message = error.to_string();
    match current() {
        Dialect::Sqlite => {
            let named = "a row of \"uses\" whose rowid is 2 points to no row of \"notes\"";
            assert!(message.contains(named), "{message}");
            assert_eq!((tally.statements(), tally.control()), (1, 4), "BEGIN, COMMIT, the search, ROLLBACK");
        }
        Dialect::Postgres => assert!(message.contains("uses_note_fkey"), "{message}"),
    }
    // Nothing stays open.
    assert_eq!(session.count(Use::select()).unwrap(), 1);
    session.transaction(|session| session.insert(&used(7, 2))).unwrap();
    let uses = session.all(Use::select().with(selectin(Use::ROW))).unwrap();
    assert_eq!(uses[1].row().unwrap().text, "b");
    session.close().unwrap();
}

fn a_sum_that_overflows_says_so() {
    #[derive(Debug, FromRow)]
    struct Sum {
        total: i64,
    }
    let session = notes(&["UPDATE notes SET id = 9223372036854775805 + id"]);
    let sum = match current() {
        Dialect::Sqlite => "SELECT sum(id) AS total FROM notes",
        Dialect::Postgres => "SELECT sum(id)::bigint AS total FROM notes",
    };
    let error = session.query::<Sum>(sum, []).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Overflow), "{error}");
    assert!(error.to_string().contains("help: use a wider type"), "{error}");
    assert_eq!(session.query::<Sum>("SELECT 1 AS total", []).unwrap()[0].total, 1);
}

#[test]
fn the_reason_of_a_syntax_error_of_sqlite_is_shown_once_and_is_not_redacted() {
    let session = Session::in_memory().unwrap();
    for redacts in [false, true] {
        session.redact(redacts);
        let error = session.execute("SELEC 1", []).unwrap_err();
        assert_eq!(error.database().unwrap().message, "near \"SELEC\": syntax error");
        assert_eq!(error.to_string().matches("SELEC 1").count(), 1, "{error}");
    }
}
