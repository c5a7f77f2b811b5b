//! Views, repeated parents, and foreign keys without an index.

use super::*;

/// An entity over a view, which can be read but not written.
#[derive(Debug, Entity)]
#[entity(table = "Big Spenders")]
struct Spender {
    #[entity(key, column = "Customer Id")]
    id: i64,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<shop::Order>,
}

#[test]
fn a_view_can_be_read_but_not_written() {
    let session = Session::in_memory().unwrap();
    shop::data::fill(&session, &shop::Size { customers: 20, ..Default::default() }, |_| {}).unwrap();
    session
        .execute(
            "CREATE VIEW \"Big Spenders\" AS SELECT customer_id AS \"Customer Id\", count(*) AS n
             FROM orders GROUP BY customer_id HAVING n > 3",
            [],
        )
        .unwrap();
    let counts = |query: Select<Spender>| {
        let spenders = session.all(query).unwrap();
        spenders.iter().map(|spender| (spender.id, spender.orders().unwrap().len())).collect::<Vec<_>>()
    };
    let lazy = counts(Spender::select());
    assert!(lazy.len() > 2);
    for strategy in yielding() {
        assert_eq!(counts(Spender::select().with(by(strategy, Spender::ORDERS))), lazy, "{strategy}");
        assert_eq!(
            counts(Spender::select().limit(2).with(by(strategy, Spender::ORDERS))),
            lazy[..2],
            "{strategy}"
        );
    }
    let spender = session.get::<Spender>(lazy[0].0).unwrap();
    assert!(session.delete(&spender).is_err());
}

#[derive(Debug, Entity)]
#[entity(table = "twins")]
struct Twin {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<shop::Order>,
}

#[test]
fn repeated_parents_each_get_their_children() {
    let session = Session::in_memory().unwrap();
    shop::data::fill(&session, &shop::Size { customers: 10, ..Default::default() }, |_| {}).unwrap();
    // The "key" of the view is not unique, as in many views over a join.
    session
        .execute(
            "CREATE VIEW twins AS SELECT id, 'a' AS name FROM customers UNION ALL SELECT id, 'b' FROM customers",
            [],
        )
        .unwrap();
    let counts = |query: Select<Twin>| {
        let twins = session.all(query.order_by(Twin::NAME)).unwrap();
        twins.iter().map(|twin| (twin.id, twin.orders().unwrap().len())).collect::<Vec<_>>()
    };
    let lazy = counts(Twin::select());
    assert_eq!(lazy.len(), 20);
    assert_eq!(lazy[..10], lazy[10..]);
    for strategy in [Strategy::Immediate, Strategy::Batch, Strategy::Selectin, Strategy::Subquery] {
        assert_eq!(counts(Twin::select().with(by(strategy, Twin::ORDERS))), lazy, "{strategy}");
    }
}

#[test]
fn a_foreign_key_without_an_index_loads_the_right_rows_and_the_plan_shows_a_scan() {
    let session = Session::in_memory().unwrap();
    shop::data::fill(&session, &shop::Size { customers: 10, ..Default::default() }, |_| {}).unwrap();
    session.execute("DROP INDEX orders_customer_id", []).unwrap();
    let query = || shop::Customer::select().with(selectin(shop::Customer::ORDERS));
    let orders: usize = session.all(query()).unwrap().iter().map(|c| c.orders().unwrap().len()).sum();
    assert_eq!(orders, 100);
    let plan = query().plan(&session).unwrap();
    assert!(plan.steps[1].explained.iter().any(|line| line.starts_with("SCAN orders")), "{plan}");
}
