//! Law 1: for any data, filter, order and limit, every strategy yields the graph that lazy loading yields.

use eagerly::{Select, Session, joined, selectin};
use proptest::prelude::*;
use shop::{Customer, Order};

use crate::support::{add_customer, add_item, add_order, empty_shop, graph, order_graph};

/// Customers with orders with a number of items each, and the seed of an order in which to insert the orders.
#[derive(Debug, Clone)]
struct Shop {
    customers: Vec<Vec<u8>>,
    stride: usize,
}

#[derive(Debug, Clone)]
struct Query {
    id_above: Option<i64>,
    name_like: Option<&'static str>,
    by_name: Option<bool>,
    limit: Option<u64>,
    offset: Option<u64>,
}

fn shops() -> impl Strategy<Value = Shop> {
    let orders = prop::collection::vec(0_u8..4, 0..5);
    (prop::collection::vec(orders, 0..8), 1_usize..5)
        .prop_map(|(customers, stride)| Shop { customers, stride })
}

fn queries() -> impl Strategy<Value = Query> {
    (
        prop::option::of(-1_i64..8),
        prop::option::of(prop::sample::select(vec!["a%", "%b", "%"])),
        prop::option::of(any::<bool>()),
        prop::option::of(0_u64..6),
        prop::option::of(0_u64..4),
    )
        .prop_map(|(id_above, name_like, by_name, limit, offset)| Query {
            id_above,
            name_like,
            by_name,
            limit,
            offset,
        })
}

fn build(shop: &Shop) -> Session {
    let session = empty_shop();
    for (id, _) in (1..).zip(&shop.customers) {
        // Names repeat, so that sorting by name leaves equals.
        add_customer(&session, id, ["ab", "b", "aa"][id as usize % 3]);
    }
    let owners = (1_i64..).zip(&shop.customers);
    let orders: Vec<_> = owners
        .flat_map(|(owner, orders)| orders.iter().map(move |items| (owner, *items)))
        .collect();
    // Every stride-th first: the orders of a customer do not lie together.
    let interleaved = (0..shop.stride).flat_map(|start| orders.iter().skip(start).step_by(shop.stride));
    let mut item = 0;
    for (id, (owner, items)) in (1..).zip(interleaved) {
        add_order(&session, id, *owner);
        for _ in 0..*items {
            item += 1;
            add_item(&session, item, id);
        }
    }
    session
}

fn select(query: &Query) -> Select<Customer> {
    let mut select = Customer::select();
    if let Some(id) = query.id_above {
        select = select.filter(Customer::ID.gt(id));
    }
    if let Some(pattern) = query.name_like {
        select = select.filter(Customer::LAST_NAME.like(pattern));
    }
    select = match query.by_name {
        Some(true) => select.order_by(Customer::LAST_NAME),
        Some(false) => select.order_by(Customer::LAST_NAME.desc()),
        None => select,
    };
    if let Some(limit) = query.limit {
        select = select.limit(limit);
    }
    if let Some(offset) = query.offset {
        select = select.offset(offset);
    }
    select
}

