//! Accesses: what loads, what is loaded again, and what is refused.

use eagerly::{Strategy, batch, selectin};
use shop::{Customer, page};

use crate::support::shop_of;

on_both!(
    reload_discards_the_loaded_rows_of_one_parent_only,
    raise_names_the_relation_both_places_and_the_fix,
    a_default_of_batch_fixes_a_page_without_changing_it,
    a_batch_that_fails_can_be_tried_again,
);

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
