//! `session.figures` computes figures for rows that are there already, by one statement.

use eagerly::{BelongsTo, Dialect, Entity, Error, HasMany, RelationExt as _, Session, selectin};
use eagerly_watch::Detector;
use shop::{Customer, Order, OrderItem};

use crate::support::{database, shop_of};

on_both!(
    figures_of_any_rows_take_one_statement_and_equal_those_of_a_query,
    the_key_of_now_decides_and_a_row_that_is_gone_has_no_related_rows,
    keys_of_texts_and_of_several_columns_and_nulls_are_listed,
    a_filter_with_or_counts_only_listed_rows_that_satisfy_it,
    figures_in_a_loop_are_a_hint,
    a_figure_that_does_not_fit_names_its_row,
    only_the_related_rows_of_listed_keys_are_aggregated,
    figures_for_two_keys_of_a_row_each_use_their_own,
);

fn figures_of_any_rows_take_one_statement_and_equal_those_of_a_query() {
    let session = shop_of(40);
    let figures = || {
        let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
        let spend = Customer::ORDERS.then(Order::ITEMS);
        let spend = spend.sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE));
        (Customer::ORDERS.count(), open.count(), spend, Customer::ORDERS.max(Order::PLACED_ON))
    };
    let (customers, expected): (Vec<_>, Vec<_>) =
        session.all_with(Customer::select(), figures()).unwrap().into_iter().unzip();
    let tally = session.tally();
    assert_eq!(session.figures(&customers, figures()).unwrap(), expected);
    assert_eq!(session.figures(&customers[..7], figures()).unwrap(), expected[..7]);
    // In any order, and twice.
    let mixed = [3, 0, 39, 3, 3, 1];
    let rows = mixed.map(|place| &customers[place]);
    let expected: Vec<_> = mixed.iter().map(|place| expected[*place].clone()).collect();
    assert_eq!(session.figures(rows, figures()).unwrap(), expected);
    assert_eq!(tally.statements(), 3);
    assert!(session.figures(&customers[..0], figures()).unwrap().is_empty());
    let siblings =
        session.figures(customers[0].orders().unwrap(), Order::CUSTOMER.then(Customer::ORDERS).count());
    assert!(siblings.unwrap().iter().all(|siblings| *siblings == expected[1].0));
    assert_eq!(tally.statements(), 5, "the orders, and their siblings");
    let limited = session.figures(&customers[..0], Customer::ORDERS.limit_each(1).count());
    assert!(matches!(limited, Err(Error::LimitedAggregate { .. })));
}

fn the_key_of_now_decides_and_a_row_that_is_gone_has_no_related_rows() {
    let session = shop_of(10);
    let mut customers = session.all(Customer::select().with(selectin(Customer::ORDERS))).unwrap();
    let counts = session.figures(&customers, Customer::ORDERS.count()).unwrap();
    (customers[0].id, customers[1].id) = (customers[1].id, 999_999);
    let figures = (
        Customer::ORDERS.count(),
        Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY),
        Customer::ORDERS.min(Order::ID),
    );
    let now = session.figures(&customers, figures).unwrap();
    assert_eq!((now[0].0, now[1].0, now[2].0), (counts[1], 0, counts[2]));
    assert_eq!(now[1], (0, 0, None));
    let mut order = session.get::<Order>(1).unwrap();
    order.customer_id = customers[2].id;
    assert_eq!(
        session.figures([&order], Order::CUSTOMER.then(Customer::ORDERS).count()).unwrap(),
        [counts[2]]
    );
}

#[derive(Entity)]
#[entity(table = "shelves")]
struct Shelf {
    #[entity(key)]
    room: String,
    #[entity(key)]
    place: i64,
    code: Option<String>,
    #[entity(foreign_key("room", "place"))]
    books: HasMany<Book>,
    #[entity(foreign_key = "shelf_code", references = "code")]
    labels: HasMany<Label>,
}

#[derive(Entity)]
#[entity(table = "books")]
struct Book {
    #[entity(key)]
    id: i64,
    pages: i64,
}

#[derive(Entity)]
#[entity(table = "labels")]
struct Label {
    #[entity(key)]
    id: i64,
    shelf_code: Option<String>,
    #[entity(key = "shelf_code", references = "code")]
    shelf: BelongsTo<Shelf>,
}

fn library() -> Session {
    database(&[
        "CREATE TABLE shelves (room TEXT, place INTEGER, code TEXT UNIQUE, PRIMARY KEY (room, place))",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, room TEXT, place INTEGER, pages INTEGER)",
        "CREATE TABLE labels (id INTEGER PRIMARY KEY, shelf_code TEXT)",
        "INSERT INTO shelves VALUES ('a', 1, 'x'), ('a', 2, NULL), ('b', 1, '\"y\\'), ('b', 2, 'X')",
        "INSERT INTO books VALUES (1, 'a', 1, 10), (2, 'a', 1, 20), (3, 'b', 1, 30), (4, 'b', 9, 40), (5, NULL, 2, 50)",
        "INSERT INTO labels VALUES (1, 'x'), (2, NULL), (3, '\"y\\'), (4, '\"y\\'), (5, 'z')",
    ])
}

