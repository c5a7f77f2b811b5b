//! Figures in conditions and orders, and figures of parts.

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::{
    Aggregate, Condition, Entity, Error, Event, HasMany, Observer, OrderBy, RelationExt as _, Select,
    Session, by, selectin, subquery,
};
use shop::{Customer, Order, OrderItem};

use crate::support::{shop_of, yielding};

on_both!(
    a_figure_filters_and_sorts_with_every_strategy_limit_and_call,
    every_comparison_of_a_figure_works,
    a_figure_of_no_rows_is_null_except_a_count_and_a_sum,
    figures_of_parts_count_only_the_rows_that_the_filter_keeps,
    figures_work_inside_any_inside_parts_and_inside_each_other,
    a_figure_used_twice_is_joined_once,
    a_figure_that_only_sorts_is_not_computed_where_the_order_does_not_matter,
    a_figure_with_a_condition_nested_too_deep_is_an_error,
    a_figure_of_a_part_with_limit_each_is_an_error,
    a_column_may_have_the_name_that_figures_have,
);

fn ids(customers: &[Customer]) -> Vec<i64> {
    customers.iter().map(|customer| customer.id).collect()
}

fn orders_of(customer: &Customer) -> i64 {
    customer.orders().unwrap().len() as i64
}

fn spend_of(customer: &Customer) -> i64 {
    let orders = customer.orders().unwrap().iter();
    orders.flat_map(|order| order.items().unwrap()).map(|item| item.quantity * item.unit_price).sum()
}

fn spend() -> Aggregate<Customer, i64> {
    Customer::ORDERS.then(Order::ITEMS).sum(OrderItem::QUANTITY.times(OrderItem::UNIT_PRICE))
}

fn everyone(session: &Session) -> Vec<Customer> {
    session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS))).unwrap()
}

fn a_figure_filters_and_sorts_with_every_strategy_limit_and_call() {
    let session = shop_of(30);
    let mut wanted = everyone(&session);
    wanted.retain(|customer| orders_of(customer) > 3);
    wanted.sort_by_key(|customer| (-spend_of(customer), customer.id));
    let wanted_ids = ids(&wanted);
    assert!(wanted.len() > 5 && wanted.len() < 25, "{}", wanted.len());
    let query = || Customer::select().filter(Customer::ORDERS.count().gt(3)).order_by(spend().desc());
    for first in yielding() {
        for second in yielding() {
            let loaded = || by(first, Customer::ORDERS).by(second, Order::ITEMS);
            let read = |query: Select<Customer>| session.all(query.with(loaded())).unwrap();
            let all = read(query());
            assert_eq!(ids(&all), wanted_ids, "{first} {second}");
            assert!(all.iter().zip(&wanted).all(|(one, other)| spend_of(one) == spend_of(other)));
            assert_eq!(ids(&read(query().limit(4))), wanted_ids[..4], "{first} {second}");
            assert_eq!(ids(&read(query().limit(2).offset(3))), wanted_ids[3..5], "{first} {second}");
            let with = session.all_with(query().with(loaded()).limit(4), (spend(), Customer::ORDERS.count()));
            for ((customer, (spend, orders)), wanted) in with.unwrap().iter().zip(&wanted) {
                assert_eq!((customer.id, *spend, *orders), (wanted.id, spend_of(wanted), orders_of(wanted)));
            }
            let mut chunks = Vec::new();
            let work = |chunk: Vec<Customer>| {
                chunks.extend(chunk.iter().map(|customer| (customer.id, spend_of(customer))));
                Ok(())
            };
            session.chunks(query().with(loaded()), 3, work).unwrap();
            let expected: Vec<_> = wanted.iter().map(|customer| (customer.id, spend_of(customer))).collect();
            assert_eq!(chunks, expected, "{first} {second}");
            query().limit(4).with(loaded()).plan(&session).unwrap();
        }
    }
    assert_eq!(session.count(query()).unwrap() as usize, wanted.len());
    assert_eq!(session.count(query().limit(4)).unwrap(), 4);
    assert!(session.exists(query()).unwrap());
    assert!(!session.exists(query().filter(Customer::ORDERS.count().lt(1))).unwrap());
    assert_eq!(session.first(query()).unwrap().unwrap().id, wanted_ids[0]);
    assert_eq!(session.one(query().filter(Customer::ID.eq(wanted_ids[2]))).unwrap().id, wanted_ids[2]);
    let loaded = session.load(query(), selectin(Customer::ORDERS)).unwrap();
    assert_eq!(loaded.iter().count(), wanted.len());
}

