//! Law 9: a failed load leaves no partially loaded relation.

use eagerly::{Error, joined, selectin};
use shop::{Customer, Order};

use crate::support::{graph, shop_of};

#[test]
fn a_lazy_load_that_fails_in_its_last_row_can_be_tried_again() {
    let session = shop_of(20);
    let customers = session.all(Customer::select()).unwrap();
    let customer = customers.iter().find(|customer| customer.id == 1).unwrap();
    session.execute("UPDATE orders SET customer_id = 1", []).unwrap();
    let last = "UPDATE orders SET status = ?1 WHERE id = (SELECT max(id) FROM orders)";
    session.execute(last, eagerly::params![vec![0_u8]]).unwrap();

    let error = customer.orders().unwrap_err();
    assert!(matches!(error, Error::Decode { record: "Order", column: "status", .. }), "{error}");
    assert!(!customer.orders.is_loaded());

    session.execute(last, eagerly::params!["open"]).unwrap();
    assert_eq!(customer.orders().unwrap().len() as u64, session.count(Order::select()).unwrap());
}

#[test]
fn an_eager_load_that_fails_leaves_the_session_usable() {
    let session = shop_of(20);
    let spoil = "UPDATE order_items SET quantity = ?1 WHERE id = (SELECT max(id) FROM order_items)";
    session.execute(spoil, eagerly::params!["many"]).unwrap();
    let query = |eager: bool| match eager {
        true => Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)),
        false => Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS)),
    };
    for eager in [true, false] {
        let error = session.all(query(eager)).unwrap_err();
        assert!(matches!(error, Error::Decode { record: "OrderItem", .. }), "{error}");
    }
    session.execute(spoil, eagerly::params![1]).unwrap();
    let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
    for eager in [true, false] {
        assert_eq!(graph(&session.all(query(eager)).unwrap()).unwrap(), expected);
    }
}