/// A query, its name, and the tables that nothing more may be read from once it has run.
type Mix = (&'static str, Select<Customer>, &'static [&'static str]);

/// Every mix of strategies for the orders, their items and their customer.
fn every_mix(query: &Query) -> Vec<Mix> {
    let (orders, items, customer) = (Customer::ORDERS, Order::ITEMS, Order::CUSTOMER);
    let one: &[&str] = &["orders"];
    let two: &[&str] = &["orders", "order_items"];
    let three: &[&str] = &["orders", "order_items", "customers"];
    vec![
        ("s", select(query).with(selectin(orders)), one),
        ("j", select(query).with(joined(orders)), one),
        ("s.s", select(query).with(selectin(orders).selectin(items)), two),
        ("s.j", select(query).with(selectin(orders).joined(items)), two),
        ("j.s", select(query).with(joined(orders).selectin(items)), two),
        ("j.j", select(query).with(joined(orders).joined(items)), two),
        (
            "s.s+s",
            select(query)
                .with(selectin(orders).selectin(items))
                .with(selectin(orders).selectin(customer)),
            three,
        ),
        (
            "s.j+j",
            select(query)
                .with(selectin(orders).joined(items))
                .with(selectin(orders).joined(customer)),
            three,
        ),
        (
            "j.j+j",
            select(query)
                .with(joined(orders).joined(items))
                .with(joined(orders).joined(customer)),
            three,
        ),
        (
            "s.j and, back at the customer, j.j beside",
            select(query)
                .with(selectin(orders).joined(items))
                .with(selectin(orders).joined(customer).joined(orders).joined(items)),
            three,
        ),
        (
            "j.j and, back at the customer, s.s beside",
            select(query)
                .with(joined(orders).joined(items))
                .with(joined(orders).joined(customer).selectin(orders).selectin(items)),
            three,
        ),
        (
            "j.j and, back at the customer, j.j beside",
            select(query)
                .with(joined(orders).joined(items))
                .with(joined(orders).joined(customer).joined(orders).joined(items)),
            three,
        ),
    ]
}

/// Makes sure that a graph was read from what was loaded, and not by falling back to lazy loading.
fn assert_not_lazy(tally: &eagerly::Tally, loaded: &[&str], mix: &str) {
    for shape in tally.shapes() {
        let read = |table: &&str| shape.sql.contains(&format!("FROM \"{table}\""));
        assert!(!loaded.iter().any(read), "{mix}: {}", shape.sql);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_strategy_yields_the_graph_that_lazy_yields(shop in shops(), query in queries()) {
        let session = build(&shop);
        let expected = graph(&session.all(select(&query)).unwrap()).unwrap();
        for (mix, eager, loaded) in every_mix(&query) {
            let customers = session.all(eager).unwrap();
            let tally = session.tally();
            prop_assert_eq!(&graph(&customers).unwrap(), &expected, "{}", mix);
            assert_not_lazy(&tally, loaded, mix);
        }
    }

    #[test]
    fn the_customers_of_orders_are_the_same_by_every_strategy(shop in shops(), above in -1_i64..9) {
        let session = build(&shop);
        let select = || Order::select()
            .filter(Order::CUSTOMER_ID.gt(above))
            .order_by(Order::CUSTOMER_ID.desc());
        let graph = |orders: Vec<Order>| orders.iter().map(order_graph).collect::<Result<Vec<_>, _>>();
        let expected = graph(session.all(select()).unwrap()).unwrap();
        let eager = [
            select().with(selectin(Order::CUSTOMER)),
            select().with(joined(Order::CUSTOMER)),
            select().with(joined(Order::CUSTOMER)).with(joined(Order::ITEMS)),
            select().with(joined(Order::CUSTOMER)).limit(u64::MAX),
            select().with(selectin(Order::CUSTOMER).joined(Customer::ORDERS).joined(Order::ITEMS)),
        ];
        for query in eager {
            let orders = session.all(query).unwrap();
            let tally = session.tally();
            prop_assert_eq!(&graph(orders).unwrap(), &expected);
            assert_not_lazy(&tally, &["customers"], "to one");
        }
    }
}

#[test]
fn a_nested_graph_reached_twice_is_whole_both_times() {
    let session = empty_shop();
    add_customer(&session, 1, "a");
    for order in 1..=3 {
        add_order(&session, order, 1);
        add_item(&session, order * 10, order);
        add_item(&session, order * 10 + 1, order);
    }
    let back = joined(Customer::ORDERS)
        .joined(Order::CUSTOMER)
        .joined(Customer::ORDERS);
    let customers = session
        .all(Customer::select().with(back.joined(Order::ITEMS)))
        .unwrap();
    let tally = session.tally();
    for order in customers[0].orders().unwrap() {
        let again = order.customer().unwrap().orders().unwrap();
        assert_eq!(again.len(), 3);
        assert!(again.iter().all(|order| order.items().unwrap().len() == 2));
    }
    assert_eq!(tally.statements(), 0);
}

#[test]
fn two_paths_with_a_common_beginning_both_count() {
    let session = empty_shop();
    add_customer(&session, 1, "a");
    add_order(&session, 1, 1);
    add_item(&session, 1, 1);
    let query = Customer::select()
        .with(selectin(Customer::ORDERS).selectin(Order::ITEMS))
        .with(selectin(Customer::ORDERS).selectin(Order::CUSTOMER));
    let tally = session.tally();
    let customers = session.all(query).unwrap();
    assert_eq!(tally.statements(), 4);
    graph(&customers).unwrap();
    assert_eq!(tally.statements(), 4, "everything was loaded");
}
