//! Tests of aggregates, plans, chunks, snapshots, `reload`, `raise`, and the rights of observers.

#[macro_use]
mod support;

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::{
    Dialect, Error, Event, Failure, Observation, Observer, RelationExt as _, Session, Strategy, Tally, batch,
    by, joined, lazy, params, raise, selectin, subquery,
};
use shop::{Customer, Order, OrderItem, Size, data, page};
use support::databases::{self, another, current, empty, execute};
use support::shop_of;

on_both!(
    aggregates_for_each_parent_equal_those_of_the_page_with_one_statement,
    aggregates_work_with_filters_limits_and_eager_loading,
    an_aggregate_that_does_not_fit_is_an_error,
    chunks_send_one_statement_and_one_for_each_relation_of_each_chunk,
    a_page_in_a_snapshot_sees_one_state_and_a_later_access_sees_another,
    a_commit_between_chunks_stays_when_the_loop_ends_early,
    objects_built_in_chunks_are_counted_once,
    an_access_that_sends_several_statements_uses_one_snapshot,
    reload_discards_the_loaded_rows_of_one_parent_only,
    raise_names_the_relation_both_places_and_the_fix,
    a_default_of_batch_fixes_a_page_without_changing_it,
    a_batch_that_fails_can_be_tried_again,
    an_interrupted_load_fails_and_leaves_the_session_usable,
    a_transaction_that_its_closure_ends_commits_nothing,
    closing_a_session_with_an_open_transaction_is_an_error,
    an_observer_that_panics_ends_only_the_load,
    an_observer_may_send_statements_and_detach_observers_including_itself,
);

fn aggregates_for_each_parent_equal_those_of_the_page_with_one_statement() {
    let session = shop_of(30);
    let page = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    let tally = session.tally();
    let figures = session
        .all_with(
            Customer::select(),
            (
                Customer::ORDERS.count(),
                Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE)),
                Customer::ORDERS.then(Order::ITEMS).count(),
                Customer::ORDERS.max(Order::PLACED_ON),
            ),
        )
        .unwrap();
    assert_eq!(tally.statements(), 1);
    for ((customer, (orders, total, items, latest)), row) in figures.iter().zip(&page) {
        assert_eq!((*orders, *total), (row.orders, row.total));
        let loaded = customer.orders().unwrap();
        assert_eq!(*items as usize, loaded.iter().map(|order| order.items().unwrap().len()).sum::<usize>());
        assert_eq!(*latest, loaded.iter().map(|order| order.placed_on.clone()).max());
    }
    assert_eq!(figures.len(), 30);
    assert!(figures.iter().any(|(_, (orders, _, _, latest))| *orders == 0 && latest.is_none()));
}

fn aggregates_work_with_filters_limits_and_eager_loading() {
    let session = shop_of(30);
    for limit in [None, Some(4)] {
        for strategy in &support::yielding() {
            let mut query = Customer::select()
                .filter(Customer::ID.gt(5))
                .order_by(Customer::LAST_NAME)
                .with(by(*strategy, Customer::ORDERS));
            if let Some(limit) = limit {
                query = query.limit(limit);
            }
            let figures = session.all_with(query, Customer::ORDERS.count()).unwrap();
            assert_eq!(figures.len(), limit.unwrap_or(25) as usize);
            for (customer, orders) in figures {
                assert!(customer.id > 5);
                assert_eq!(customer.orders().unwrap().len() as i64, orders, "{strategy}");
            }
        }
    }
    let least = session.all_with(Order::select().limit(7), Order::ITEMS.min(OrderItem::UNIT_PRICE)).unwrap();
    for (order, least) in least {
        assert_eq!(least, order.items().unwrap().iter().map(|item| item.unit_price).min());
    }
}

fn an_aggregate_that_does_not_fit_is_an_error() {
    let session = shop_of(3);
    execute(&session, "UPDATE order_items SET quantity = ?1", params![i64::MAX]).unwrap();
    assert!(session.all_with(Order::select(), Order::ITEMS.sum(OrderItem::QUANTITY)).is_err());
}

