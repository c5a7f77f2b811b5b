//! Transactions: PostgreSQL ends them after an error, and no change is kept or lost without an error.

use eagerly::{Entity, Error, Failure, Session, selectin};
use shop::{Customer, Order};

use crate::databases::{another, empty};
use crate::kind;
use crate::shared::shop_of;

on_postgres!(
    after_an_error_every_statement_reports_that_the_transaction_is_over,
    an_error_that_is_ignored_still_undoes_the_transaction,
    a_savepoint_lets_the_transaction_continue_after_an_error,
    a_transaction_begun_by_raw_sql_is_detected,
    a_serialization_failure_is_busy_and_a_retry_works,
    a_deadlock_is_busy,
    a_commit_that_fails_is_an_error_and_keeps_nothing,
    a_transaction_sees_one_state,
    insert_all_keeps_all_rows_or_none,
    an_iterator_of_insert_all_may_send_statements,
    chunks_may_send_statements_between_and_may_be_nested,
    chunks_that_stop_early_leave_the_session_usable,
    an_empty_transaction_sends_begin_and_commit,
    a_panic_undoes_the_transaction,
    closing_inside_a_transaction_is_an_error,
);

#[derive(Debug, Entity)]
#[entity(table = "counters")]
struct Counter {
    #[entity(key)]
    id: i64,
    value: i64,
}

fn counters() -> Session {
    let session = empty();
    session.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)", []).unwrap();
    session.insert_all([1, 2, 3].map(|id| Counter { id, value: 0 })).unwrap();
    session
}

fn values(session: &Session) -> Vec<i64> {
    session.all(Counter::select()).unwrap().iter().map(|counter| counter.value).collect()
}

const BREAK: &str = "INSERT INTO counters VALUES (1, 0)";

fn after_an_error_every_statement_reports_that_the_transaction_is_over() {
    let session = counters();
    let result = session.transaction(|session| {
        session.execute("UPDATE counters SET value = 7", [])?;
        let error = session.execute(BREAK, []).unwrap_err();
        assert_eq!(kind(&error), Some(Failure::Constraint));
        for _ in 0..2 {
            let over = session.count(Counter::select()).unwrap_err();
            assert!(matches!(over, Error::TransactionOver { .. }), "{over}");
        }
        let inner = session.transaction(|session| session.count(Counter::select())).unwrap_err();
        assert!(matches!(inner, Error::TransactionOver { .. }), "no savepoint is made in silence: {inner}");
        session.count(Counter::select())
    });
    assert!(matches!(result, Err(Error::TransactionOver { .. })));
    assert_eq!(values(&session), [0, 0, 0]);
}

fn an_error_that_is_ignored_still_undoes_the_transaction() {
    let session = counters();
    let result = session.transaction(|session| {
        session.execute("UPDATE counters SET value = 7", [])?;
        let _ = session.execute(BREAK, []);
        Ok(())
    });
    assert!(
        matches!(result, Err(Error::TransactionOver { .. })),
        "COMMIT would be answered as if all were well"
    );
    assert_eq!(values(&session), [0, 0, 0]);
    // The same with raw SQL.
    session.execute("BEGIN", []).unwrap();
    session.execute("UPDATE counters SET value = 7", []).unwrap();
    session.execute(BREAK, []).unwrap_err();
    assert!(matches!(session.count(Counter::select()), Err(Error::TransactionOver { .. })));
    assert!(matches!(session.execute("COMMIT", []), Err(Error::TransactionOver { .. })));
    assert_eq!(values(&session), [0, 0, 0]);
}

fn a_savepoint_lets_the_transaction_continue_after_an_error() {
    let session = counters();
    session
        .transaction(|session| {
            session.execute("UPDATE counters SET value = 1 WHERE id = 1", [])?;
            let undone = session.transaction(|session| {
                session.execute("UPDATE counters SET value = 2 WHERE id = 2", [])?;
                session.execute(BREAK, [])
            });
            assert_eq!(kind(&undone.unwrap_err()), Some(Failure::Constraint));
            session.transaction(|session| session.execute("UPDATE counters SET value = 3 WHERE id = 3", []))
        })
        .unwrap();
    assert_eq!(values(&session), [1, 0, 3]);
}

