//! Typed views: the type guarantees that a relation is loaded, and the statements are those of the accessors.

#[macro_use]
mod support;

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::path::LoadPath;
use eagerly::{
    BelongsTo, Entity, Error, Event, HasMany, HasOne, Loads, Observer, RelationExt as _, Session, View, by,
    immediate, joined, lazy, selectin, subquery,
};
use eagerly_watch::Detector;
use proptest::prelude::*;
use shop::{Customer, Order, OrderItem, Size, order, page};
use support::databases::{self, empty};

on_both!(
    relations_side_by_side_are_loaded_at_any_depth,
    four_relations_fit_side_by_side_and_each_path_can_continue,
    a_part_stays_a_part_and_can_be_loaded_beside_the_whole,
    a_function_can_require_a_loaded_relation_by_type,
    reading_a_view_counts_as_an_access,
    a_dangling_key_is_an_error_of_the_load_and_not_of_the_view,
    a_load_path_that_contradicts_itself_is_an_error,
    the_load_path_of_load_overrides_that_of_the_query,
    a_view_has_the_size_of_a_reference,
    a_relation_below_a_part_must_be_loaded_too,
);

fn shop_of(customers: u32, seed: u64) -> Session {
    let size = Size { customers, seed, ..Size::default() };
    support::filled(&size)
}

/// Returns the texts of the statements that `work` sends, and its result.
fn sent<T>(session: &Session, work: impl FnOnce() -> T) -> (Vec<String>, T) {
    struct Texts(RefCell<Vec<String>>);
    impl Observer for Texts {
        fn statement(&self, event: &Event<'_>) {
            self.0.borrow_mut().push(event.sql.to_owned());
        }
    }
    let texts = Rc::new(Texts(RefCell::default()));
    let observation = session.observe(Rc::clone(&texts) as Rc<dyn Observer>);
    let result = work();
    drop(observation);
    (texts.0.take(), result)
}

macro_rules! same_as_dynamic {
    ($session:expr, $($outer:ident $inner:ident),*) => {$(
        let path = || $outer(Customer::ORDERS).$inner(Order::ITEMS);
        let (typed_sql, typed) = sent($session, || {
            page::loaded_rows(&$session.load(Customer::select(), path()).unwrap()).unwrap()
        });
        let (dynamic_sql, dynamic) = sent($session, || {
            page::rows(&$session.all(Customer::select().with(path())).unwrap()).unwrap()
        });
        let name = concat!(stringify!($outer), " then ", stringify!($inner));
        prop_assert_eq!(typed, dynamic, "{}", name);
        prop_assert_eq!(typed_sql, dynamic_sql, "{}", name);
    )*};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn views_return_the_page_of_the_accessors_with_the_same_statements(customers in 0_u32..40, seed in 0_u64..1_000) {
        let session = shop_of(customers, seed);
        same_as_dynamic!(
            &session,
            selectin selectin, selectin joined, selectin subquery, selectin immediate,
            joined selectin, joined joined, joined subquery, joined immediate,
            subquery selectin, subquery joined, subquery subquery, subquery immediate,
            immediate selectin, immediate joined, immediate subquery, immediate immediate
        );
    }
}

fn relations_side_by_side_are_loaded_at_any_depth() {
    let session = shop_of(20, 1);
    let below = (selectin(Order::ITEMS), joined(Order::CUSTOMER));
    let customers = session.load(Customer::select(), selectin(Customer::ORDERS).with(below)).unwrap();
    let tally = session.tally();
    let mut items = 0;
    for customer in &customers {
        for order in customer.get(Customer::ORDERS) {
            assert_eq!(order.get(Order::CUSTOMER).id, customer.id);
            items += order.get(Order::ITEMS).len();
        }
    }
    assert_eq!(tally.statements(), 0);
    assert_eq!(items as u64, session.count(OrderItem::select()).unwrap());
}

