//! Advice: the reckoning is checked against what the strategies really send and read.

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
fn the_reckoned_statements_and_rows_are_those_that_are_sent_and_read() {
    let session = shop_of(50);
    let shapes = advice(&session, |session| {
        page::rows(&session.all(Customer::select())?).map(drop)
    })
    .relations;
    let orders = &shapes[0];
    assert_eq!((orders.parents, orders.rows, orders.statements), (50, 150, 50));
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
        }
    }
}

#[test]
fn the_shape_is_the_same_whichever_strategy_was_recorded() {
    let session = shop_of(20);
    let mut seen = Vec::new();
    for strategy in Strategy::ALL
        .into_iter()
        .filter(|strategy| *strategy != Strategy::Raise)
    {
        let shapes = advice(&session, |session| {
            let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
            page::rows(&session.all(Customer::select().with(path))?).map(drop)
        });
        let figures: Vec<_> = shapes
            .relations
            .iter()
            .map(|shape| {
                (
                    shape.parents,
                    shape.rows,
                    shape.parent_bytes.round() as u64,
                    shape.row_bytes.round() as u64,
                )
            })
            .collect();
        assert_eq!(shapes.relations[0].used, strategy);
        seen.push(figures);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}

#[test]
fn to_one_row_a_join_is_advised_and_to_many_wide_ones_it_is_not() {
    let session = shop_of(50);
    let to_one = advice(&session, |session| {
        session
            .all(Order::select())?
            .iter()
            .try_for_each(|order| order.customer().map(drop))
    });
    assert!(
        to_one
            .to_string()
            .contains("joined: no statement of its own instead of 150"),
        "{to_one}"
    );
    let to_many = advice(&session, |session| {
        page::rows(&session.all(Customer::select())?).map(drop)
    });
    assert!(
        to_many
            .to_string()
            .contains("selectin: 1 statement instead of 50"),
        "{to_many}"
    );
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
fn what_was_asked_for_of_few_parents_is_said_to_be_and_not_reckoned_for_all() {
    let session = shop_of(50);
    let few = advice(&session, |session| {
        session.all(Customer::select())?[3].orders().map(drop)
    });
    assert_eq!((few.relations[0].parents, few.relations[0].asked), (50, 1));
    assert!(
        few.to_string()
            .contains("it was asked for of 1 of 50 parents: lazy sent 1 statement"),
        "{few}"
    );
}

#[test]
fn a_relation_to_one_row_read_lazily_is_read_once_for_each_parent() {
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
    assert_eq!(
        (lazy.statements, lazy.rows),
        (tally.statements() - 1, tally.rows())
    );
}
