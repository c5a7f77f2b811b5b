//! Law 1: for any data, filter, order and limit, every strategy returns the same graph as lazy loading.

use std::rc::Rc;

use eagerly::{BelongsTo, Entity, HasMany, Select, Session, Strategy, by, joined, params, selectin};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};
use proptest::strategy::Strategy as _;
use shop::{Customer, Order, schema};

use crate::databases::{cases, execute, for_a_case};
use crate::support::{add_customer, add_item, add_order, empty_shop, graph, order_graph};

on_both!(
    every_mix_of_strategies_returns_the_graph_of_lazy_with_the_statements_of_its_formula,
    a_load_path_can_lead_back_to_its_own_entity_with_every_strategy,
    the_customers_of_orders_are_the_same_with_every_strategy,
    every_default_of_a_session_returns_the_graph_of_lazy,
    null_dangling_and_circular_keys_and_repeated_parents_return_the_same_graph,
    a_nested_graph_reached_by_two_paths_is_complete_both_times,
    two_load_paths_with_a_common_start_are_both_loaded,
);

/// The item count of each order of each customer, and the stride in which the orders are inserted.
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

fn shops() -> impl proptest::strategy::Strategy<Value = Shop> {
    let orders = prop::collection::vec(0_u8..4, 0..5);
    (prop::collection::vec(orders, 0..8), 1_usize..5)
        .prop_map(|(customers, stride)| Shop { customers, stride })
}