fn a_transaction_begun_by_raw_sql_is_detected() {
    let session = counters();
    session.execute("/* by hand */ begin", []).unwrap();
    session.transaction(|session| session.execute("UPDATE counters SET value = 5 WHERE id = 1", [])).unwrap();
    session.snapshot(|session| session.count(Counter::select())).unwrap();
    session.execute("ROLLBACK", []).unwrap();
    assert_eq!(values(&session), [0, 0, 0], "the transaction inside was a savepoint");
    session.transaction(|session| session.execute("UPDATE counters SET value = 5 WHERE id = 1", [])).unwrap();
    assert_eq!(values(&session), [5, 0, 0]);
    let ended = session.transaction(|session| {
        session.execute("COMMIT", [])?;
        session.execute("UPDATE counters SET value = 9", [])
    });
    assert!(matches!(ended, Err(Error::TransactionOver { .. })), "{ended:?}");
    assert_eq!(values(&session), [5, 0, 0]);
}

fn a_serialization_failure_is_busy_and_a_retry_works() {
    let session = counters();
    let other = another(&session);
    let increment = |meddle: bool| {
        session.transaction(|session| {
            let mut counter = session.get::<Counter>(1)?;
            if meddle {
                other.execute("UPDATE counters SET value = value + 10 WHERE id = 1", [])?;
            }
            counter.value += 1;
            session.update(&counter)
        })
    };
    let error = increment(true).unwrap_err();
    assert_eq!(kind(&error), Some(Failure::Busy), "{error}");
    assert!(error.to_string().contains("40001") && error.to_string().contains("try again"), "{error}");
    increment(false).unwrap();
    assert_eq!(values(&session)[0], 11, "no update is lost");
}

fn a_deadlock_is_busy() {
    let session = counters();
    let url = crate::databases::url_of(&session);
    let both_hold_one = std::sync::Barrier::new(2);
    let one_then_other = |ids: [i64; 2]| {
        let session = Session::connect(&url).unwrap();
        let done = session.transaction(|session| {
            let sql = "UPDATE counters SET value = 1 WHERE id = $1";
            session.execute(sql, eagerly::params![ids[0]])?;
            both_hold_one.wait();
            session.execute(sql, eagerly::params![ids[1]])
        });
        done.err().and_then(|error| kind(&error))
    };
    let mut kinds = std::thread::scope(|scope| {
        let other = scope.spawn(|| one_then_other([2, 1]));
        [one_then_other([1, 2]), other.join().unwrap()]
    });
    kinds.sort_by_key(Option::is_some);
    assert_eq!(kinds, [None, Some(Failure::Busy)]);
    assert_eq!(values(&session), [1, 1, 0]);
}

fn a_commit_that_fails_is_an_error_and_keeps_nothing() {
    let session = counters();
    let sql = "CREATE TABLE uses (counter BIGINT REFERENCES counters (id) DEFERRABLE INITIALLY DEFERRED)";
    session.execute(sql, []).unwrap();
    let error = session
        .transaction(|session| {
            session.execute("UPDATE counters SET value = 4", [])?;
            session.execute("INSERT INTO uses VALUES (99)", [])
        })
        .unwrap_err();
    assert_eq!(kind(&error), Some(Failure::Constraint), "{error}");
    assert_eq!(values(&session), [0, 0, 0]);
    session.transaction(|session| session.execute("UPDATE counters SET value = 4", [])).unwrap();
    assert_eq!(values(&session), [4, 4, 4]);
}

fn a_transaction_sees_one_state() {
    let session = counters();
    let other = another(&session);
    session
        .transaction(|session| {
            let before = values(session);
            other.execute("UPDATE counters SET value = 8", [])?;
            assert_eq!(values(session), before);
            Ok(())
        })
        .unwrap();
    assert_eq!(values(&session), [8, 8, 8]);
}

