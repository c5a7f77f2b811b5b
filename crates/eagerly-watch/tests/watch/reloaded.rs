//! Rows that are reloaded one by one: the advice is not the load path that the query has, and one row is no N+1.

use eagerly::{Error, Result, Session, Strategy, batch, immediate, joined, raise, selectin};
use eagerly_watch::{Detector, Report};
use shop::{Customer, Order};

use crate::support::{Buyer, shop_of};

fn watched(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Report {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report()
}

#[test]
fn the_advice_for_reloaded_rows_is_to_load_them_again_together() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        let mut customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
        for customer in &mut customers {
            assert!(customer.orders()?.len() < 1_000);
            customer.orders.reload();
        }
        for customer in &customers {
            for order in customer.orders()? {
                order.items()?;
            }
        }
        Ok(())
    });
    let findings: Vec<_> = report
        .n_plus_one
        .iter()
        .map(|finding| (finding.statements, finding.needed, finding.is_reloaded))
        .collect();
    let orders = session.count(Order::select()).unwrap();
    assert_eq!(findings, [(10, 1, true), (orders, 1, true)]);
    let words = report.to_string();
    assert!(
        words.contains(
            "\n      session.preload(&rows, selectin(Customer::ORDERS).selectin(Order::ITEMS))?;\n"
        ),
        "{words}"
    );
    assert!(!words.contains(".with("), "{words}");
    assert!(words.contains("This saves 38 of 42 statements."), "{words}");
}

#[test]
fn the_path_begins_at_the_reloaded_row() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        for buyer in &session.all(Buyer::select().with(joined(Buyer::ORDERS)))? {
            for mut order in buyer.orders()?.to_vec() {
                order.items.reload();
                order.items()?;
            }
        }
        Ok(())
    });
    let finding = &report.n_plus_one[0];
    assert_eq!((finding.load_path.as_str(), finding.is_reloaded), ("selectin(Purchase::ITEMS)", true));
}

#[test]
fn rows_of_the_query_and_reloaded_rows_have_different_fixes() {
    let session = shop_of(6);
    let report = watched(&session, |session| {
        let mut customers = session.all(Customer::select())?;
        for customer in &mut customers {
            customer.orders()?;
            customer.orders.reload();
            customer.orders()?;
        }
        Ok(())
    });
    let mut fixes: Vec<_> =
        report.n_plus_one.iter().map(|finding| (finding.is_reloaded, finding.statements)).collect();
    fixes.sort_unstable();
    assert_eq!(fixes, [(false, 6), (true, 6)]);
    let words = report.to_string();
    assert_eq!(
        (words.matches(".with(").count(), words.matches("session.preload(").count()),
        (1, 1),
        "{words}"
    );
}

#[test]
fn each_round_of_reloading_needs_a_statement() {
    let session = shop_of(6);
    let report = watched(&session, |session| {
        let mut customers = session.all(Customer::select())?;
        for _ in 0..3 {
            for customer in &mut customers {
                customer.orders.reload();
                customer.orders()?;
            }
        }
        Ok(())
    });
    assert_eq!((report.n_plus_one[0].statements, report.n_plus_one[0].needed), (18, 3));
}

#[test]
fn an_error_for_a_reloaded_row_advises_to_load_it_again() {
    let session = shop_of(3);
    let mut customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    customers[0].orders.reload();
    let detector = Detector::refusing(&session);
    customers[0].orders().unwrap();
    customers[1].orders.reload();
    let refused = customers[1].orders().unwrap_err().to_string();
    drop(detector);
    session.close().unwrap();
    let detached = customers[1].orders().unwrap_err();
    assert!(matches!(detached, Error::Detached { .. }));
    for words in [refused, detached.to_string()] {
        let help = "\n  help: load the relation for all rows together, after they are reloaded or get new keys: \
                    `session.preload(&rows, selectin(Customer::ORDERS))`";
        assert!(words.ends_with(help), "{words}");
    }
}

/// Runs `work` with one customer who has one order, and asserts that nothing is an N+1.
#[track_caller]
fn assert_one_row_is_no_n_plus_one(work: impl FnOnce(&Session, Customer) -> Result<()>) {
    let session = shop_of(1);
    session.execute("DELETE FROM order_items WHERE order_id > 1", []).unwrap();
    session.execute("DELETE FROM orders WHERE id > 1", []).unwrap();
    let report = watched(&session, |session| work(session, session.get(1)?));
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[test]
fn one_row_at_two_lines_is_not_an_n_plus_one() {
    assert_one_row_is_no_n_plus_one(|_, mut customer| {
        customer.orders()?;
        customer.orders.reload();
        customer.orders()?;
        let mut copy = customer.orders.clone();
        copy.reload();
        customer.orders = copy;
        customer.orders().map(drop)
    });
}

#[test]
fn a_row_below_a_reloaded_row_is_one_row() {
    assert_one_row_is_no_n_plus_one(|_, mut customer| {
        for _ in 0..3 {
            customer.orders()?[0].items()?;
            customer.orders.reload();
        }
        customer.orders()?[0].items().map(drop)
    });
    // The items are loaded up front, at each reload.
    assert_one_row_is_no_n_plus_one(|session, mut customer| {
        session.default_strategy(Strategy::Immediate);
        for _ in 0..3 {
            customer.orders()?;
            customer.orders.reload();
        }
        Ok(())
    });
}

#[test]
fn a_row_that_was_loaded_up_front_and_reloaded_is_one_row() {
    assert_one_row_is_no_n_plus_one(|session, _| {
        let mut customer = session.one(Customer::select().with(immediate(Customer::ORDERS)))?;
        customer.orders()?;
        customer.orders.reload();
        customer.orders().map(drop)
    });
}

#[test]
fn a_batch_and_one_reloaded_row_are_not_an_n_plus_one() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        let mut customers = session.all(Customer::select().with(batch(Customer::ORDERS)))?;
        customers[0].orders()?;
        customers[3].orders.reload();
        customers[3].orders().map(drop)
    });
    assert!(report.n_plus_one.is_empty(), "{report}");
}

#[test]
fn a_refused_row_that_is_tried_again_is_one_row() {
    let session = shop_of(3);
    let detector = Detector::refusing(&session);
    let mut customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    customers[0].orders.reload();
    assert!(customers[0].orders().is_ok(), "the first row may be loaded again");
    assert!(detector.report().n_plus_one.is_empty(), "{}", detector.report());
    let query = Customer::select().with(raise(Customer::ORDERS));
    let raising = session.all(query).unwrap();
    assert!(raising[0].orders().is_err() && raising[0].orders().is_err());
    assert!(detector.report().n_plus_one.is_empty(), "{}", detector.report());
}