fn keys_of_texts_and_of_several_columns_and_nulls_are_listed() {
    let session = library();
    let mut shelves = session.all(Shelf::select().order_by(Shelf::ROOM).order_by(Shelf::PLACE)).unwrap();
    let pages = session.figures(&shelves, (Shelf::BOOKS.count(), Shelf::BOOKS.sum(Book::PAGES))).unwrap();
    assert_eq!(pages, [(2, 30), (0, 0), (1, 30), (0, 0)]);
    assert_eq!(session.figures(&shelves, Shelf::LABELS.count()).unwrap(), [1, 0, 2, 0]);
    // Two keys of one row, of three columns together.
    let both = || (Shelf::LABELS.count(), Shelf::BOOKS.filter(Book::PAGES.gt(10)).count());
    assert_eq!(session.figures(&shelves, both()).unwrap(), [(1, 1), (0, 0), (2, 1), (0, 0)]);
    shelves.iter_mut().for_each(|shelf| shelf.code = None);
    assert_eq!(session.figures(&shelves, Shelf::LABELS.count()).unwrap(), [0; 4]);
    (shelves[0].place, shelves[1].place) = (7, 1);
    assert_eq!(session.figures(&shelves, both()).unwrap(), [(0, 0), (0, 1), (0, 1), (0, 0)]);
    let labels = session.all(Label::select()).unwrap();
    let books = session.figures(&labels, Label::SHELF.then(Shelf::BOOKS).count()).unwrap();
    assert_eq!(books, [2, 0, 1, 1, 0]);
    assert_eq!(labels.iter().filter(|label| label.shelf().unwrap().is_some()).count(), 3);
    assert_eq!((shelves[2].books().unwrap()[0].id, shelves[2].labels().unwrap().len()), (3, 0));
}

fn a_filter_with_or_counts_only_listed_rows_that_satisfy_it() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let filter = || Order::STATUS.eq("open").or(Order::STATUS.eq("shipped"));
    let expected: Vec<_> = session
        .all_with(Customer::select(), Customer::ORDERS.filter(filter()).count())
        .unwrap()
        .into_iter()
        .map(|(_, count)| count)
        .collect();
    assert!(expected.iter().sum::<i64>() > 0);
    for (customer, expected) in customers.iter().zip(expected) {
        let counted = session.figures([customer], Customer::ORDERS.filter(filter()).count()).unwrap();
        assert_eq!(counted, [expected]);
        // A figure in the filter is joined to the orders.
        let large = Customer::ORDERS.filter(filter()).filter(Order::ITEMS.count().gt(1)).count();
        let orders = customer.orders().unwrap().iter();
        let is_large = |order: &&Order| {
            ["open", "shipped"].contains(&&*order.status) && order.items().unwrap().len() > 1
        };
        assert_eq!(session.figures([customer], large).unwrap(), [orders.filter(is_large).count() as i64]);
    }
}

fn figures_in_a_loop_are_a_hint() {
    let session = shop_of(10);
    let customers = session.all(Customer::select()).unwrap();
    let detector = Detector::attach(&session);
    session.figures(&customers, Customer::ORDERS.count()).unwrap();
    assert!(detector.report().to_string().lines().count() < 4, "{}", detector.report());
    for customer in &customers {
        session.figures([customer], Customer::ORDERS.count()).unwrap();
    }
    let report = detector.report();
    assert_eq!(report.similar.len(), 1, "{report}");
}

fn a_figure_that_does_not_fit_names_its_row() {
    let session = shop_of(3);
    let status = match session.dialect() {
        Dialect::Sqlite => "x'ff'",
        Dialect::Postgres => return, // its columns hold only values of their type
    };
    session.execute(&format!("UPDATE orders SET status = {status} WHERE customer_id = 2"), []).unwrap();
    let customers = session.all(Customer::select()).unwrap();
    let error = session.figures(&customers, Customer::ORDERS.max(Order::STATUS)).unwrap_err().to_string();
    assert!(error.contains(r#"for the Customer whose "id" = 2"#), "{error}");
}

fn only_the_related_rows_of_listed_keys_are_aggregated() {
    let session = shop_of(5);
    let customers = session.all(Customer::select()).unwrap();
    let tally = session.tally();
    session.figures(&customers[..2], Customer::ORDERS.count()).unwrap();
    let sql = tally.shapes().remove(0).sql;
    let listed = match session.dialect() {
        Dialect::Sqlite => r#"WHERE "orders"."customer_id" IN (SELECT +value FROM rarray(?1)) GROUP BY"#,
        Dialect::Postgres => r#"WHERE "orders"."customer_id" = ANY($1::bigint[]) GROUP BY"#,
    };
    assert!(sql.contains(listed), "{sql}");
}

fn figures_for_two_keys_of_a_row_each_use_their_own() {
    let session = shop_of(20);
    let orders = session.all(Order::select()).unwrap();
    let siblings = || Order::CUSTOMER.then(Customer::ORDERS).count();
    let figures =
        session.figures(&orders, (Order::ITEMS.count(), siblings(), Order::ITEMS.max(OrderItem::ID)));
    for (order, (items, siblings, last)) in orders.iter().zip(figures.unwrap()) {
        assert_eq!(items, order.items().unwrap().len() as i64);
        assert_eq!(siblings, order.customer().unwrap().orders().unwrap().len() as i64);
        assert_eq!(last, order.items().unwrap().iter().map(|item| item.id).max());
    }
}