fn every_comparison_of_a_figure_works() {
    let session = shop_of(30);
    let everyone = everyone(&session);
    let check = |condition: Condition<Customer>, holds: fn(i64) -> bool| {
        let wanted: Vec<_> = everyone.iter().filter(|customer| holds(orders_of(customer))).collect();
        let wanted: Vec<_> = wanted.iter().map(|customer| customer.id).collect();
        assert_eq!(ids(&session.all(Customer::select().filter(condition)).unwrap()), wanted);
    };
    let orders = || Customer::ORDERS.count();
    check(orders().eq(2), |orders| orders == 2);
    check(orders().eq(0), |orders| orders == 0);
    check(orders().ne(2), |orders| orders != 2);
    check(orders().lt(2), |orders| orders < 2);
    check(orders().le(2), |orders| orders <= 2);
    check(orders().gt(2), |orders| orders > 2);
    check(orders().ge(2), |orders| orders >= 2);
    check(!orders().ge(2), |orders| orders < 2);
    check(orders().gt(40).or(orders().eq(0)).and(orders().ne(1)), |orders| orders > 40 || orders == 0);
    check(Customer::ORDERS.then(Order::ITEMS).avg(OrderItem::QUANTITY).gt(-1.0), |orders| orders > 0);
}

fn a_figure_of_no_rows_is_null_except_a_count_and_a_sum() {
    let session = shop_of(30);
    let none = session.count(Customer::select().filter(!Customer::ORDERS.exists())).unwrap();
    assert!(none > 0);
    let count = |condition| session.count(Customer::select().filter(condition)).unwrap();
    let least = || Customer::ORDERS.min(Order::PLACED_ON);
    let items = || Customer::ORDERS.then(Order::ITEMS);
    assert_eq!(count(Customer::ORDERS.count().eq(0)), none);
    assert_eq!(count(items().sum(OrderItem::QUANTITY).eq(0)), none);
    assert_eq!(count(least().is_null()), none);
    assert_eq!(count(least().eq(None)), none);
    assert_eq!(count(least().ne(None)), 30 - none);
    assert_eq!(count(items().avg(OrderItem::QUANTITY).is_null()), none);
    assert_eq!(count(least().lt("0".to_owned())), 0);
    assert_eq!(count(least().ge("0".to_owned())), 30 - none);
    // Nulls are first, and last if the order is descending.
    let first =
        |order: OrderBy<Customer>| session.first(Customer::select().order_by(order)).unwrap().unwrap();
    assert!(first(least().asc()).orders().unwrap().is_empty());
    assert!(first(least().into()).orders().unwrap().is_empty());
    assert!(!first(least().desc()).orders().unwrap().is_empty());
}

fn figures_of_parts_count_only_the_rows_that_the_filter_keeps() {
    let session = shop_of(30);
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open"));
    let several = || Order::ITEMS.filter(OrderItem::QUANTITY.gt(1).and(OrderItem::UNIT_PRICE.lt(9_000)));
    let figures = session
        .all_with(
            Customer::select(),
            (
                open().count(),
                open().then(Order::ITEMS).sum(OrderItem::QUANTITY),
                Customer::ORDERS.then(Order::ITEMS).filter(OrderItem::QUANTITY.gt(1)).count(),
                open().order_by(Order::STATUS).max(Order::ID),
            ),
        )
        .unwrap();
    let mut seen = 0;
    for (customer, (orders, pieces, several, last)) in &figures {
        let open = || customer.orders().unwrap().iter().filter(|order| order.status == "open");
        assert_eq!(*orders, open().count() as i64);
        assert_eq!(
            *pieces,
            open().flat_map(|order| order.items().unwrap()).map(|item| item.quantity).sum::<i64>()
        );
        let items = customer.orders().unwrap().iter().flat_map(|order| order.items().unwrap());
        assert_eq!(*several, items.filter(|item| item.quantity > 1).count() as i64);
        assert_eq!(*last, open().map(|order| order.id).max());
        seen += *orders;
    }
    assert!(seen > 0);
    let wanted: Vec<_> =
        figures.iter().filter(|(_, (open, ..))| *open > 1).map(|(customer, _)| customer.id).collect();
    assert_eq!(ids(&session.all(Customer::select().filter(open().count().gt(1))).unwrap()), wanted);
    for (order, (least, average)) in session
        .all_with(
            Order::select(),
            (several().min(OrderItem::UNIT_PRICE), several().avg(OrderItem::UNIT_PRICE)),
        )
        .unwrap()
    {
        let items = order.items().unwrap().iter().filter(|item| item.quantity > 1 && item.unit_price < 9_000);
        let prices: Vec<_> = items.map(|item| item.unit_price).collect();
        assert_eq!(least, prices.iter().copied().min());
        let exact = prices.iter().sum::<i64>() as f64 / prices.len() as f64;
        assert_eq!(average, (!prices.is_empty()).then_some(exact));
    }
    let mut sorted = everyone(&session);
    sorted.sort_by_key(|customer| {
        let open = customer.orders().unwrap().iter().filter(|order| order.status == "open").count();
        (std::cmp::Reverse(open), customer.id)
    });
    for strategy in yielding() {
        let query =
            Customer::select().order_by(open().count().desc()).limit(7).with(by(strategy, Customer::ORDERS));
        assert_eq!(ids(&session.all(query).unwrap()), ids(&sorted)[..7], "{strategy}");
    }
}

