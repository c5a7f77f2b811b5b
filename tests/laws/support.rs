//! Helpers for the laws: small shops, graphs to compare, and SQLite's own count of statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eagerly::{Result, Session, params};
use shop::{Customer, Order, Size, data, schema};

/// Creates an empty shop in memory.
pub fn empty_shop() -> Session {
    let session = Session::in_memory().unwrap();
    schema::create(&session).unwrap();
    session
}

/// Creates a shop in memory with generated data.
pub fn shop_of(customers: u32) -> Session {
    let size = Size { customers, orders: 3.0, items: 2.0, seed: 7 };
    data::in_memory(&size).unwrap()
}

pub fn add_customer(session: &Session, id: i64, last_name: &str) {
    session
        .execute("INSERT INTO customers VALUES (?1, 'x', ?2, 'x@example.com')", params![id, last_name])
        .unwrap();
}

pub fn add_order(session: &Session, id: i64, customer: i64) {
    session
        .execute("INSERT INTO orders VALUES (?1, ?2, '2026-11-22', 'open')", params![id, customer])
        .unwrap();
}

pub fn add_item(session: &Session, id: i64, order: i64) {
    session.execute("INSERT INTO order_items VALUES (?1, ?2, 'Lamp', 1, 100)", params![id, order]).unwrap();
}

/// A customer with its orders and their items, as plain data.
pub type CustomerGraph = (i64, String, Vec<OrderGraph>);
/// An order as plain data: its key, its customer's key read through the relation, and its items.
pub type OrderGraph = (i64, i64, Vec<(i64, i64)>);

/// Reads the whole graph through the accessors.
pub fn graph(customers: &[Customer]) -> Result<Vec<CustomerGraph>> {
    let of = |customer: &Customer| {
        let orders: Result<Vec<_>> = customer.orders()?.iter().map(order_graph).collect();
        Ok((customer.id, customer.last_name.clone(), orders?))
    };
    customers.iter().map(of).collect()
}

pub fn order_graph(order: &Order) -> Result<OrderGraph> {
    let items = order.items()?.iter().map(|item| (item.id, item.order_id));
    Ok((order.id, order.customer()?.id, items.collect()))
}

/// A counter of the statements that SQLite starts, from SQLite's own trace.
pub struct Auditor(Arc<AtomicU64>);

impl Auditor {
    pub fn of(session: &Session) -> Self {
        let count = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&count);
        let witness = move |_: &str| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        session.audit(witness).unwrap();
        Self(count)
    }

    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
