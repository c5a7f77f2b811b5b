//! `session.preload` loads relations of rows that are there already: the graph of lazy loading (law 1), by one statement for
//! each relation (law 2), for whichever rows.

use eagerly::{
    Error, HasMany, Kind, RelationExt as _, Result, Session, Strategy, batch, by, immediate, joined, lazy,
    raise, selectin,
};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};
use shop::{Customer, Order, OrderItem};

use crate::databases::cases;
use crate::support::{Auditor, graph, order_graph, shop_of};

on_both!(
    each_relation_takes_one_statement_for_any_number_of_rows,
    rows_of_several_cohorts_are_loaded_together,
    what_is_loaded_is_not_loaded_again,
    what_is_missing_below_loaded_rows_is_added,
    a_join_below_loaded_rows_is_a_statement_in_the_same_snapshot,
    what_waits_for_an_access_below_waits_below_all_rows,
    rows_with_new_keys_are_preloaded_for_these,
    a_reload_after_a_preload_of_all_rows_loads_what_is_below,
    some_rows_of_a_cohort_leave_the_others_unloaded,
    strategies_that_wait_for_an_access_load_nothing_and_change_nothing,
    immediate_sends_a_statement_for_each_row,
    a_row_that_is_passed_twice_is_loaded_once,
    parts_are_preloaded_beside_the_whole,
    the_defaults_of_a_query_hold_below_preloaded_rows,
    rows_that_cannot_be_preloaded_are_an_error,
    a_preload_that_fails_can_be_tried_again,
    any_rows_preloaded_by_any_strategies_have_the_graph_of_lazy,
);

/// Returns what `work` returns, and the numbers of statements and of transaction control that it sends. The database counts
/// the same.
fn counted<T>(session: &Session, work: impl FnOnce() -> Result<T>) -> (T, [u64; 2]) {
    let auditor = Auditor::of(session);
    let tally = session.tally();
    let done = work().unwrap();
    assert_eq!(auditor.count(), tally.statements() + tally.control());
    (done, [tally.statements(), tally.control()])
}

fn items(orders: &[Order]) -> usize {
    orders.iter().map(|order| order.items().unwrap().len()).sum()
}

fn each_relation_takes_one_statement_for_any_number_of_rows() {
    for size in [0, 1, 2, 60] {
        let session = shop_of(size);
        let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
        let customers = session.all(Customer::select()).unwrap();
        let path = selectin(Customer::ORDERS).with((selectin(Order::ITEMS), joined(Order::CUSTOMER)));
        let ((), sent) = counted(&session, || session.preload(&customers, path));
        let several = u64::from(size > 0);
        assert_eq!(sent, [2 * several, 2 * several], "the orders with their customers, and the items");
        let (read, sent) = counted(&session, || graph(&customers));
        assert_eq!((read, sent), (expected, [0, 0]));
    }
}

fn rows_of_several_cohorts_are_loaded_together() {
    let session = shop_of(20);
    let customers = session.all(Customer::select()).unwrap();
    let more = session.all(Order::select().filter(Order::ID.le(10))).unwrap();
    let orders = || customers.iter().flat_map(|customer| customer.orders().unwrap()).chain(&more);
    let expected = orders().count();
    assert_eq!(expected, 60 + 10);
    let ((), sent) = counted(&session, || session.preload(orders(), selectin(Order::ITEMS)));
    assert_eq!(sent, [1, 0], "the orders are of 21 cohorts");
    let (read, sent) = counted(&session, || orders().map(order_items).collect::<Result<Vec<_>>>());
    assert_eq!((read.len(), sent), (expected, [0, 0]));
    for (order, items) in orders().zip(read) {
        assert!(items.iter().all(|owner| *owner == order.id));
    }
}

fn order_items(order: &Order) -> Result<Vec<i64>> {
    Ok(order.items()?.iter().map(|item| item.order_id).collect())
}

fn what_is_loaded_is_not_loaded_again() {
    let session = shop_of(20);
    let customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let ((), sent) = counted(&session, || session.preload(&customers, path()));
    assert_eq!(sent, [1, 2], "the items only");
    let ((), sent) = counted(&session, || session.preload(&customers, path()));
    assert_eq!(sent, [0, 0]);
    let first = customers[0].orders().unwrap().as_ptr();
    session.preload(&customers, selectin(Customer::ORDERS)).unwrap();
    assert_eq!(customers[0].orders().unwrap().as_ptr(), first, "the rows that were there stay");
}

