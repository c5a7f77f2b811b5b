//! Law 6: an unloaded relation is never presented as an empty one.

use eagerly::{BelongsTo, Error, HasMany, selectin};
use shop::{Customer, Order};

use crate::databases::empty;
use crate::support::{add_customer, add_order, empty_shop, shop_of};

on_both!(
    an_access_after_close_is_an_error_that_names_the_relation_both_lines_and_the_fix,
    the_fix_for_a_nested_relation_is_the_whole_path_at_the_root_query,
    loaded_rows_stay_readable_after_the_session_is_closed,
    reading_a_relation_of_an_entity_built_by_hand_is_an_error,
    printing_an_entity_sends_no_statement_and_distinguishes_unloaded_from_empty,
    a_dangling_key_is_an_error_that_names_it,
);

fn by_hand() -> Order {
    Order {
        id: 0,
        customer_id: 1,
        placed_on: "2026-11-22".to_owned(),
        status: "open".to_owned(),
        customer: BelongsTo::default(),
        items: HasMany::default(),
    }
}

fn an_access_after_close_is_an_error_that_names_the_relation_both_lines_and_the_fix() {
    let session = shop_of(3);
    let customers = session.all(Customer::select()).unwrap();
    let queried = line!() - 1;
    session.close().unwrap();
    let error = customers[0].orders().unwrap_err();
    let accessed = line!() - 1;
    assert!(matches!(error, Error::Detached { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "Customer.orders, accessed at {file}:{accessed}, is not loaded, and its session is closed\n  \
             help: add `.with(selectin(Customer::ORDERS))` to the query at {file}:{queried}",
            file = file!(),
        )
    );
}

fn the_fix_for_a_nested_relation_is_the_whole_path_at_the_root_query() {
    let session = shop_of(3);
    let customers = session.all(Customer::select()).unwrap();
    let orders = customers[0].orders().unwrap();
    drop(session);
    let error = orders[0].items().unwrap_err().to_string();
    assert!(error.contains(".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))"), "{error}");
}

fn loaded_rows_stay_readable_after_the_session_is_closed() {
    let session = shop_of(3);
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    let count = session.count(Order::select()).unwrap();
    session.close().unwrap();
    let orders: usize = customers.iter().map(|customer| customer.orders().unwrap().len()).sum();
    assert_eq!(orders as u64, count);
}

fn reading_a_relation_of_an_entity_built_by_hand_is_an_error() {
    let order = by_hand();
    assert!(matches!(order.items(), Err(Error::Unattached { .. })));
    assert!(matches!(order.customer(), Err(Error::Unattached { .. })));
    assert!(!order.items.is_loaded());
}

fn printing_an_entity_sends_no_statement_and_distinguishes_unloaded_from_empty() {
    let session = empty_shop();
    add_customer(&session, 1, "a");
    let customer = session.get::<Customer>(1).unwrap();
    let tally = session.tally();
    assert!(format!("{customer:?}").contains("orders: (not loaded)"));
    assert_eq!(tally.statements(), 0);
    customer.orders().unwrap();
    assert!(format!("{customer:?}").contains("orders: []"));
}

fn a_dangling_key_is_an_error_that_names_it() {
    let session = empty();
    // The table has no foreign key constraint, as in many real databases.
    for sql in [
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, placed_on TEXT, status TEXT)",
    ] {
        session.execute(sql, []).unwrap();
    }
    add_order(&session, 1, 77);
    for query in [
        Order::select(),
        Order::select().with(selectin(Order::CUSTOMER)),
        Order::select().with(eagerly::joined(Order::CUSTOMER)),
    ] {
        let orders = session.all(query).unwrap();
        let error = orders[0].customer().unwrap_err();
        assert!(matches!(error, Error::Dangling { .. }));
        assert!(error.to_string().contains("\"customer_id\" is 77, but no row of \"customers\""), "{error}");
    }
}
