//! The count assertions pass, or fail with the statements, their places and the fix.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use eagerly::{Result, Tally, selectin};
use eagerly_watch::{
    assert_constant_queries, assert_max_queries, assert_no_n_plus_one, assert_no_queries, assert_queries,
};
use shop::{Customer, Order, page};

use crate::support::shop_of;

/// Runs `work`, which must panic, and returns the panic message.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
    match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

#[test]
fn a_passing_assertion_returns_the_value_of_its_body() -> Result<()> {
    let session = shop_of(5);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = assert_queries!(session, 3, session.all(Customer::select().with(path))?);
    let rows = assert_no_queries!(session, { page::rows(&customers)? });
    assert_max_queries!(&session, 4, session.count(Customer::select())?);
    assert_no_n_plus_one!(session, customers[0].orders()?);
    assert_eq!(rows.len(), 5);
    Ok(())
}

#[test]
fn a_failure_contains_the_counts_the_shapes_the_places_and_the_fix() {
    let session = shop_of(5);
    let words = panic_of(|| {
        assert_queries!(session, 3, {
            page::rows(&session.all(Customer::select()).unwrap()).unwrap();
        });
    });
    let words = words.replace('\\', "/");
    let ran = 1 + 5 + 15;
    assert!(words.starts_with(&format!("expected 3 statements, ran {ran}\n")), "{words}");
    for part in [
        r#"SELECT … FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id""#,
        "lazy Customer.orders at crates/shop/src/page.rs:31",
        "lazy Order.items at crates/shop/src/page.rs:34",
        ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))",
        "saves 18 of 21 statements",
    ] {
        assert!(words.contains(part), "no {part:?} in {words}");
    }
}

#[test]
fn every_assertion_can_fail() {
    let session = shop_of(5);
    let all = || session.all(Customer::select()).unwrap();
    let lazily = || all().iter().map(|customer| customer.orders().unwrap().len()).sum::<usize>();
    assert!(
        panic_of(|| drop(assert_queries!(session, 2, all()))).starts_with("expected 2 statements, ran 1")
    );
    assert!(
        panic_of(|| drop(assert_max_queries!(session, 0, all())))
            .starts_with("expected at most 0 statements, ran 1")
    );
    assert!(
        panic_of(|| drop(assert_no_queries!(session, all()))).starts_with("expected 0 statements, ran 1")
    );
    let words = panic_of(|| {
        assert_no_n_plus_one!(session, lazily());
    });
    assert!(words.starts_with("expected no N+1, found one in 6 statements"), "{words}");
    assert!(panic_of(|| drop(assert_queries!(session, -1, all()))).contains("-1 is not a valid number"));
}

#[test]
fn an_error_in_the_body_is_returned_and_the_count_is_not_checked() {
    fn fails(session: &eagerly::Session) -> Result<()> {
        assert_queries!(session, 3, session.execute("nonsense", [])?);
        Ok(())
    }
    let error = fails(&shop_of(1)).unwrap_err();
    assert!(error.to_string().contains("nonsense"), "{error}");
}

#[test]
fn a_panic_in_the_body_is_not_replaced() {
    let session = shop_of(1);
    let fails = || panic!("the body's own");
    let words = panic_of(|| assert_queries!(session, 3, fails()));
    assert_eq!(words, "the body's own");
}

/// A helper of the next test, which runs it in another process and reads its output.
#[test]
#[ignore = "fails on purpose; the next test runs it"]
fn a_body_that_panics_halfway() {
    let session = shop_of(1);
    assert_queries!(session, 3, {
        session.count(Customer::select()).unwrap();
        panic!("the body's own")
    });
}

#[test]
fn the_count_is_printed_after_the_panic_in_the_body() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "assertions::a_body_that_panics_halfway", "--nocapture"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let (own, count) = (words.find("the body's own"), words.find("expected 3 statements, ran 1"));
    assert!(own.is_some() && own < count, "{words}");
}

#[test]
fn a_constant_count_passes_at_every_size() {
    assert_constant_queries!([0, 1, 10, 100], |customers| -> Result<Tally> {
        let session = shop_of(customers);
        let tally = session.tally();
        session.all(Customer::select())?;
        Ok(tally)
    });
}

#[test]
fn a_growing_count_fails_and_lists_every_size() {
    let words = panic_of(|| {
        assert_constant_queries!([1, 10], |customers| {
            let session = shop_of(customers);
            let tally = session.tally();
            for customer in &session.all(Customer::select()).unwrap() {
                customer.orders().unwrap();
            }
            tally
        });
    });
    for part in ["at size 1: 2 statements", "at size 10: 11 statements", "lazy Customer.orders"] {
        assert!(words.contains(part), "no {part:?} in {words}");
    }
}

#[test]
fn fewer_than_two_sizes_are_rejected() {
    let work = |customers| {
        let session = shop_of(customers);
        session.tally()
    };
    let empty: [u32; 0] = [];
    for words in [
        panic_of(|| assert_constant_queries!([7, 7], work)),
        panic_of(|| assert_constant_queries!(empty, work)),
    ] {
        assert!(words.contains("needs two different sizes"), "{words}");
    }
}