fn what_is_missing_below_loaded_rows_is_added() {
    let session = shop_of(20);
    let customers = session.all(Customer::select()).unwrap();
    // Every second customer has its orders, and some of these have their items.
    for customer in customers.iter().step_by(2) {
        for order in customer.orders().unwrap().iter().step_by(3) {
            order.items().unwrap();
        }
    }
    let path = selectin(Customer::ORDERS).with((selectin(Order::ITEMS), selectin(Order::CUSTOMER)));
    let ((), sent) = counted(&session, || session.preload(&customers, path));
    assert_eq!(sent, [3, 2], "one statement for each relation");
    let (read, sent) = counted(&session, || graph(&customers));
    assert_eq!(sent, [0, 0]);
    assert_eq!(read, graph(&session.all(Customer::select()).unwrap()).unwrap());
}

fn what_waits_for_an_access_below_waits_below_all_rows() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    let path = selectin(Customer::ORDERS).with((batch(Order::ITEMS), raise(Order::CUSTOMER)));
    session.preload(&customers, path).unwrap();
    let orders: Vec<_> = customers[1..].iter().flat_map(|customer| customer.orders().unwrap()).collect();
    assert!(matches!(orders[0].customer(), Err(Error::Raised { .. })));
    let items = || orders.iter().map(|order| order.items()).collect::<Result<Vec<_>>>();
    assert_eq!(counted(&session, items).1, [1, 0]);
}

fn rows_with_new_keys_are_preloaded_for_these() {
    let session = shop_of(5);
    let mut orders = session.all(Order::select().with(selectin(Order::CUSTOMER))).unwrap();
    for order in &mut orders {
        order.customer_id = order.customer_id % 5 + 1;
    }
    assert_eq!(counted(&session, || session.preload(&orders, selectin(Order::CUSTOMER))).1, [1, 0]);
    let right = || {
        orders.iter().map(|order| Ok(order.customer()?.id == order.customer_id)).collect::<Result<Vec<_>>>()
    };
    let (right, sent) = counted(&session, right);
    assert!(right.iter().all(|right| *right));
    assert_eq!(sent, [0, 0]);
}

fn a_reload_after_a_preload_of_all_rows_loads_what_is_below() {
    let session = shop_of(5);
    let mut customers = session.all(Customer::select()).unwrap();
    session.preload(&customers, selectin(Customer::ORDERS).selectin(Order::ITEMS)).unwrap();
    customers[0].orders.reload();
    let read = || customers[0].orders()?.iter().map(|order| order.items()).collect::<Result<Vec<_>>>();
    assert_eq!(counted(&session, read).1, [2, 2]);
}

fn a_join_below_loaded_rows_is_a_statement_in_the_same_snapshot() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    customers[0].orders().unwrap();
    let path = selectin(Customer::ORDERS).joined(Order::ITEMS);
    assert_eq!(counted(&session, || session.preload(&customers, path)).1, [2, 2]);
}

fn some_rows_of_a_cohort_leave_the_others_unloaded() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    session.preload(&customers[3..5], selectin(Customer::ORDERS).selectin(Order::ITEMS)).unwrap();
    let loaded: Vec<_> = customers.iter().map(|customer| customer.orders.is_loaded()).collect();
    assert_eq!(loaded.iter().filter(|loaded| **loaded).count(), 2);
    assert!(loaded[3] && loaded[4]);
    let (orders, sent) = counted(&session, || customers[5].orders());
    assert_eq!(sent, [1, 0], "an access to another row loads its orders, not their items");
    assert!(orders.iter().all(|order| !order.items.is_loaded()));
}