fn figures_work_inside_any_inside_parts_and_inside_each_other() {
    let session = shop_of(30);
    let large = |order: &&Order| order.items().unwrap().len() > 3;
    let everyone = everyone(&session);
    let wanted =
        everyone.iter().filter(|customer| customer.orders().unwrap().iter().any(|order| large(&order)));
    let wanted: Vec<_> = wanted.map(|customer| customer.id).collect();
    let any = Customer::ORDERS.any(Order::ITEMS.count().gt(3).and(Order::ITEMS.count().lt(99)));
    assert_eq!(ids(&session.all(Customer::select().filter(any)).unwrap()), wanted);
    let inner = || Customer::ORDERS.filter(Order::ITEMS.count().gt(3));
    assert_eq!(ids(&session.all(Customer::select().filter(inner().count().gt(0))).unwrap()), wanted);
    let sums = session.all_with(Customer::select(), inner().sum(Order::ID)).unwrap();
    for (customer, sum) in sums {
        assert_eq!(sum, customer.orders().unwrap().iter().filter(large).map(|order| order.id).sum::<i64>());
    }
    for limit in [None, Some(2)] {
        for second in yielding() {
            let part = inner().order_by(Order::ITEMS.sum(OrderItem::QUANTITY).desc());
            let customers = match limit {
                None => session.all(Customer::select().with(selectin(part).by(second, Order::ITEMS))),
                Some(rows) => session
                    .all(Customer::select().with(selectin(part.limit_each(rows)).by(second, Order::ITEMS))),
            };
            for customer in customers.unwrap() {
                let pieces =
                    |order: &Order| order.items().unwrap().iter().map(|item| item.quantity).sum::<i64>();
                let mut orders: Vec<_> = customer.orders().unwrap().iter().filter(large).collect();
                orders.sort_by_key(|order| (-pieces(order), order.id));
                orders.truncate(limit.unwrap_or(u64::MAX) as usize);
                let expected: Vec<_> = orders.iter().map(|order| order.id).collect();
                let part: Vec<_> = customer.orders.part().unwrap().iter().map(|order| order.id).collect();
                assert_eq!(part, expected, "{second}");
            }
        }
    }
}

fn a_figure_used_twice_is_joined_once() {
    let session = shop_of(3);
    let orders = || Customer::ORDERS.count();
    let query =
        || Customer::select().filter(orders().gt(0)).filter(orders().lt(99)).order_by(orders().desc());
    let sql = query().to_sql_for(session.dialect());
    assert_eq!(sql.matches("LEFT JOIN").count(), 1, "{sql}");
    session.all(query()).unwrap();
    // Figures of different parts are different, although they would have the same name.
    let of = |status| Customer::ORDERS.filter(Order::STATUS.eq(status)).count();
    let query = Customer::select().filter(of("open").ge(0)).filter(of("shipped").ge(0)).order_by(orders());
    assert_eq!(session.all(query).unwrap().len(), 3);
}