fn queries() -> impl proptest::strategy::Strategy<Value = Query> {
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

fn build(shop: &Shop) -> Rc<Session> {
    let tables = ["order_items", "orders", "customers"];
    let session = for_a_case(|session| schema::create(session).unwrap(), &tables);
    for (id, _) in (1..).zip(&shop.customers) {
        // Names repeat, so that sorting by name has ties.
        add_customer(&session, id, ["ab", "b", "aa"][id as usize % 3]);
    }
    let owners = (1_i64..).zip(&shop.customers);
    let orders: Vec<_> =
        owners.flat_map(|(owner, orders)| orders.iter().map(move |items| (owner, *items))).collect();
    // Insert every stride-th order first, so that the orders of a customer are not adjacent.
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

/// Chooses a strategy that returns a graph: every one except `raise`.
fn strategies() -> impl proptest::strategy::Strategy<Value = Strategy> {
    prop::sample::select(crate::shared::yielding())
}

/// Returns the number of statements that load one relation of `rows` rows, which are in `cohorts` cohorts.
fn statements(strategy: Strategy, rows: usize, cohorts: usize) -> usize {
    match strategy {
        Strategy::Lazy | Strategy::Immediate => rows,
        Strategy::Joined => 0,
        _ => cohorts,
    }
}

/// Returns the number of cohorts (rows loaded together), given the number of children of each parent.
fn cohorts(strategy: Strategy, children: impl Iterator<Item = usize>) -> usize {
    let with_children = children.filter(|count| *count > 0).count();
    match strategy {
        Strategy::Lazy | Strategy::Immediate => with_children,
        _ => with_children.min(1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    fn every_mix_of_strategies_returns_the_graph_of_lazy_with_the_statements_of_its_formula(
        shop in shops(),
        query in queries(),
        (orders, items, customer) in (strategies(), strategies(), strategies()),
    ) {
        let session = build(&shop);
        let expected = graph(&session.all(select(&query)).unwrap()).unwrap();
        let mixed = select(&query)
            .with(by(orders, Customer::ORDERS).by(items, Order::ITEMS))
            .with(by(orders, Customer::ORDERS).by(customer, Order::CUSTOMER));

        let tally = session.tally();
        let customers = session.all(mixed).unwrap();
        let read = graph(&customers).unwrap();
        prop_assert_eq!(&read, &expected);

        let order_count: usize = read.iter().map(|(_, _, orders)| orders.len()).sum();
        let order_cohorts = cohorts(orders, read.iter().map(|(_, _, orders)| orders.len()));
        let formula = 1
            + statements(orders, read.len(), read.len().min(1))
            + statements(items, order_count, order_cohorts)
            + statements(customer, order_count, order_cohorts);
        prop_assert_eq!(tally.statements(), formula as u64);
        // Reading it again sends no statement.
        graph(&customers).unwrap();
        prop_assert_eq!(tally.statements(), formula as u64);
    }

    fn a_load_path_can_lead_back_to_its_own_entity_with_every_strategy(
        shop in shops(),
        query in queries(),
        (orders, customer, again) in (strategies(), strategies(), strategies()),
    ) {
        let session = build(&shop);
        let path = || by(orders, Customer::ORDERS).by(customer, Order::CUSTOMER).by(again, Customer::ORDERS);
        let expected = graph(&session.all(select(&query)).unwrap()).unwrap();
        let customers = session.all(select(&query).with(path().by(again, Order::ITEMS))).unwrap();
        for (customer, (_, _, expected)) in customers.iter().zip(&expected) {
            for order in customer.orders().unwrap() {
                let back = order.customer().unwrap().orders().unwrap();
                let back: Vec<_> = back.iter().map(|order| order_graph(order).unwrap()).collect();
                prop_assert_eq!(&back, expected);
            }
        }
    }

    fn the_customers_of_orders_are_the_same_with_every_strategy(
        shop in shops(),
        above in -1_i64..9,
        limit in prop::option::of(0_u64..9),
        (customer, items) in (strategies(), strategies()),
    ) {
        let session = build(&shop);
        let select = || {
            let select = Order::select().filter(Order::CUSTOMER_ID.gt(above)).order_by(Order::CUSTOMER_ID.desc());
            match limit {
                Some(limit) => select.limit(limit),
                None => select,
            }
        };
        let graph = |orders: Vec<Order>| orders.iter().map(order_graph).collect::<Result<Vec<_>, _>>();
        let expected = graph(session.all(select()).unwrap()).unwrap();
        let eager = select().with(by(customer, Order::CUSTOMER)).with(by(items, Order::ITEMS));
        prop_assert_eq!(&graph(session.all(eager).unwrap()).unwrap(), &expected);
    }

    fn every_default_of_a_session_returns_the_graph_of_lazy(
        shop in shops(),
        query in queries(),
        default in strategies(),
    ) {
        let session = build(&shop);
        let expected = graph(&session.all(select(&query)).unwrap()).unwrap();
        session.default_strategy(default);
        prop_assert_eq!(&graph(&session.all(select(&query)).unwrap()).unwrap(), &expected);
    }
}

/// A node of a graph. Its keys can be null, dangling or circular.
#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
}

/// A node read through a view that contains every row twice, so that parents repeat.
#[derive(Debug, Entity)]
#[entity(table = "nodes_twice")]
struct Twin {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Node>,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Node>,
}

fn nodes(parents: &[Option<i64>]) -> Rc<Session> {
    let create = |session: &Session| {
        for sql in [
            "CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent_id INTEGER)",
            "CREATE INDEX nodes_parent ON nodes (parent_id)",
            "CREATE VIEW nodes_twice AS SELECT * FROM nodes UNION ALL SELECT * FROM nodes",
        ] {
            session.execute(sql, []).unwrap();
        }
    };
    let session = for_a_case(create, &["nodes"]);
    for (id, parent) in (1_i64..).zip(parents) {
        execute(&session, "INSERT INTO nodes VALUES (?1, ?2)", params![id, *parent]).unwrap();
    }
    session
}

type NodeGraph = (i64, Option<i64>, Vec<(i64, Option<i64>, Vec<i64>)>);

fn below(children: &[Node]) -> Vec<(i64, Option<i64>, Vec<i64>)> {
    let one = |child: &Node| {
        let parent = child.parent().unwrap().map(|parent| parent.id);
        (child.id, parent, child.children().unwrap().iter().map(|node| node.id).collect())
    };
    children.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(256)))]

    fn null_dangling_and_circular_keys_and_repeated_parents_return_the_same_graph(
        parents in prop::collection::vec(prop::option::weighted(0.8, -1_i64..12), 0..10),
        (first, second, third) in (strategies(), strategies(), strategies()),
        descending in any::<bool>(),
        limit in prop::option::of(0_u64..12),
    ) {
        let session = nodes(&parents);
        let order = |select: Select<Node>| match descending {
            true => select.order_by(Node::PARENT_ID.desc()).limit(limit.unwrap_or(99)),
            false => select.limit(limit.unwrap_or(99)),
        };
        let graph = |select: Select<Node>| -> Vec<NodeGraph> {
            let nodes = session.all(select).unwrap();
            let one = |node: &Node| {
                (node.id, node.parent().unwrap().map(|parent| parent.id), below(node.children().unwrap()))
            };
            nodes.iter().map(one).collect()
        };
        let expected = graph(order(Node::select()));
        let mixed = order(Node::select())
            .with(by(first, Node::CHILDREN).by(second, Node::CHILDREN))
            .with(by(first, Node::CHILDREN).by(third, Node::PARENT))
            .with(by(second, Node::PARENT));
        prop_assert_eq!(graph(mixed), expected);

        let twins = |select: Select<Twin>| -> Vec<NodeGraph> {
            let twins = session.all(select.limit(limit.unwrap_or(99))).unwrap();
            let one = |twin: &Twin| {
                (twin.id, twin.parent().unwrap().map(|parent| parent.id), below(twin.children().unwrap()))
            };
            twins.iter().map(one).collect()
        };
        let expected = twins(Twin::select());
        // `joined` distinguishes parents by their keys, which are not unique here.
        let first = if first == Strategy::Joined { Strategy::Selectin } else { first };
        let mixed = Twin::select()
            .with(by(first, Twin::CHILDREN).by(second, Node::CHILDREN))
            .with(by(third, Twin::PARENT));
        prop_assert_eq!(twins(mixed), expected);
    }
}

fn a_nested_graph_reached_by_two_paths_is_complete_both_times() {
    let session = empty_shop();
    add_customer(&session, 1, "a");
    for order in 1..=3 {
        add_order(&session, order, 1);
        add_item(&session, order * 10, order);
        add_item(&session, order * 10 + 1, order);
    }
    let back = joined(Customer::ORDERS).joined(Order::CUSTOMER).joined(Customer::ORDERS);
    let customers = session.all(Customer::select().with(back.joined(Order::ITEMS))).unwrap();
    let tally = session.tally();
    for order in customers[0].orders().unwrap() {
        let again = order.customer().unwrap().orders().unwrap();
        assert_eq!(again.len(), 3);
        assert!(again.iter().all(|order| order.items().unwrap().len() == 2));
    }
    assert_eq!(tally.statements(), 0);
}

fn two_load_paths_with_a_common_start_are_both_loaded() {
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
