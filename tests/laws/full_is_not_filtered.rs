//! Law 7: a collection loaded through a filter (a part) is never returned as the whole collection.

use eagerly::{Error, RelationExt as _, selectin};
use shop::{Customer, Order, OrderItem};

use crate::support::{graph, shop_of};

on_both!(
    a_part_and_the_whole_collection_are_kept_apart,
    the_latest_three_of_each_are_loaded_by_one_statement_and_no_others,
    a_part_can_be_filtered_sorted_and_limited_at_once,
    two_parts_of_one_relation_in_one_query_are_an_error,
    a_condition_on_related_rows_selects_parents_and_keeps_their_collections_whole,
);

fn a_part_and_the_whole_collection_are_kept_apart() {
    let session = shop_of(40);
    let whole = graph(&session.all(Customer::select()).unwrap()).unwrap();
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open"));
    let customers = session.all(Customer::select().with(selectin(open()))).unwrap();
    let tally = session.tally();
    let mut found = 0;
    for customer in &customers {
        let part = customer.orders.part().unwrap();
        found += part.len();
        assert!(part.iter().all(|order| order.status == "open"));
        assert!(!customer.orders.is_loaded());
    }
    assert_eq!(tally.statements(), 0);
    assert_eq!(found as u64, session.count(Order::select().filter(Order::STATUS.eq("open"))).unwrap());
    assert!(found > 0);
    assert_eq!(graph(&customers).unwrap(), whole, "the accessor returns all");

    let both =
        Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)).with(selectin(open()));
    let customers = session.all(both).unwrap();
    let tally = session.tally();
    let sums = customers
        .iter()
        .map(|customer| (customer.orders().unwrap().len(), customer.orders.part().unwrap().len()));
    let (all, part) = sums.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    assert_eq!(tally.statements(), 0);
    assert_eq!((all as u64, part), (session.count(Order::select()).unwrap(), found));
}

fn the_latest_three_of_each_are_loaded_by_one_statement_and_no_others() {
    let session = shop_of(40);
    let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(3);
    let tally = session.tally();
    let customers = session.all(Customer::select().with(selectin(latest).selectin(Order::ITEMS))).unwrap();
    assert_eq!(tally.statements(), 3);
    let mut parts = 0;
    for customer in &customers {
        let part: Vec<_> = customer.orders.part().unwrap().iter().map(|order| order.id).collect();
        let mut all: Vec<_> =
            customer.orders().unwrap().iter().map(|order| (&order.placed_on, order.id)).collect();
        all.sort_by(|(day, id), (other_day, other_id)| other_day.cmp(day).then(id.cmp(other_id)));
        assert_eq!(part, all.iter().take(3).map(|(_, id)| *id).collect::<Vec<_>>());
        parts += part.len();
    }
    let shapes = tally.shapes();
    let fetched = shapes.iter().find(|shape| shape.sql.contains("row_number")).unwrap();
    assert_eq!(fetched.rows, parts as u64);
    assert_eq!(session.count(OrderItem::select()).unwrap(), 240);
}

fn a_part_can_be_filtered_sorted_and_limited_at_once() {
    let session = shop_of(40);
    let part = Customer::ORDERS.filter(Order::STATUS.ne("open")).order_by(Order::ID.desc()).limit_each(1);
    for customer in session.all(Customer::select().with(selectin(part))).unwrap() {
        let expected = customer.orders().unwrap().iter().rev().find(|order| order.status != "open");
        let part = customer.orders.part().unwrap();
        assert_eq!(part.first().map(|order| order.id), expected.map(|order| order.id));
        assert!(part.len() <= 1);
    }
}

fn two_parts_of_one_relation_in_one_query_are_an_error() {
    let session = shop_of(3);
    let part = |status: &str| selectin(Customer::ORDERS.filter(Order::STATUS.eq(status)));
    let error = session.all(Customer::select().with(part("open")).with(part("shipped"))).unwrap_err();
    assert!(matches!(error, Error::TwoParts { .. }), "{error}");
}

fn a_condition_on_related_rows_selects_parents_and_keeps_their_collections_whole() {
    let session = shop_of(40);
    let any_open = || Customer::select().filter(Customer::ORDERS.any(Order::STATUS.eq("open")));
    let whole = graph(&session.all(Customer::select()).unwrap()).unwrap();
    let expected: Vec<_> = session
        .all(Customer::select())
        .unwrap()
        .iter()
        .zip(&whole)
        .filter(|(customer, _)| customer.orders().unwrap().iter().any(|order| order.status == "open"))
        .map(|(_, graph)| graph.clone())
        .collect();
    assert!(!expected.is_empty() && expected.len() < whole.len());
    for strategy in &crate::shared::yielding() {
        let path = eagerly::by(*strategy, Customer::ORDERS).by(*strategy, Order::ITEMS);
        assert_eq!(graph(&session.all(any_open().with(path)).unwrap()).unwrap(), expected, "{strategy}");
    }
    let none = session.count(Customer::select().filter(!Customer::ORDERS.any(Order::ID.gt(0)))).unwrap();
    let childless = whole.iter().filter(|(_, _, orders)| orders.is_empty()).count();
    assert_eq!(none, childless as u64);
    let deep = Customer::ORDERS.any(Order::ITEMS.any(OrderItem::QUANTITY.ge(5)));
    let expected = whole.iter().filter(|(_, _, orders)| !orders.is_empty()).count() as u64;
    assert!(session.count(Customer::select().filter(deep)).unwrap() < expected);
}