fn four_relations_fit_side_by_side_and_each_path_can_continue() {
    #[derive(Debug, Entity)]
    #[entity(table = "nodes")]
    struct Node {
        #[entity(key)]
        id: i64,
        a: i64,
        b: i64,
        c: i64,
        d: Option<i64>,
        #[entity(key = "a")]
        first: BelongsTo<Node>,
        #[entity(key = "b")]
        second: BelongsTo<Node>,
        #[entity(key = "c")]
        third: BelongsTo<Node>,
        #[entity(key = "d")]
        fourth: BelongsTo<Node>,
        #[entity(foreign_key = "d")]
        from: HasOne<Node>,
    }
    let session = empty();
    session
        .execute("CREATE TABLE nodes (id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL, c INTEGER NOT NULL, d INTEGER)", [])
        .unwrap();
    session
        .execute("INSERT INTO nodes VALUES (1, 1, 2, 3, NULL), (2, 2, 3, 1, 1), (3, 3, 1, 2, 2)", [])
        .unwrap();
    let path = (
        selectin(Node::FIRST),
        selectin(Node::SECOND).selectin(Node::THIRD),
        joined(Node::THIRD),
        (subquery(Node::FOURTH), selectin(Node::FROM)),
    );
    let nodes = session.load(Node::select(), path).unwrap();
    let tally = session.tally();
    let seen: Vec<_> = nodes
        .iter()
        .map(|node| {
            (
                node.get(Node::FIRST).id,
                node.get(Node::SECOND).get(Node::THIRD).id,
                node.get(Node::THIRD).id,
                node.get(Node::FOURTH).map(|fourth| fourth.id),
                node.get(Node::FROM).map(|from| from.id),
            )
        })
        .collect();
    assert_eq!(seen, [(1, 1, 3, None, Some(2)), (2, 2, 1, Some(1), Some(3)), (3, 3, 2, Some(2), None)]);
    assert_eq!(tally.statements(), 0);
}

fn a_part_stays_a_part_and_can_be_loaded_beside_the_whole() {
    let session = shop_of(30, 1);
    let latest = Customer::ORDERS.order_by(Order::PLACED_ON.desc()).limit_each(2);
    let path = (selectin(latest).selectin(Order::ITEMS), selectin(Customer::ORDERS));
    let customers = session.load(Customer::select(), path).unwrap();
    let tally = session.tally();
    for customer in &customers {
        let (all, latest) = (customer.get(Customer::ORDERS), customer.get_part(Customer::ORDERS));
        assert_eq!(latest.len(), all.len().min(2));
        for order in latest {
            let newer = all.iter().filter(|other| other.placed_on > order.placed_on).count();
            assert!(newer < 2, "order {} is not among the latest two", order.id);
            assert!(order.get(Order::ITEMS).iter().all(|item| item.order_id == order.id));
        }
    }
    assert_eq!(tally.statements(), 0);
}

fn a_function_can_require_a_loaded_relation_by_type() {
    fn total<At>(order: View<'_, Order, impl Loads<order::Items, At>>) -> i64 {
        let items = order.get(Order::ITEMS);
        items.iter().map(|item| item.quantity * item.unit_price).sum()
    }
    let session = shop_of(5, 1);
    let alone = session.load(Order::select(), selectin(Order::ITEMS)).unwrap();
    let beside = session.load(Order::select(), (joined(Order::CUSTOMER), subquery(Order::ITEMS))).unwrap();
    let totals = |orders: &mut dyn Iterator<Item = i64>| orders.collect::<Vec<_>>();
    assert_eq!(totals(&mut alone.iter().map(total)), totals(&mut beside.iter().map(total)));
}

