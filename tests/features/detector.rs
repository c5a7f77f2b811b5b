//! The detector reports the same on both databases: the chunks of a query are one origin, values in the text are
//! compared by shape, and the advice fits rows that were reloaded or queried by their keys.

use eagerly::{Dialect, Error, Result, Session, selectin};
use eagerly_watch::{Detector, Report};
use shop::{Customer, Order, Size};

use crate::support;

on_both!(
    a_lazy_access_in_each_chunk_is_an_n_plus_one,
    values_in_the_text_do_not_hide_a_loop,
    rows_that_are_queried_one_by_one_are_a_hint,
    reloaded_rows_are_to_be_loaded_again_together,
    a_preload_for_each_row_is_an_n_plus_one_and_one_for_all_rows_is_none,
    an_error_names_the_query_that_replaces_a_get,
);

fn shop_of(customers: u32) -> Session {
    support::filled(&Size { customers, orders: 3.0, items: 2.0, seed: 7 })
}

fn watched(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Report {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report()
}

fn a_lazy_access_in_each_chunk_is_an_n_plus_one() {
    let session = shop_of(41);
    for (size, statements) in [(1, 41), (10, 5), (50, 1)] {
        let report = watched(&session, |session| {
            session.chunks(Customer::select(), size, |customers| customers[0].orders().map(drop))
        });
        let found: Vec<_> =
            report.n_plus_one.iter().map(|finding| (finding.statements, finding.needed)).collect();
        let expected = if statements > 1 { vec![(statements, statements)] } else { Vec::new() };
        assert_eq!(found, expected, "chunks of {size}: {report}");
        let report = watched(&session, |session| {
            let query = Customer::select().with(selectin(Customer::ORDERS));
            session.chunks(query, size, |customers| match customers[0].id {
                1 => customers[0].orders().map(drop),
                _ => Ok(()),
            })
        });
        assert!(report.is_clean(), "the first chunk reads what is loaded: {report}");
    }
}

fn values_in_the_text_do_not_hide_a_loop() {
    let session = shop_of(5);
    let report = watched(&session, |session| {
        let text = |id: i64| match session.dialect() {
            Dialect::Postgres => format!("E'it\\'s {id}'"),
            _ => format!("'it''s {id}'"),
        };
        for id in 1..=6 {
            let ids: Vec<_> = (1..=id).map(|id| id.to_string()).collect();
            let sql = format!("UPDATE orders SET status = {} WHERE id IN ({})", text(id), ids.join(","));
            session.execute(&sql, [])?;
        }
        Ok(())
    });
    let similar: Vec<_> =
        report.similar.iter().map(|similar| (similar.sql.as_str(), similar.statements)).collect();
    assert_eq!(similar, [("UPDATE orders SET status = ? WHERE id IN (?)", 6)]);
    assert!(report.similar[0].has_written_values);
}

fn rows_that_are_queried_one_by_one_are_a_hint() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        (1..=10).try_for_each(|id| session.get::<Customer>(id)?.orders().map(drop))
    });
    assert!(report.is_clean(), "{report}");
    let words = report.to_string();
    assert!(
        words.contains("Hint, one by one: 10 rows of \"customers\", each queried alone by get at "),
        "{words}"
    );
    assert!(!words.contains("Hint, similar"), "the gets are told once: {words}");
}

fn reloaded_rows_are_to_be_loaded_again_together() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        let mut customers = session.all(Customer::select().with(selectin(Customer::ORDERS)))?;
        for customer in &mut customers {
            customer.orders()?;
            session.update(customer)?;
            customer.orders.reload();
            customer.orders()?;
        }
        Ok(())
    });
    let words = report.to_string();
    assert!(words.contains("\n      session.preload(&rows, selectin(Customer::ORDERS))?;"), "{words}");
    assert!(!words.contains(".with("), "the query has this path already: {words}");
}

fn a_preload_for_each_row_is_an_n_plus_one_and_one_for_all_rows_is_none() {
    let session = shop_of(10);
    let report = watched(&session, |session| {
        for customer in &session.all(Customer::select())? {
            session.preload([customer], selectin(Customer::ORDERS))?;
            customer.orders()?;
        }
        Ok(())
    });
    let words = report.to_string();
    assert_eq!((report.n_plus_one.len(), report.n_plus_one[0].saved()), (1, 9), "{words}");
    assert!(words.contains(
        "Call it once, with all rows:\n      session.preload(&rows, selectin(Customer::ORDERS))?;"
    ));
    assert!(!words.contains(".with("), "{words}");

    let report = watched(&session, |session| {
        let customers = session.all(Customer::select())?;
        session.preload(&customers, selectin(Customer::ORDERS).selectin(Order::ITEMS))?;
        customers
            .iter()
            .flat_map(|customer| customer.orders().unwrap())
            .try_for_each(|order| order.items().map(drop))?;
        session.chunks(Customer::select(), 4, |customers| {
            session.preload(&customers, selectin(Customer::ORDERS))?;
            customers.iter().try_for_each(|customer| customer.orders().map(drop))
        })
    });
    assert!(report.is_clean(), "{report}");

    // Only one row lacks the relation, and the program cannot know which.
    let report = watched(&session, |session| {
        let customers = session.all(Customer::select())?;
        customers[1..].iter().take(1).try_for_each(|customer| customer.orders().map(drop))?;
        session.preload(&customers[..2], selectin(Customer::ORDERS))?;
        customers[0].orders().map(drop)
    });
    assert!(report.is_clean(), "{report}");

    // The rows are of several cohorts, and only those of the last are accessed.
    let report = watched(&session, |session| {
        let customers: Vec<_> =
            [2, 3, 1].into_iter().map(|id| session.get::<Customer>(id)).collect::<Result<_>>()?;
        session.preload(&customers, selectin(Customer::ORDERS))?;
        customers[2].orders().map(drop)
    });
    assert!(report.is_clean(), "{report}");
}

fn an_error_names_the_query_that_replaces_a_get() {
    let session = shop_of(3);
    let customer = session.get::<Customer>(1).unwrap();
    session.close().unwrap();
    let error = customer.orders().unwrap_err();
    assert!(matches!(error, Error::Detached { .. }));
    let query =
        "`session.one(Customer::select().filter(Customer::ID.eq(key)).with(selectin(Customer::ORDERS)))`";
    let words = error.to_string();
    assert!(words.contains("\n  help: replace the `get` at ") && words.ends_with(query), "{words}");
}
