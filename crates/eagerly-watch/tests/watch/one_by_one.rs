//! Rows that are queried one by one, and whose relations are then accessed, are a hint about both lines.

use eagerly::{RelationExt as _, Result, Session};
use eagerly_watch::{Detector, Report};
use shop::{Customer, Order};

use crate::support::shop_of;

fn watched(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Report {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report()
}

#[test]
fn gets_in_a_loop_are_a_hint_with_both_lines_and_the_query_to_write() {
    let session = shop_of(40);
    let report = watched(&session, |session| {
        for id in 1..=40 {
            let customer = session.get::<Customer>(id)?;
            customer.orders()?;
        }
        Ok(())
    });
    assert!(report.is_clean(), "it is no proof: {report}");
    let hint = &report.one_by_one[0];
    assert_eq!(
        (report.one_by_one.len(), hint.rows, hint.relation.to_string().as_str()),
        (1, 40, "Customer.orders")
    );
    let place = format!("crates/eagerly-watch/tests/watch/one_by_one.rs:{}", hint.origin.line());
    let access = format!("crates/eagerly-watch/tests/watch/one_by_one.rs:{}", hint.origin.line() + 1);
    let words = report.to_string().replace('\\', "/");
    assert_eq!(
        words,
        format!(
            "No N+1 in 80 statements.\n\n\
             Hint, one by one: 40 rows of \"customers\", each queried alone by get at {place}\n  \
             Customer.orders       40 statements, accessed at {access}\n  \
             If this is a loop, query the rows and their relations together:\n      \
             let query = Customer::select().filter(Customer::ID.in_(keys));\n      \
             session.all(query.with(selectin(Customer::ORDERS)))?\n  \
             If each row belongs to a different request, nothing is wrong."
        )
    );
}

#[test]
fn four_rows_are_not_a_hint_and_five_are() {
    let session = shop_of(10);
    let rows = |count: i64| {
        let report = watched(&session, |session| {
            (1..=count).try_for_each(|id| session.get::<Customer>(id)?.orders().map(drop))
        });
        report.one_by_one.len()
    };
    assert_eq!((rows(4), rows(5)), (0, 1));
}

#[test]
fn queries_for_one_row_are_a_hint_too() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        for id in 1..=10 {
            let customer = session.first(Customer::select().filter(Customer::ID.eq(id)))?.unwrap();
            customer.orders()?;
            let customer = session.one(Customer::select().filter(Customer::ID.eq(id)))?;
            customer.orders()?;
        }
        Ok(())
    });
    let words = report.to_string();
    for call in ["alone by first at", "alone by one at"] {
        assert!(words.contains(call), "{words}");
    }
    assert_eq!(words.matches("let query = Customer::select().filter(…);").count(), 2, "{words}");
}

#[test]
fn relations_below_the_row_are_part_of_the_path() {
    let session = shop_of(10);
    session.execute("DELETE FROM order_items", []).unwrap();
    session.execute("DELETE FROM orders", []).unwrap();
    session.execute("INSERT INTO orders SELECT id, id, '2026-11-22', 'open' FROM customers", []).unwrap();
    let report = watched(&session, |session| {
        for id in 1..=10 {
            session.get::<Customer>(id)?.orders()?[0].items()?;
        }
        Ok(())
    });
    assert_eq!(report.one_by_one.len(), 2);
    let words = report.to_string();
    assert!(
        words.contains("session.all(query.with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?"),
        "{words}"
    );
}

#[test]
fn an_n_plus_one_below_each_row_is_a_finding_and_not_a_hint() {
    let session = shop_of(10);
    let query = Customer::select().filter(Customer::ORDERS.any(Order::ID.gt(0)));
    let ids: Vec<_> = session.all(query).unwrap().iter().map(|customer| customer.id).collect();
    let report = watched(&session, |session| {
        for id in &ids {
            for order in session.get::<Customer>(*id)?.orders()? {
                order.items()?;
            }
        }
        Ok(())
    });
    assert_eq!(report.n_plus_one.len(), 1, "{report}");
    let hints: Vec<_> = report.one_by_one.iter().map(|hint| hint.relation.to_string()).collect();
    assert!(hints.contains(&"Customer.orders".to_owned()), "{report}");
    let of_many = session.count(Order::select()).unwrap();
    assert!(report.n_plus_one[0].statements > of_many / 2, "{report}");
}

#[test]
fn pages_of_several_rows_are_no_rows_one_by_one() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        for page in 0..10 {
            let rows = session.all(Customer::select().limit(2).offset(page))?;
            rows[0].orders()?;
        }
        Ok(())
    });
    assert!(report.one_by_one.is_empty(), "{report}");
}

#[test]
fn the_fix_for_a_row_that_was_queried_by_its_key_is_another_query() {
    let session = shop_of(10);
    let detector = Detector::refusing(&session);
    let ids = Order::select().filter(Order::CUSTOMER_ID.eq(busy_customer(&session)));
    assert!(session.count(ids).unwrap() > 1);
    let customer = session.get::<Customer>(busy_customer(&session)).unwrap();
    let orders = customer.orders().unwrap();
    orders[0].items().unwrap();
    let refused = orders[1].items().unwrap_err().to_string();
    let query = "Customer::select().filter(Customer::ID.eq(key))";
    let path = ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))";
    assert!(refused.contains("\n  help: replace the `get` at crates"), "{refused}");
    assert!(refused.ends_with(&format!(" by `session.one({query}{path})`")), "{refused}");
    let words = detector.report().to_string();
    assert!(
        words.contains(&format!("\n      let query = {query};\n      session.one(query{path})?")),
        "{words}"
    );
}

/// Returns the key of the customer with the most orders.
fn busy_customer(session: &Session) -> i64 {
    let figures = session.all_with(Customer::select(), Customer::ORDERS.count()).unwrap();
    let busiest = figures.into_iter().max_by_key(|(_, orders)| *orders);
    busiest.unwrap().0.id
}