fn strategies_that_wait_for_an_access_load_nothing_and_change_nothing() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let wait = || session.preload(&customers, (lazy(Customer::ORDERS), batch(Customer::ORDERS)));
    assert_eq!(counted(&session, wait).1, [0, 0]);
    assert_eq!(counted(&session, || session.preload(&customers, raise(Customer::ORDERS))).1, [0, 0]);
    let (_, sent) = counted(&session, || graph(&customers));
    assert_eq!(sent[0], 10 + 30 + 30, "each relation is loaded lazily");

    // Below rows that are preloaded, they hold.
    let customers = session.all(Customer::select()).unwrap();
    session
        .preload(&customers, selectin(Customer::ORDERS).with((batch(Order::ITEMS), raise(Order::CUSTOMER))))
        .unwrap();
    let orders: Vec<_> = customers.iter().flat_map(|customer| customer.orders().unwrap()).collect();
    let batched = counted(&session, || orders.iter().map(|order| order.items()).collect::<Result<Vec<_>>>());
    assert_eq!(batched.1, [1, 0]);
    assert!(matches!(orders[0].customer(), Err(Error::Raised { .. })));
}

fn immediate_sends_a_statement_for_each_row() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let ((), sent) =
        counted(&session, || session.preload(&customers, immediate(Customer::ORDERS).selectin(Order::ITEMS)));
    assert_eq!(sent[1], 2);
    let with_orders = customers.iter().filter(|customer| !customer.orders().unwrap().is_empty()).count();
    assert_eq!(sent[0], 10 + with_orders as u64);
}

fn a_row_that_is_passed_twice_is_loaded_once() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    for strategy in [Strategy::Selectin, Strategy::Immediate] {
        let orders = session.all(Order::select().limit(3)).unwrap();
        let twice = orders.iter().chain(&orders);
        let ((), sent) = counted(&session, || session.preload(twice, by(strategy, Order::ITEMS)));
        assert_eq!(sent[0], if strategy == Strategy::Selectin { 1 } else { 3 });
        assert_eq!(counted(&session, || Ok(items(&orders))).1, [0, 0]);
    }
    session.preload(customers.iter().rev().chain(&customers), selectin(Customer::ORDERS)).unwrap();
    assert!(
        customers.iter().all(|customer| customer
            .orders()
            .unwrap()
            .iter()
            .all(|o| o.customer_id == customer.id))
    );
}

fn parts_are_preloaded_beside_the_whole() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open"));
    let ((), sent) =
        counted(&session, || session.preload(&customers[..7], selectin(open()).selectin(Order::ITEMS)));
    assert_eq!(sent, [2, 2]);
    for (position, customer) in customers.iter().enumerate() {
        let Some(part) = customer.orders.part() else {
            assert!(position >= 7);
            continue;
        };
        assert!(part.iter().all(|order| order.status == "open" && order.items.is_loaded()));
        let whole = customer.orders().unwrap();
        assert_eq!(part.len(), whole.iter().filter(|order| order.status == "open").count());
    }
    let again = session.preload(&customers, selectin(open())).unwrap_err();
    assert!(matches!(again, Error::TwoParts { .. }), "{again}");
    session.preload(&customers[7..], selectin(open())).unwrap();
    let shipped = Customer::ORDERS.filter(Order::STATUS.eq("shipped"));
    let fresh = session.all(Customer::select()).unwrap();
    let two = session.preload(&fresh, (selectin(open()), selectin(shipped))).unwrap_err();
    assert!(matches!(two, Error::TwoParts { .. }), "{two}");
    session
        .preload(&fresh, (selectin(open()).selectin(Order::ITEMS), selectin(open()).joined(Order::CUSTOMER)))
        .unwrap();
    let orders = fresh.iter().flat_map(|customer| customer.orders.part().unwrap());
    assert!(
        orders.clone().count() > 0 && orders.clone().all(|o| o.items.is_loaded() && o.customer.is_loaded())
    );

    let all = session.all(Customer::select()).unwrap();
    session.preload(&all, selectin(open())).unwrap();
    assert!(all.iter().all(|customer| customer.orders.part().is_some()));
}

