//! Law 9: a failed load leaves no partially loaded relation.

use eagerly::{Error, joined, selectin};
use shop::{Customer, Order};

use crate::support::{graph, heal, shop_of, spoil};

on_both!(
    a_lazy_load_that_fails_in_its_last_row_can_be_tried_again,
    an_eager_load_that_fails_leaves_the_session_usable,
);

fn a_lazy_load_that_fails_in_its_last_row_can_be_tried_again() {
    let session = shop_of(20);
    let customers = session.all(Customer::select()).unwrap();
    let customer = customers.iter().find(|customer| customer.id == 1).unwrap();
    session.execute("UPDATE orders SET customer_id = 1", []).unwrap();
    spoil(&session, "orders", "placed_on");

    let error = customer.orders().unwrap_err();
    assert!(matches!(error, Error::Decode { record: "Order", column: "placed_on", .. }), "{error}");
    assert!(!customer.orders.is_loaded());

    heal(&session, "orders", "placed_on", "'2026-11-22'");
    assert_eq!(customer.orders().unwrap().len() as u64, session.count(Order::select()).unwrap());
}

fn an_eager_load_that_fails_leaves_the_session_usable() {
    let session = shop_of(20);
    spoil(&session, "order_items", "quantity");
    let query = |eager: bool| match eager {
        true => Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)),
        false => Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS)),
    };
    for eager in [true, false] {
        let error = session.all(query(eager)).unwrap_err();
        assert!(matches!(error, Error::Decode { record: "OrderItem", .. }), "{error}");
    }
    heal(&session, "order_items", "quantity", "1");
    let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
    for eager in [true, false] {
        assert_eq!(graph(&session.all(query(eager)).unwrap()).unwrap(), expected);
    }
}
