//! Tables in a named schema. In SQLite, a schema is the name of an attached database.

use super::*;

on_both!(
    every_strategy_finds_the_tables_in_their_schema,
    writes_go_to_the_schema,
    a_key_is_compared_by_its_type_in_the_schema,
    messages_and_plans_name_the_schema,
    a_dot_in_the_name_of_a_table_is_part_of_the_name,
);

#[derive(Debug, Entity)]
#[entity(table = "customers", schema = "old \"shop\"")]
struct Customer {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<Order>,
    #[entity(key = "id")]
    namesake: BelongsTo<Namesake>,
}

/// A table of the same name in the schema that is searched first.
#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct Namesake {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<Order>,
}

#[derive(Debug, Entity)]
#[entity(table = "orders", schema = "old \"shop\"")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    #[entity(key = "customer_id")]
    customer: BelongsTo<Customer>,
}

/// Creates two schemas with tables of the same names. On PostgreSQL, all tests share a database, so they take turns.
fn shop() -> Session {
    let session = database(&[]);
    let create = match session.dialect() {
        Dialect::Sqlite => "ATTACH ':memory:' AS \"old \"\"shop\"\"\"",
        Dialect::Postgres => "CREATE SCHEMA IF NOT EXISTS \"old \"\"shop\"\"\"",
    };
    if session.dialect() == Dialect::Postgres {
        // The lock is held as long as the session.
        session.query::<Locked>("SELECT pg_advisory_lock(2)::text AS locked", []).unwrap();
        session.execute("DROP SCHEMA IF EXISTS \"old \"\"shop\"\"\" CASCADE", []).unwrap();
    }
    for sql in [
        create,
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE orders (id TEXT, customer_id TEXT)",
        "CREATE TABLE \"old \"\"shop\"\"\".customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE \"old \"\"shop\"\"\".orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL)",
        "INSERT INTO customers VALUES (1, 'new Ada'), (2, 'new Grace')",
        "INSERT INTO orders VALUES ('wrong', 'table')",
        "INSERT INTO \"old \"\"shop\"\"\".customers VALUES (1, 'Ada'), (2, 'Grace')",
        "INSERT INTO \"old \"\"shop\"\"\".orders VALUES (1, 2), (2, 1), (3, 2)",
    ] {
        session.execute(sql, []).unwrap_or_else(|error| panic!("{error}"));
    }
    session
}

#[derive(eagerly::FromRow)]
#[expect(dead_code, reason = "the lock matters, not the row")]
struct Locked {
    locked: String,
}

fn every_strategy_finds_the_tables_in_their_schema() {
    let session = shop();
    for strategy in yielding() {
        for limit in [1, 2] {
            let orders = by(strategy, Customer::ORDERS).by(strategy, Order::CUSTOMER);
            let query = Customer::select().limit(limit).with((orders, by(strategy, Customer::NAMESAKE)));
            let customers = session.all(query).unwrap();
            let found = customers.iter().map(|customer| {
                let orders = customer.orders().unwrap();
                assert!(orders.iter().all(|order| order.customer().unwrap().name == customer.name));
                let namesake = &customer.namesake().unwrap().name;
                (orders.iter().map(|order| order.id).collect::<Vec<_>>(), namesake.as_str())
            });
            let expected = [(vec![2], "new Ada"), (vec![1, 3], "new Grace")];
            assert_eq!(found.collect::<Vec<_>>(), expected[..limit as usize], "{strategy}");
        }
        let namesakes = session.all(Namesake::select().with(by(strategy, Namesake::ORDERS))).unwrap();
        assert_eq!(namesakes[1].orders().unwrap().len(), 2, "{strategy}");
    }
    let many = Customer::ORDERS.any(Order::CUSTOMER.any(Customer::NAME.eq("Grace")));
    let figures = (Customer::ORDERS.count(), Customer::ORDERS.then(Order::CUSTOMER).count());
    let counted = session.all_with(Customer::select().filter(many), figures).unwrap();
    assert_eq!((counted.len(), counted[0].1), (1, (2, 2)));
    let part = Customer::ORDERS.order_by(Order::ID.desc()).limit_each(1);
    let customers = session.all(Customer::select().with(selectin(part))).unwrap();
    assert_eq!(customers[1].orders.part().unwrap()[0].id, 3);
}

fn writes_go_to_the_schema() {
    let session = shop();
    let mut order = session.get::<Order>(3).unwrap();
    order.customer_id = 1;
    session.update(&order).unwrap();
    order.id = 4;
    assert_eq!(session.insert(&order).unwrap(), 4);
    order.id = 5;
    session.insert_all([order]).unwrap();
    session.delete(&session.get::<Order>(2).unwrap()).unwrap();
    let mut chunks = Vec::new();
    session
        .chunks(Order::select(), 2, |orders| {
            chunks.extend(orders.iter().map(|order| (order.id, order.customer_id)));
            Ok(())
        })
        .unwrap();
    assert_eq!(chunks, [(1, 2), (3, 1), (4, 1), (5, 1)]);
}

/// The table of the same name that is searched first has keys of another type.
fn a_key_is_compared_by_its_type_in_the_schema() {
    let session = shop();
    let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session).unwrap().to_string();
    let integers = match session.dialect() {
        Dialect::Sqlite => "\"customer_id\" IN (SELECT +value FROM rarray(?1))",
        Dialect::Postgres => "\"customer_id\" = ANY($1::bigint[])",
    };
    assert!(plan.contains(integers), "{plan}");
}

fn messages_and_plans_name_the_schema() {
    let session = shop();
    let error = session.get::<Order>(9).unwrap_err().to_string();
    assert!(error.contains(r#"no row of "old \"shop\".orders" has the key 9"#), "{error}");
    let plan = Customer::select().with(selectin(Customer::ORDERS)).plan(&session).unwrap().to_string();
    assert!(plan.contains(r#"the keys of all rows of "old \"shop\".customers""#), "{plan}");
    assert_eq!((Order::INFO.schema, Order::INFO.table), (Some("old \"shop\""), "orders"));
}

#[derive(Debug, Entity)]
#[entity(table = "old.customers")]
struct Dotted {
    #[entity(key)]
    id: i64,
}

fn a_dot_in_the_name_of_a_table_is_part_of_the_name() {
    let session = database(&["CREATE TABLE \"old.customers\" (id INTEGER PRIMARY KEY)"]);
    session.insert(&Dotted { id: 3 }).unwrap();
    assert_eq!(session.all(Dotted::select()).unwrap()[0].id, 3);
}