#[test]
fn a_plan_lists_the_statements_and_sends_none() {
    let session = shop_of(10);
    let before = session.statements();
    let tally = session.tally();
    let formula = |query: eagerly::Select<Customer>| query.plan(&session).unwrap().formula();
    assert_eq!(formula(Customer::select()), "1");
    assert_eq!(
        formula(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS))),
        "1 + 1 + 1"
    );
    assert_eq!(formula(Customer::select().with(subquery(Customer::ORDERS).batch(Order::ITEMS))), "1 + 1 + 1");
    assert_eq!(
        formula(Customer::select().with(lazy(Customer::ORDERS).lazy(Order::ITEMS))),
        "1 + customers + orders"
    );
    assert_eq!(
        formula(Customer::select().with(lazy(Customer::ORDERS).selectin(Order::ITEMS))),
        "1 + customers + customers"
    );
    assert_eq!(formula(Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS))), "1");
    assert_eq!(formula(Customer::select().with(raise(Customer::ORDERS))), "1");
    assert_eq!((session.statements(), tally.statements()), (before, 0));

    let plan = Customer::select().limit(5).with(selectin(Customer::ORDERS)).plan(&session).unwrap();
    assert_eq!(
        plan.to_string(),
        "\
1. Customer
   SELECT \"id\", \"first_name\", \"last_name\", \"email\" FROM \"customers\" ORDER BY \"id\" LIMIT ?1
   keyed by: nothing
   statements: 1
   SQLite: SCAN customers
2. Customer.orders, by selectin
   SELECT \"id\", \"customer_id\", \"placed_on\", \"status\" FROM \"orders\" WHERE \"customer_id\" IN (SELECT +value FROM rarray(?1)) ORDER BY \"customer_id\", \"id\"
   keyed by: the keys of all rows of \"customers\"
   statements: 1
   SQLite: SEARCH orders USING INDEX orders_customer_id (customer_id=?)
   SQLite: LIST SUBQUERY 1
   SQLite:   SCAN rarray VIRTUAL TABLE INDEX 1:
Total: 1 + 1 statements"
    );
    let sql = Customer::select().filter(Customer::LAST_NAME.eq("x")).limit(5).to_sql();
    assert!(sql.ends_with("WHERE \"last_name\" = ?1 ORDER BY \"id\" LIMIT ?2"), "{sql}");
}

fn chunks_send_one_statement_and_one_for_each_relation_of_each_chunk() {
    let session = shop_of(25);
    let expected = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    for size in [0, 1, 7, 25, 100] {
        for strategy in [Strategy::Selectin, Strategy::Subquery, Strategy::Joined, Strategy::Batch] {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            let mut rows = Vec::new();
            let mut chunks = 0;
            let tally = session.tally();
            session
                .chunks(Customer::select().with(path), size, |customers| {
                    assert!(customers.len() <= size.max(1));
                    chunks += 1;
                    rows.extend(page::rows(&customers)?);
                    Ok(())
                })
                .unwrap();
            assert_eq!(rows, expected, "{strategy} by {size}");
            assert_eq!(chunks, 25_u64.div_ceil(size.max(1) as u64));
            if size > 1 && strategy != Strategy::Joined {
                assert_eq!(tally.statements(), 1 + chunks * 2, "{strategy} by {size}");
            }
        }
    }
    let mut calls = 0;
    let stopped = session.chunks(Customer::select(), 10, |_| {
        calls += 1;
        Err(Error::other("enough"))
    });
    assert_eq!((stopped.unwrap_err().to_string().as_str(), calls), ("enough", 1));
    session.chunks(Customer::select().limit(0), 10, |_| unreachable!("there is no chunk")).unwrap();
}

fn a_page_in_a_snapshot_sees_one_state_and_a_later_access_sees_another() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.db");
    let is_sqlite = current() == Dialect::Sqlite;
    let session = if is_sqlite { Session::open(&file).unwrap() } else { empty() };
    if is_sqlite {
        session.execute("PRAGMA journal_mode = WAL", []).unwrap();
    }
    data::fill(&session, &Size { customers: 10, ..Size::default() }, |_| {}).unwrap();
    let other = if is_sqlite { Session::open(&file).unwrap() } else { another(&session) };
    let (customers, seen) = session
        .snapshot(|session| {
            let customers = session.all(Customer::select())?;
            let first = customers[0].orders()?.len();
            other.execute("DELETE FROM order_items", [])?;
            other.execute("DELETE FROM orders", [])?;
            let all: usize = customers[1..].iter().map(|customer| customer.orders().unwrap().len()).sum();
            Ok((customers, first + all))
        })
        .unwrap();
    assert_eq!(seen, 100);
    let mut customers = customers;
    for customer in &mut customers {
        customer.orders.reload();
        assert!(customer.orders().unwrap().is_empty());
    }
}

fn a_commit_between_chunks_stays_when_the_loop_ends_early() {
    let session = shop_of(20);
    let mut chunks = 0;
    let walk = session.chunks(Customer::select().with(selectin(Customer::ORDERS)), 5, |customers| {
        chunks += 1;
        if chunks == 3 {
            return Err(Error::other("enough"));
        }
        session.transaction(|session| {
            customers.iter().try_for_each(|customer| {
                let sql = "UPDATE customers SET email = 'seen' WHERE id = ?1";
                execute(session, sql, params![customer.id]).map(drop)
            })
        })
    });
    assert!(walk.is_err());
    assert_eq!(session.count(Customer::select().filter(Customer::EMAIL.eq("seen"))).unwrap(), 10);
    session.transaction(|session| session.execute("DELETE FROM order_items", [])).unwrap();
}

fn objects_built_in_chunks_are_counted_once() {
    let session = shop_of(20);
    let tally = session.tally();
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    session.chunks(Customer::select().with(path), 6, |_| Ok(())).unwrap();
    assert_eq!(tally.objects(), 20 + 200 + 600);
    assert_eq!(tally.rows(), 20 + 200 + 600);
}