fn insert_all_keeps_all_rows_or_none() {
    let session = counters();
    // The 2,500th row is refused, in the third group of rows that travel together.
    let rows = (10..5_000).map(|id| Counter { id: if id == 2_510 { 11 } else { id }, value: 1 });
    let error = session.insert_all(rows).unwrap_err();
    assert_eq!(kind(&error), Some(Failure::Constraint));
    assert!(
        error.to_string().contains("Key (id)=(11)"),
        "the first failure is reported, not what follows it: {error}"
    );
    assert_eq!(session.count(Counter::select()).unwrap(), 3);
    let tally = session.tally();
    assert_eq!(session.insert_all((10..5_000).map(|id| Counter { id, value: 1 })).unwrap(), 4_990);
    assert_eq!(tally.statements(), 4_990);
    assert_eq!(session.count(Counter::select()).unwrap(), 4_993);
}

fn an_iterator_of_insert_all_may_send_statements() {
    let session = counters();
    let rows = (10..3_010)
        .map(|id| Counter { id, value: session.count(Counter::select().limit(1)).unwrap() as i64 });
    assert_eq!(session.insert_all(rows).unwrap(), 3_000);
    assert_eq!(session.count(Counter::select().filter(Counter::VALUE.eq(1))).unwrap(), 3_000);
}

fn chunks_may_send_statements_between_and_may_be_nested() {
    let session = shop_of(60);
    let tally = session.tally();
    let (mut seen, mut inner) = (0, 0);
    let query = || Customer::select().with(selectin(Customer::ORDERS));
    session
        .chunks(query(), 20, |customers| {
            seen += customers.len();
            session.chunks(Customer::select().limit(5), 2, |customers| {
                inner += customers.len();
                session.count(Order::select()).map(drop)
            })
        })
        .unwrap();
    assert_eq!((seen, inner), (60, 15));
    // As on SQLite: one statement for the rows, three for the orders of the three chunks. In each chunk, one statement
    // for the inner rows, and three counts.
    assert_eq!(tally.statements(), 1 + 3 + 3 * (1 + 3));
    let open = "SELECT count(*) AS n FROM pg_cursors WHERE name <> ''";
    #[derive(eagerly::FromRow)]
    struct Open {
        n: i64,
    }
    let left = session.transaction(|session| {
        session.chunks(Customer::select(), 7, |_| Ok(()))?;
        let open: Vec<Open> = session.query(open, [])?;
        Ok(open[0].n)
    });
    assert_eq!(left.unwrap(), 0, "no cursor is left open");
}

fn chunks_that_stop_early_leave_the_session_usable() {
    let session = shop_of(30);
    for inside in [false, true] {
        let stop = |session: &Session| {
            let stopped =
                session.chunks(Customer::select().with(selectin(Customer::ORDERS)), 4, |customers| {
                    if customers[0].id > 8 { Err(Error::other("enough")) } else { Ok(()) }
                });
            assert_eq!(stopped.unwrap_err().to_string(), "enough");
            session.count(Customer::select())
        };
        let counted = if inside {
            session.transaction(|session| {
                stop(session)?;
                stop(session)
            })
        } else {
            stop(&session)
        };
        assert_eq!(counted.unwrap(), 30);
    }
    session.transaction(|session| session.execute("UPDATE orders SET status = 'open'", [])).unwrap();
}

fn an_empty_transaction_sends_begin_and_commit() {
    let session = counters();
    let (before, trips) = (session.statements(), session.round_trips());
    session.transaction(|_| Ok(())).unwrap();
    assert_eq!((session.statements() - before, session.round_trips() - trips), (2, 1));
    assert_eq!(values(&session), [0, 0, 0]);
}

fn a_panic_undoes_the_transaction() {
    let session = counters();
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.transaction(|session| -> eagerly::Result<()> {
            session.execute("UPDATE counters SET value = 6", [])?;
            panic!("on purpose");
        })
    }));
    assert!(unwound.is_err());
    assert_eq!(values(&session), [0, 0, 0]);
}

fn closing_inside_a_transaction_is_an_error() {
    let session = counters();
    let url = crate::databases::url_of(&session);
    session.execute("BEGIN", []).unwrap();
    session.execute("UPDATE counters SET value = 6", []).unwrap();
    assert!(matches!(session.close(), Err(Error::CannotClose { .. })));
    assert_eq!(values(&Session::connect(&url).unwrap()), [0, 0, 0]);
}
