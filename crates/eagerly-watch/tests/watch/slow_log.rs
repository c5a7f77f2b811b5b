//! The slow-query log is empty for an N+1, but counts all statements.

use std::time::Duration;

use eagerly_watch::SlowLog;
use shop::{Customer, page};

use crate::support::shop_of;

#[test]
fn the_log_of_an_n_plus_one_is_empty_and_counts_its_statements() {
    let session = shop_of(200);
    let log = SlowLog::attach(&session);
    let tally = session.tally();
    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    assert_eq!((log.slow(), log.total()), (0, tally.statements()));
    let words = log.to_string();
    let expected = format!("0 statements over 100 ms; total of {} statements in ", tally.statements());
    assert!(words.starts_with(&expected), "{words}");
}

#[test]
fn a_statement_over_the_threshold_is_kept_with_its_place() {
    let session = shop_of(3);
    let log = SlowLog::over(&session, Duration::ZERO);
    session.all(Customer::select()).unwrap();
    let slow = log.statements();
    assert_eq!((slow.len(), log.slow()), (1, 1));
    assert!(slow[0].sql.contains("customers"));
    assert!(slow[0].place.at.file().ends_with("slow_log.rs"));
    assert!(log.to_string().contains("all at "));
}

#[test]
fn the_log_keeps_the_newest_thousand_and_counts_all() {
    let session = shop_of(1);
    let log = SlowLog::over(&session, Duration::ZERO);
    for _ in 0..1_200 {
        session.count(Customer::select()).unwrap();
    }
    assert_eq!((log.statements().len(), log.slow()), (1_000, 1_200));
}
