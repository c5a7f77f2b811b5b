//! Law 3: the number of statements and their text do not depend on the number of parents.

use std::collections::BTreeSet;

use eagerly::{Session, Strategy, by, selectin};
use shop::{Customer, Order};

use crate::databases::execute;
use crate::support::{add_customer, empty_shop};

on_both!(
    selectin_sends_the_same_three_statements_for_any_number_of_parents,
    batch_sends_the_same_three_statements_for_any_number_of_parents,
    subquery_sends_the_same_three_statements_for_any_number_of_parents,
    joined_sends_the_same_statement_for_any_number_of_parents,
    no_parents_send_no_child_statement,
    parents_without_children_send_no_grandchild_statement,
);

/// Creates a shop of `parents` customers, each with one order of one item.
fn shop_with(parents: u32) -> Session {
    let session = empty_shop();
    let fill = [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO customers SELECT i, 'x', 'y', 'z' FROM n WHERE ?1 > 0",
        "INSERT INTO orders SELECT id, id, '2026-11-22', 'open' FROM customers WHERE id <= ?1",
        "INSERT INTO order_items SELECT id, id, 'Lamp', 1, 100 FROM orders WHERE id <= ?1",
    ];
    for sql in fill {
        execute(&session, sql, eagerly::params![parents]).unwrap();
    }
    session
}

/// Returns the texts of the statements that load customers with their orders and items.
fn texts(strategy: Strategy, parents: u32) -> Vec<String> {
    let session = shop_with(parents);
    let tally = session.tally();
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let customers = session.all(Customer::select().with(path)).unwrap();
    assert_eq!(customers.len(), parents as usize);
    for customer in &customers {
        let orders = customer.orders().unwrap();
        assert_eq!(orders.len(), 1);
        assert_eq!(orders[0].items().unwrap()[0].order_id, orders[0].id);
    }
    let statements = tally.shapes().into_iter().filter(|shape| {
        assert_eq!(shape.statements, 1);
        shape.kind != eagerly::Kind::Control
    });
    statements.map(|shape| shape.sql).collect()
}

fn assert_constant(strategy: Strategy, statements: usize) {
    let sizes = [1, 2, 499, 500, 501, 999, 1_000, 32_765, 32_766, 32_767, 32_768, 40_000];
    let different: BTreeSet<_> = sizes.into_iter().map(|size| texts(strategy, size)).collect();
    assert_eq!(different.len(), 1, "{strategy}");
    assert_eq!(different.first().map(Vec::len), Some(statements), "{strategy}");
}

fn selectin_sends_the_same_three_statements_for_any_number_of_parents() {
    assert_constant(Strategy::Selectin, 3);
}

fn batch_sends_the_same_three_statements_for_any_number_of_parents() {
    assert_constant(Strategy::Batch, 3);
}

fn subquery_sends_the_same_three_statements_for_any_number_of_parents() {
    assert_constant(Strategy::Subquery, 3);
}

fn joined_sends_the_same_statement_for_any_number_of_parents() {
    assert_constant(Strategy::Joined, 1);
}

fn no_parents_send_no_child_statement() {
    for strategy in Strategy::ALL {
        assert_eq!(texts(strategy, 0).len(), 1, "{strategy}");
    }
}

/// Slow without optimisation. Run it with `cargo test --release -- --include-ignored a_million`.
#[test]
#[cfg_attr(debug_assertions, ignore = "a million parents take too long in a debug build")]
fn a_million_parents_send_three_statements_too() {
    assert_eq!(texts(Strategy::Selectin, 1_000_000), texts(Strategy::Selectin, 1));
}

fn parents_without_children_send_no_grandchild_statement() {
    let session = empty_shop();
    add_customer(&session, 1, "a");
    add_customer(&session, 2, "b");
    let tally = session.tally();
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let customers = session.all(Customer::select().with(path)).unwrap();
    assert_eq!(tally.statements(), 2, "customers and orders, but no statement for items");
    assert!(customers.iter().all(|customer| customer.orders().unwrap().is_empty()));
    assert_eq!(tally.statements(), 2);
}
