//! The computed costs of the advice match what the strategies really send and read.

use eagerly::{Result, Session, Strategy, by};
use eagerly_watch::{Advice, Bound, Recording};
use shop::{Customer, Order, page};

use crate::support::shop_of;

fn advice(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Advice {
    let recording = Recording::start(session);
    work(session).unwrap();
    recording.advice()
}

#[test]
fn the_computed_costs_match_the_statements_and_rows_of_each_strategy() {
    let session = shop_of(50);
    let shapes =
        advice(&session, |session| page::rows(&session.all(Customer::select())?).map(drop)).relations;
    let orders = &shapes[0];
    assert_eq!((orders.data.parents, orders.data.rows, orders.statements), (50, Some(150), 50));
    for way in &orders.ways {
        let tally = session.tally();
        let path = by(way.strategy, Customer::ORDERS);
        for customer in &session.all(Customer::select().with(path)).unwrap() {
            customer.orders().unwrap();
        }
        assert_eq!(way.statements, tally.statements() - 1, "{}", way.strategy);
        match way.bound {
            Bound::Exactly => assert_eq!(way.rows, tally.rows(), "{}", way.strategy),
            Bound::AtLeast => assert!(way.rows <= tally.rows(), "{}", way.strategy),
            Bound::AtMost => assert!(way.rows >= tally.rows(), "{}", way.strategy),
            Bound::About => panic!("all parents were accessed"),
        }
    }
}

#[test]
fn the_data_shape_does_not_depend_on_the_recorded_strategy() {
    let session = shop_of(20);
    let mut seen = Vec::new();
    for strategy in Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise) {
        let shapes = advice(&session, |session| {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            page::rows(&session.all(Customer::select().with(path))?).map(drop)
        });
        let figures: Vec<_> = shapes
            .relations
            .iter()
            .map(|shape| {
                let data = shape.data;
                (data.parents, data.rows, data.parent_bytes.round() as u64, data.row_bytes.round() as u64)
            })
            .collect();
        assert_eq!(shapes.relations[0].used, strategy);
        seen.push(figures);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}

#[test]
fn a_join_is_recommended_for_a_belongs_to_but_not_for_a_has_many() {
    let session = shop_of(50);
    let to_one = advice(&session, |session| {
        session.all(Order::select())?.iter().try_for_each(|order| order.customer().map(drop))
    });
    assert!(to_one.to_string().contains("joined: no extra statement instead of 150"), "{to_one}");
    let to_many = advice(&session, |session| page::rows(&session.all(Customer::select())?).map(drop));
    assert!(to_many.to_string().contains("selectin: 1 statement instead of 50"), "{to_many}");
}

#[test]
fn one_parent_needs_no_advice() {
    let session = shop_of(5);
    let one = advice(&session, |session| session.get::<Customer>(1)?.orders().map(drop));
    assert!(one.to_string().contains("lazy is as good as any"), "{one}");
    let none = advice(&session, |session| session.all(Customer::select()).map(drop));
    assert_eq!(none.to_string(), "No relation was loaded.");
}

#[test]
fn an_access_to_few_parents_is_reported_for_those_parents_only() {
    let session = shop_of(50);
    let few = advice(&session, |session| session.all(Customer::select())?[3].orders().map(drop));
    let data = few.relations[0].data;
    assert_eq!((data.parents, data.accessed, data.rows), (50, 1, None));
    // The other strategies are extrapolated: all 50 parents have as many rows as this one.
    let selectin = data.way(Strategy::Selectin).unwrap();
    assert_eq!((selectin.rows, selectin.bound), (50 + 50 * data.accessed_rows, Bound::About));
    assert!(few.to_string().contains("accessed on 1 of 50 parents: lazy sent 1 statement"), "{few}");
}

#[test]
fn lazy_reads_a_belongs_to_row_once_for_each_parent() {
    let session = shop_of(20);
    let eager = advice(&session, |session| {
        let orders = session.all(Order::select().with(by(Strategy::Selectin, Order::CUSTOMER)))?;
        orders.iter().try_for_each(|order| order.customer().map(drop))
    });
    let lazy = &eager.relations[0].ways[0];
    let tally = session.tally();
    for order in &session.all(Order::select()).unwrap() {
        order.customer().unwrap();
    }
    assert_eq!((lazy.statements, lazy.rows), (tally.statements() - 1, tally.rows()));
}
