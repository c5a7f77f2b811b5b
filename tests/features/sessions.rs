//! Sessions that are interrupted, closed, or ended by raw SQL, and raw SQL that is empty.

use eagerly::{Dialect, Error, Failure, selectin};
use shop::{Customer, OrderItem, Size, data};

use crate::databases::{Place, interrupted, open};
use crate::support::shop_of;

on_both!(
    an_interrupted_load_fails_and_leaves_the_session_usable,
    a_transaction_that_its_closure_ends_commits_nothing,
    closing_a_session_with_an_open_transaction_is_an_error,
    a_text_without_a_statement_is_an_error_and_nothing_is_sent,
);

fn an_interrupted_load_fails_and_leaves_the_session_usable() {
    let place = Place::empty();
    let session = open(place.address());
    data::fill(&session, &Size { customers: 5, ..Size::default() }, |_| {}).unwrap();
    let endless = match session.dialect() {
        Dialect::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO orders SELECT i, 1, '', '' FROM n WHERE i < 0"
        }
        Dialect::Postgres => "INSERT INTO orders SELECT 1, 1, '', '' FROM pg_sleep(600)",
    };
    let error = interrupted(&session, place.address(), || session.execute(endless, [])).unwrap_err();
    assert_eq!(error.database().map(|error| error.kind), Some(Failure::Interrupted));
    assert_eq!(session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap().len(), 5);
}

fn a_transaction_that_its_closure_ends_commits_nothing() {
    let session = shop_of(3);
    let result = session.transaction(|session| {
        session.execute("ROLLBACK", [])?;
        session.execute("DELETE FROM order_items", [])
    });
    assert!(matches!(result, Err(Error::TransactionOver { .. })));
    assert_eq!(session.count(OrderItem::select()).unwrap(), 90);
    session.transaction(|session| session.execute("DELETE FROM order_items", [])).unwrap();
    assert_eq!(session.count(OrderItem::select()).unwrap(), 0);
}

fn closing_a_session_with_an_open_transaction_is_an_error() {
    let session = shop_of(1);
    session.execute("BEGIN", []).unwrap();
    assert!(matches!(session.close(), Err(Error::CannotClose { .. })));
}

fn a_text_without_a_statement_is_an_error_and_nothing_is_sent() {
    let session = shop_of(1);
    let sent = session.statements();
    for sql in ["", " \n\t", ";", "; ;", "-- nothing", "-- nothing\n;", "/* nothing */ -- more"] {
        for error in [
            session.execute(sql, []).unwrap_err(),
            session.query::<shop::page::PageRow>(sql, []).unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.contains("tests/features/sessions.rs"), "{sql:?}: {error}");
            assert!(
                error.contains(": the text has no SQL statement\n  help: pass one statement"),
                "{sql:?}: {error}"
            );
        }
    }
    assert_eq!(session.statements(), sent);
    session.execute("-- with a comment\nDELETE FROM order_items;", []).unwrap();
    assert_eq!(session.count(OrderItem::select()).unwrap(), 0);
}
