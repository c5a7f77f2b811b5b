//! Load paths that meet: two paths of one query that go through the same part of a relation.

use eagerly::{Error, LoadPath, Part, RelationExt as _, Session, joined, selectin};
use shop::{Customer, Order, OrderItem, customer};

use crate::support::shop_of;

on_both!(
    two_paths_through_one_part_load_it_once,
    parts_with_another_condition_order_or_limit_are_two_parts,
    two_parts_stay_an_error_where_their_paths_are_merged_with_another,
);

fn open() -> Part<customer::Orders> {
    Customer::ORDERS.filter(Order::STATUS.eq("open")).order_by(Order::PLACED_ON.desc()).limit_each(2)
}

fn two_paths_through_one_part_load_it_once() {
    let session = shop_of(20);
    let query = Customer::select()
        .with(selectin(open()).selectin(Order::ITEMS))
        .with(selectin(open()).joined(Order::CUSTOMER))
        .with(selectin(open()));
    assert_eq!(query.plan(&session).unwrap().formula(), "1 + 1 + 1");

    let query = Customer::select()
        .with(selectin(open()).selectin(Order::ITEMS))
        .with(selectin(open()).joined(Order::CUSTOMER));
    let tally = session.tally();
    let customers = session.all(query).unwrap();
    assert_eq!(tally.statements(), 3);
    let orders: Vec<_> = customers.iter().flat_map(|customer| customer.orders.part().unwrap()).collect();
    assert!(!orders.is_empty());
    assert!(orders.iter().all(|order| order.items.is_loaded() && order.customer.is_loaded()));

    let both = (selectin(open()).selectin(Order::ITEMS), selectin(open()).joined(Order::CUSTOMER));
    let customers = session.load(Customer::select(), both).unwrap();
    assert_eq!(customers.rows().len(), 20);
}

fn failure(session: &Session, one: impl LoadPath<Customer>, other: impl LoadPath<Customer>) -> Error {
    session.all(Customer::select().with(one).with(other)).unwrap_err()
}

fn parts_with_another_condition_order_or_limit_are_two_parts() {
    let session = shop_of(5);
    for other in [
        open().filter(Order::ID.gt(3)),
        open().filter(Order::ID.in_([1, 2])),
        open().order_by(Order::STATUS),
        open().limit_each(3),
        Customer::ORDERS.filter(Order::STATUS.eq("shipped")).order_by(Order::PLACED_ON.desc()).limit_each(2),
        Customer::ORDERS.filter(Order::STATUS.eq("open")).order_by(Order::PLACED_ON).limit_each(2),
        open().order_by(Order::ITEMS.count()),
        open().filter(Order::ITEMS.count().gt(1)),
    ] {
        let error = failure(&session, selectin(open()), selectin(other).selectin(Order::ITEMS));
        assert!(matches!(error, Error::TwoParts { .. }), "{error}");
    }
}

/// The two parts are below the orders, and another path leads to the orders, too.
fn two_parts_stay_an_error_where_their_paths_are_merged_with_another() {
    let session = shop_of(5);
    let one = || selectin(Order::ITEMS.filter(OrderItem::QUANTITY.gt(1)));
    let other = || selectin(Order::ITEMS.filter(OrderItem::QUANTITY.gt(2)));
    let two = || selectin(Customer::ORDERS).with((one(), other()));
    for error in [
        failure(&session, joined(Customer::ORDERS), two()),
        failure(&session, selectin(Customer::ORDERS).with(one()), two()),
        failure(&session, two(), joined(Customer::ORDERS)),
    ] {
        assert!(matches!(error, Error::TwoParts { .. }), "{error}");
    }
}
