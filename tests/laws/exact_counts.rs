//! Law 2: a formula determines the number of statements, and the session's count equals the database's own.

use eagerly::{Dialect, Kind, RelationExt as _, Select, Session, joined, selectin, subquery};
use shop::{Customer, Order, OrderItem};

use crate::support::{Auditor, graph, shop_of};

on_both!(
    lazy_sends_one_statement_plus_one_for_each_customer_and_order,
    selectin_sends_one_statement_for_each_relation,
    joined_sends_one_statement,
    the_report_sends_one_statement,
    loaded_rows_are_not_loaded_again,
    the_rows_read_are_counted,
    the_count_of_the_session_equals_the_count_of_the_database,
    sibling_collections_multiply_rows_but_not_objects,
);

fn page(session: &Session, query: Select<Customer>) {
    let customers = session.all(query).unwrap();
    shop::page::rows(&customers).unwrap();
}

fn lazy_sends_one_statement_plus_one_for_each_customer_and_order() {
    for size in [0, 1, 5, 60] {
        let session = shop_of(size);
        let orders = session.count(Order::select()).unwrap();
        let tally = session.tally();
        page(&session, Customer::select());
        assert_eq!(tally.statements(), 1 + u64::from(size) + orders);
        assert_eq!(tally.of_kind(Kind::Access), u64::from(size) + orders);
        assert_eq!(tally.control(), 0);
    }
}

fn selectin_sends_one_statement_for_each_relation() {
    let session = shop_of(60);
    let tally = session.tally();
    page(&session, Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert_eq!(tally.statements(), 3);
    assert_eq!(tally.of_kind(Kind::Eager), 2);
    assert_eq!(tally.control(), 2, "BEGIN and COMMIT");
}

fn joined_sends_one_statement() {
    let session = shop_of(60);
    let tally = session.tally();
    page(&session, Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS)));
    assert_eq!(tally.statements(), 1);
    assert_eq!(tally.control(), 0);
}

fn the_report_sends_one_statement() {
    let session = shop_of(60);
    let tally = session.tally();
    let report = shop::page::report(&session).unwrap();
    assert_eq!(tally.statements(), 1);
    assert_eq!(report, shop::page::rows(&session.all(Customer::select()).unwrap()).unwrap());
}

fn loaded_rows_are_not_loaded_again() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let first = graph(&customers).unwrap();
    let tally = session.tally();
    assert_eq!(graph(&customers).unwrap(), first);
    assert_eq!(tally.statements(), 0);
}

fn the_rows_read_are_counted() {
    let session = shop_of(20);
    let rows = [
        session.count(Customer::select()).unwrap(),
        session.count(Order::select()).unwrap(),
        session.count(OrderItem::select()).unwrap(),
    ];
    let tally = session.tally();
    page(&session, Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert_eq!(tally.rows(), rows.iter().sum::<u64>());
}

/// Reads and writes in many ways.
pub(crate) fn work_of_all_kinds(session: &Session) {
    page(session, Customer::select());
    page(session, Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    page(session, Customer::select().with(subquery(Customer::ORDERS).batch(Order::ITEMS)));
    page(session, Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS)));
    page(session, Customer::select().with(joined(Customer::ORDERS).selectin(Order::ITEMS)).limit(3));
    let orders = session.all(Order::select()).unwrap();
    session.preload(&orders[..9], selectin(Order::CUSTOMER).selectin(Customer::ORDERS)).unwrap();
    session.preload(&orders, (joined(Order::ITEMS), selectin(Order::CUSTOMER))).unwrap();
    session.preload(&orders, selectin(Order::ITEMS)).unwrap();
    session.figures(&orders, (Order::ITEMS.count(), Order::ITEMS.max(OrderItem::ID))).unwrap();
    shop::page::report(session).unwrap();
    session.get::<Customer>(1).unwrap();
    session.exists(Customer::select()).unwrap();
    let work = |session: &Session| {
        session.execute("UPDATE orders SET status = 'open'", [])?;
        session.transaction(|session| session.execute("DELETE FROM order_items", []))
    };
    session.transaction(work).unwrap();
}

fn the_count_of_the_session_equals_the_count_of_the_database() {
    let session = shop_of(30);
    let auditor = Auditor::of(&session);
    let before = session.statements();
    let tally = session.tally();
    work_of_all_kinds(&session);
    // Neither counts a statement that cannot be prepared.
    session.execute("SELECT nonsense FROM nowhere", []).unwrap_err();
    if session.dialect() == Dialect::Sqlite {
        // Both count one that fails later. PostgreSQL's view leaves out what fails.
        session.execute("INSERT INTO orders VALUES (1, 999999, '', '')", []).unwrap_err();
    }

    assert_eq!(session.statements() - before, auditor.count());
    assert_eq!(tally.statements() + tally.control(), auditor.count());
}

#[test]
fn the_steps_of_a_trigger_do_not_count_as_statements() {
    let session = shop_of(3);
    session
        .execute(
            "CREATE TRIGGER touched AFTER UPDATE ON customers BEGIN
                 UPDATE orders SET status = 'open' WHERE customer_id = new.id;
             END",
            [],
        )
        .unwrap();
    let auditor = Auditor::of(&session);
    let tally = session.tally();
    session.execute("UPDATE customers SET email = 'new'", []).unwrap();
    assert_eq!((tally.statements(), auditor.count()), (1, 1));
}

fn sibling_collections_multiply_rows_but_not_objects() {
    let session = crate::support::empty_shop();
    crate::support::add_customer(&session, 1, "a");
    for order in 1..=3 {
        crate::support::add_order(&session, order, 1);
    }
    // Two collections side by side: the items of the order, and the orders of its customer.
    let item = |id, order| crate::support::add_item(&session, id, order);
    (1..=4).for_each(|id| item(id, 1));
    let query = Order::select()
        .filter(Order::ID.eq(1))
        .with(joined(Order::ITEMS))
        .with(joined(Order::CUSTOMER).joined(Customer::ORDERS));
    let tally = session.tally();
    let order = session.one(query).unwrap();
    assert_eq!(order.items().unwrap().len(), 4);
    assert_eq!(order.customer().unwrap().orders().unwrap().len(), 3);
    assert_eq!(tally.statements(), 1);
    assert_eq!(tally.rows(), 4 * 3);
    assert_eq!(tally.objects(), 1 + 4 + 1 + 3);
}
