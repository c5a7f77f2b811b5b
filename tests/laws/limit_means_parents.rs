//! Law 5: a limit counts parents, and each parent has all of its children.

use eagerly::{joined, selectin};
use shop::{Customer, Order};

use crate::support::{graph, shop_of};

on_both!(
    a_limit_with_joined_counts_parents_and_loads_all_their_children,
    a_limit_keeps_the_order_of_the_parents,
    first_and_one_count_parents_too,
);

fn a_limit_with_joined_counts_parents_and_loads_all_their_children() {
    let session = shop_of(40);
    for (limit, offset) in [(0, 0), (1, 0), (10, 0), (10, 35), (7, 20), (100, 0)] {
        let query = || Customer::select().limit(limit).offset(offset);
        let lazy = session.all(query()).unwrap();
        let eager = query().with(joined(Customer::ORDERS).joined(Order::ITEMS));
        let tally = session.tally();
        let eager = session.all(eager).unwrap();
        assert_eq!(tally.statements(), 1);
        let expected = limit.min(40_u64.saturating_sub(offset)) as usize;
        assert_eq!(eager.len(), expected);
        assert_eq!(graph(&eager).unwrap(), graph(&lazy).unwrap());
    }
}

fn a_limit_keeps_the_order_of_the_parents() {
    let session = shop_of(40);
    let query = || Customer::select().order_by(Customer::LAST_NAME.desc()).limit(9);
    let lazy = graph(&session.all(query()).unwrap()).unwrap();
    let path = joined(Customer::ORDERS).joined(Order::ITEMS);
    assert_eq!(graph(&session.all(query().with(path)).unwrap()).unwrap(), lazy);
    let path = selectin(Customer::ORDERS).joined(Order::ITEMS);
    assert_eq!(graph(&session.all(query().with(path)).unwrap()).unwrap(), lazy);
}

fn first_and_one_count_parents_too() {
    let session = shop_of(5);
    let with = || Customer::select().with(joined(Customer::ORDERS));
    let first = session.first(with()).unwrap().unwrap();
    assert_eq!(first.orders().unwrap().len(), session.get::<Customer>(1).unwrap().orders().unwrap().len());
    let one = session.one(with().filter(Customer::ID.eq(2))).unwrap();
    assert_eq!(one.id, 2);
}