fn a_figure_with_a_condition_nested_too_deep_is_an_error() {
    let session = shop_of(1);
    let deep = || (0..2_000).fold(Order::ID.gt(0), |condition, _| !condition);
    let part = || Customer::ORDERS.filter(deep());
    let before = session.statements();
    let is_too_deep = |error: Option<Error>| matches!(error, Some(Error::TooDeep { .. }));
    assert!(is_too_deep(session.all_with(Customer::select(), part().count()).err()));
    assert!(is_too_deep(session.all(Customer::select().filter(part().count().gt(1))).err()));
    assert!(is_too_deep(session.all(Customer::select().order_by(part().count())).err()));
    let nested = (0..2_000).fold(Customer::ID.gt(0), |condition, _| {
        Customer::ORDERS.filter(Order::CUSTOMER.any(condition)).count().gt(0)
    });
    assert!(is_too_deep(session.count(Customer::select().filter(nested)).err()));
    assert_eq!(session.statements(), before);
}

fn a_figure_of_a_part_with_limit_each_is_an_error() {
    let session = shop_of(1);
    let part = || Customer::ORDERS.filter(Order::STATUS.eq("open")).limit_each(3);
    let before = session.statements();
    let is_refused = |error: Option<Error>| {
        let error = error.unwrap();
        assert!(
            matches!(&error, Error::LimitedAggregate { relation } if relation == "Customer.orders"),
            "{error}"
        );
        assert!(error.to_string().contains("help: remove `limit_each`"), "{error}");
    };
    is_refused(session.all_with(Customer::select(), part().count()).err());
    is_refused(
        session.all_with(Customer::select(), part().then(Order::ITEMS).sum(OrderItem::QUANTITY)).err(),
    );
    is_refused(session.count(Customer::select().filter(part().count().gt(1))).err());
    is_refused(session.all(Customer::select().order_by(part().max(Order::ID))).err());
    is_refused(session.all(Order::select().filter(Order::CUSTOMER.any(part().avg(Order::ID).gt(1.0)))).err());
    assert_eq!(session.statements(), before);
}

fn a_figure_that_only_sorts_is_not_computed_where_the_order_does_not_matter() {
    let session = shop_of(30);
    let open = || Customer::ORDERS.filter(Order::STATUS.eq("open")).count();
    let query = || Customer::select().order_by(open().desc());
    let plan = query().with(subquery(Customer::ORDERS)).plan(&session).unwrap();
    assert!(plan.steps[0].sql.contains("LEFT JOIN"));
    assert!(!plan.steps[1].sql.contains("WHERE"), "{plan}");
    let plan = query().limit(3).with(subquery(Customer::ORDERS)).plan(&session).unwrap();
    assert!(plan.steps[1].sql.contains("LEFT JOIN"), "{plan}");
    let texts = Rc::new(Texts::default());
    let observation = session.observe(texts.clone());
    assert_eq!(session.count(query()).unwrap(), 30);
    assert_eq!(session.count(query().limit(3)).unwrap(), 3);
    assert!(session.exists(query().limit(3)).unwrap());
    drop(observation);
    assert!(texts.0.borrow().iter().all(|sql| !sql.contains("LEFT JOIN")));
}

#[derive(Default)]
struct Texts(RefCell<Vec<String>>);

impl Observer for Texts {
    fn statement(&self, event: &Event<'_>) {
        self.0.borrow_mut().push(event.sql.to_owned());
    }
}

#[derive(Debug, Entity)]
#[entity(table = "shelves")]
struct Shelf {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "shelf_id")]
    boxes: HasMany<Parcel>,
}

#[derive(Debug, Entity)]
#[entity(table = "parcels")]
struct Parcel {
    #[entity(key)]
    id: i64,
    shelf_id: i64,
    value: i64,
    #[entity(foreign_key = "parcel_id")]
    labels: HasMany<Label>,
}

#[derive(Debug, Entity)]
#[entity(table = "labels")]
struct Label {
    #[entity(key)]
    id: i64,
    parcel_id: i64,
}

fn a_column_may_have_the_name_that_figures_have() {
    let session = crate::databases::created(&[
        "CREATE TABLE shelves (id BIGINT PRIMARY KEY)",
        "CREATE TABLE parcels (id BIGINT PRIMARY KEY, shelf_id BIGINT, value BIGINT)",
        "CREATE TABLE labels (id BIGINT PRIMARY KEY, parcel_id BIGINT)",
        "INSERT INTO shelves VALUES (1)",
        "INSERT INTO parcels VALUES (1, 1, 10), (2, 1, 20), (3, 1, 40)",
        "INSERT INTO labels VALUES (1, 2), (2, 3), (3, 3)",
    ]);
    let labelled = Shelf::BOXES.filter(Parcel::LABELS.count().gt(0));
    let shelves = session.all_with(Shelf::select(), labelled.sum(Parcel::VALUE)).unwrap();
    assert_eq!(shelves[0].1, 60);
}