fn the_defaults_of_a_query_hold_below_preloaded_rows() {
    let session = shop_of(5);
    for default in [Strategy::Raise, Strategy::Batch, Strategy::Selectin] {
        let customers = session.all(Customer::select().default(default).limit(3)).unwrap();
        let eager = default == Strategy::Selectin;
        let ((), sent) = counted(&session, || session.preload(&customers, selectin(Customer::ORDERS)));
        assert_eq!(sent[0], if eager { 0 } else { 1 }, "{default}");
        let orders: Vec<_> = customers.iter().flat_map(|customer| customer.orders().unwrap()).collect();
        let tally = session.tally();
        for order in orders {
            assert_eq!(order.items().is_err(), default == Strategy::Raise);
        }
        assert_eq!(tally.statements(), u64::from(default == Strategy::Batch), "{default}");
    }
}

fn rows_that_cannot_be_preloaded_are_an_error() {
    let (session, another) = (shop_of(3), shop_of(3));
    let customers = another.all(Customer::select()).unwrap();
    let error = session.preload(&customers, selectin(Customer::ORDERS)).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("preloading Customer.orders at "), "{message}");
    assert!(message.contains("the rows are not from this session\n  help: "), "{message}");
    another.close().unwrap();
    assert!(session.preload(&customers, selectin(Customer::ORDERS)).is_err());
    let by_hand = Order {
        id: 1,
        customer_id: 1,
        placed_on: String::new(),
        status: String::new(),
        customer: Default::default(),
        items: HasMany::default(),
    };
    let error = session.preload([&by_hand], selectin(Order::ITEMS)).unwrap_err();
    assert!(matches!(error, Error::Unattached { .. }), "{error}");
}

fn a_preload_that_fails_can_be_tried_again() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    session.execute("ALTER TABLE order_items RENAME TO things", []).unwrap();
    let path = || selectin(Customer::ORDERS).selectin(Order::ITEMS);
    assert!(session.preload(&customers, path()).is_err());
    assert!(customers.iter().all(|customer| !customer.orders.is_loaded()), "nothing of it is kept");
    session.execute("ALTER TABLE things RENAME TO order_items", []).unwrap();
    assert_eq!(counted(&session, || session.preload(&customers, path())).1, [2, 2]);
    assert_eq!(
        counted(&session, || graph(&customers)).1[0],
        15,
        "only the customers of the orders were missing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]

    fn any_rows_preloaded_by_any_strategies_have_the_graph_of_lazy(
        query in prop::sample::select(crate::shared::yielding()),
        (orders, items, customer) in (
            prop::sample::select(crate::shared::yielding()),
            prop::sample::select(crate::shared::yielding()),
            prop::sample::select(crate::shared::yielding()),
        ),
        accessed in prop::collection::vec(any::<bool>(), 12),
        preloaded in prop::collection::vec(0_usize..12, 0..20),
    ) {
        let session = shop_of(12);
        let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
        let customers = session.all(Customer::select().with(by(query, Customer::ORDERS))).unwrap();
        for (customer, _) in customers.iter().zip(&accessed).filter(|(_, accessed)| **accessed) {
            for order in customer.orders().unwrap().iter().step_by(2) {
                order.items().unwrap();
            }
        }
        let path = by(orders, Customer::ORDERS).with((by(items, Order::ITEMS), by(customer, Order::CUSTOMER)));
        session.preload(preloaded.iter().map(|row| &customers[*row]), path).unwrap();
        if [orders, items, customer].iter().all(|strategy| strategy.is_eager()) {
            let tally = session.tally();
            for row in &preloaded {
                for order in customers[*row].orders().unwrap() {
                    order_graph(order).unwrap();
                }
            }
            prop_assert_eq!(tally.of_kind(Kind::Access), 0);
        }
        prop_assert!(graph(&customers).unwrap() == expected);
    }
}

/// Items have no relation to many rows, so `OrderItem::ORDER` leads back.
#[test]
fn a_function_that_receives_rows_preloads_what_it_needs() {
    let session = shop_of(10);
    fn customers_of(session: &Session, items: &[OrderItem]) -> Result<Vec<i64>> {
        session.preload(items, selectin(OrderItem::ORDER).selectin(Order::CUSTOMER))?;
        items.iter().map(|item| Ok(item.order()?.customer()?.id)).collect()
    }
    let items = session.all(OrderItem::select()).unwrap();
    let (customers, sent) = counted(&session, || customers_of(&session, &items[..40]));
    assert_eq!((customers.len(), sent), (40, [2, 2]));
}
