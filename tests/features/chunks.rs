//! Chunks and snapshots: many rows in pieces, and several statements that see one state.

use eagerly::{Dialect, Error, Session, Strategy, by, lazy, params, selectin};
use shop::{Customer, Order, Size, data, page};

use crate::databases::{another, current, empty, execute};
use crate::support::shop_of;

on_both!(
    chunks_send_one_statement_and_one_for_each_relation_of_each_chunk,
    a_page_in_a_snapshot_sees_one_state_and_a_later_access_sees_another,
    a_commit_between_chunks_stays_when_the_loop_ends_early,
    objects_built_in_chunks_are_counted_once,
    an_access_that_sends_several_statements_uses_one_snapshot,
);

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