fn an_access_that_sends_several_statements_uses_one_snapshot() {
    let session = shop_of(5);
    let customers =
        session.all(Customer::select().with(lazy(Customer::ORDERS).selectin(Order::ITEMS))).unwrap();
    let with_orders = customers.iter().position(|customer| {
        session.exists(Order::select().filter(Order::CUSTOMER_ID.eq(customer.id))).unwrap()
    });
    let tally = session.tally();
    customers[with_orders.unwrap()].orders().unwrap();
    assert_eq!((tally.statements(), tally.control()), (2, 2));
}

fn reload_discards_the_loaded_rows_of_one_parent_only() {
    let session = shop_of(5);
    let mut customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    let before: Vec<_> = customers.iter().map(|customer| customer.orders().unwrap().len()).collect();
    let sql = "INSERT INTO orders SELECT id + 1000, id, '2026-11-22', 'open' FROM customers";
    session.execute(sql, []).unwrap();
    assert_eq!(customers[0].orders().unwrap().len(), before[0], "the old rows, because nothing was reloaded");
    customers[0].orders.reload();
    let tally = session.tally();
    assert!(!customers[0].orders.is_loaded());
    assert_eq!(customers[0].orders().unwrap().len(), before[0] + 1);
    assert_eq!(customers[1].orders().unwrap().len(), before[1]);
    assert_eq!(tally.statements(), 1);
}

fn raise_names_the_relation_both_places_and_the_fix() {
    let session = shop_of(3);
    session.default_strategy(Strategy::Raise);
    let query = Customer::select().with(selectin(Customer::ORDERS));
    let queried = line!() + 1;
    let customers = session.all(query).unwrap();
    let mut orders = customers.iter().flat_map(|customer| customer.orders().unwrap());
    let order = orders.next().unwrap();
    let accessed = line!() + 1;
    let error = order.items().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Order.items, accessed at {file}:{accessed}, is not loaded, and must not be loaded lazily (its strategy is `raise`)\n  \
             help: add `.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))` to the query at {file}:{queried}",
            file = file!(),
        )
    );
}

fn a_default_of_batch_fixes_a_page_without_changing_it() {
    let session = shop_of(40);
    let expected = page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    session.default_strategy(Strategy::Batch);
    let tally = session.tally();
    assert_eq!(page::rows(&session.all(Customer::select()).unwrap()).unwrap(), expected);
    assert_eq!(tally.statements(), 3);
}

fn a_batch_that_fails_can_be_tried_again() {
    let session = shop_of(20);
    let customers = session.all(Customer::select().with(batch(Customer::ORDERS))).unwrap();
    session.execute("ALTER TABLE orders RENAME TO purchases", []).unwrap();
    assert!(customers[0].orders().is_err());
    assert!(customers.iter().all(|customer| !customer.orders.is_loaded()));
    session.execute("ALTER TABLE purchases RENAME TO orders", []).unwrap();
    let tally = session.tally();
    let orders: usize = customers.iter().map(|customer| customer.orders().unwrap().len()).sum();
    assert_eq!((orders, tally.statements()), (200, 1));
}

fn an_interrupted_load_fails_and_leaves_the_session_usable() {
    let session = shop_of(5);
    let interrupter = session.interrupter().unwrap();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO orders SELECT i, 1, '', '' FROM n WHERE i < 0";
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        interrupter.interrupt();
    });
    let error = session.execute(endless, []).unwrap_err();
    stopper.join().unwrap();
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

/// Panics when the items are read, and again at the `ROLLBACK`.
struct Budget;

impl Observer for Budget {
    fn statement(&self, event: &Event<'_>) {
        assert!(!event.sql.contains("order_items") && event.sql != "ROLLBACK", "too many");
    }
}

fn an_observer_that_panics_ends_only_the_load() {
    let session = shop_of(3);
    let observation = session.observe(Rc::new(Budget));
    let load = || session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(load)).is_err());
    drop(observation);
    assert_eq!(load().unwrap().len(), 3, "the snapshot was closed, and another can begin");
}

/// Sends another statement after each statement, and holds a tally of the same session.
struct Nosy {
    session: Rc<Session>,
    _tally: Tally,
    detach: RefCell<Option<Observation>>,
}

impl Observer for Nosy {
    fn statement(&self, _: &Event<'_>) {
        self.session.count(Customer::select()).unwrap();
        self.detach.take();
    }
}

fn an_observer_may_send_statements_and_detach_observers_including_itself() {
    let session = Rc::new(shop_of(3));
    let victim = session.observe(Rc::new(Budget));
    let nosy = Rc::new(Nosy {
        session: Rc::clone(&session),
        _tally: session.tally(),
        detach: RefCell::new(Some(victim)),
    });
    let itself = session.observe(nosy.clone());
    let tally = session.tally();
    session.count(Order::select()).unwrap();
    nosy.detach.replace(Some(itself));
    session.count(Order::select()).unwrap();
    session.count(Order::select()).unwrap();
    assert_eq!(tally.statements(), 3, "observers see no statement of an observer");
    drop(nosy);
    session.count(Order::select()).unwrap();
    assert_eq!(tally.statements(), 4);
}