fn reading_a_view_counts_as_an_access() {
    let session = shop_of(10, 1);
    let detector = Detector::attach(&session);
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.load(Customer::select(), path).unwrap();
    for customer in &customers {
        assert!(customer.get(Customer::ORDERS).iter().all(|order| order.customer_id == customer.id));
    }
    let wasted: Vec<_> = detector.report().wasted.iter().map(|waste| waste.relation.to_string()).collect();
    assert_eq!(wasted, ["Order.items"]);
}

#[derive(Debug, Entity)]
#[entity(table = "books")]
struct Book {
    #[entity(key)]
    id: i64,
    writer_id: i64,
    #[entity(key = "writer_id")]
    writer: BelongsTo<Writer>,
}

#[derive(Debug, Entity)]
#[entity(table = "writers")]
struct Writer {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "writer_id")]
    books: HasMany<Book>,
}

fn library() -> Session {
    let session = empty();
    for sql in [
        "CREATE TABLE writers (id INTEGER PRIMARY KEY)",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, writer_id INTEGER NOT NULL)",
        "INSERT INTO writers VALUES (1), (2)",
        "INSERT INTO books VALUES (1, 1), (2, 7)",
    ] {
        session.execute(sql, []).unwrap();
    }
    session
}

fn dangles(result: Result<impl Sized, Error>) -> String {
    match result {
        Err(error @ Error::Dangling { .. }) => error.to_string(),
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("the dangling key was not reported"),
    }
}

fn a_dangling_key_is_an_error_of_the_load_and_not_of_the_view() {
    let session = library();
    fn told(session: &Session, path: impl LoadPath<Book>) -> String {
        dangles(session.load(Book::select(), path))
    }
    for message in [
        told(&session, selectin(Book::WRITER)),
        told(&session, subquery(Book::WRITER)),
        told(&session, joined(Book::WRITER)),
        told(&session, immediate(Book::WRITER)),
        told(&session, selectin(Book::WRITER).selectin(Writer::BOOKS)),
    ] {
        assert!(message.contains("Book.writer") && message.contains('7'), "{message}");
        assert!(message.contains("tests/loaded.rs"), "{message}");
    }
    let below = selectin(Writer::BOOKS).selectin(Book::WRITER);
    let fine = session.load(Writer::select(), below).unwrap();
    assert_eq!(fine.iter().map(|writer| writer.get(Writer::BOOKS).len()).sum::<usize>(), 1);
}

fn a_load_path_that_contradicts_itself_is_an_error() {
    let session = library();
    let path = (selectin(Writer::BOOKS), by(eagerly::Strategy::Lazy, Writer::BOOKS));
    let error = session.load(Writer::select(), path).unwrap_err();
    assert!(matches!(error, Error::NotUpFront { .. }), "{error}");
    assert!(error.to_string().contains("Writer.books"), "{error}");
}

fn the_load_path_of_load_overrides_that_of_the_query() {
    let session = library();
    let query = Writer::select().with(lazy(Writer::BOOKS));
    let writers = session.load(query, selectin(Writer::BOOKS)).unwrap();
    let tally = session.tally();
    let books: Vec<_> = writers.iter().map(|writer| writer.get(Writer::BOOKS).len()).collect();
    assert_eq!((books, tally.statements()), (vec![1, 0], 0));
}

fn a_view_has_the_size_of_a_reference() {
    fn is_small<P>(_: &impl LoadPath<Customer>, view: Option<View<'_, Customer, P>>) {
        assert_eq!(size_of_val(&view), size_of::<&Customer>());
    }
    is_small::<()>(&selectin(Customer::ORDERS), None);
}

fn a_relation_below_a_part_must_be_loaded_too() {
    let session = shop_of(10, 1);
    let part = || selectin(Customer::ORDERS.limit_each(1));
    let path = (part().selectin(Order::ITEMS), part().lazy(Order::ITEMS));
    let error = session.load(Customer::select(), path).unwrap_err();
    assert!(matches!(error, Error::NotUpFront { .. }), "{error}");
    assert!(error.to_string().contains("Order.items"), "{error}");
}
