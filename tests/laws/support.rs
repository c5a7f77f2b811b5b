//! Helpers for the laws: small shops, graphs to compare, and the database's own count of statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eagerly::{Dialect, Result, Session, params};
use shop::{Customer, Order, Size, schema};

use crate::shared::databases::{ServerCount, empty, execute};
use crate::shared::filled;

/// Creates an empty shop.
pub fn empty_shop() -> Session {
    let session = empty();
    schema::create(&session).unwrap();
    session
}

/// Creates a shop with generated data.
pub fn shop_of(customers: u32) -> Session {
    filled(&Size { customers, orders: 3.0, items: 2.0, seed: 7 })
}

pub fn add_customer(session: &Session, id: i64, last_name: &str) {
    let sql = "INSERT INTO customers VALUES (?1, 'x', ?2, 'x@example.com')";
    execute(session, sql, params![id, last_name]).unwrap();
}

pub fn add_order(session: &Session, id: i64, customer: i64) {
    let sql = "INSERT INTO orders VALUES (?1, ?2, '2026-11-22', 'open')";
    execute(session, sql, params![id, customer]).unwrap();
}

pub fn add_item(session: &Session, id: i64, order: i64) {
    execute(session, "INSERT INTO order_items VALUES (?1, ?2, 'Lamp', 1, 100)", params![id, order]).unwrap();
}

/// Makes the value in a column of the last row unreadable.
pub fn spoil(session: &Session, table: &str, column: &str) {
    let (change, value) = match (session.dialect(), column) {
        (Dialect::Sqlite, _) => (None, "x'00'"),
        // PostgreSQL refuses a value of another type. These two have no text, and are no i64.
        (Dialect::Postgres, "placed_on") => (Some("date USING placed_on::date"), "'infinity'"),
        (Dialect::Postgres, _) => (Some("numeric"), "1.5"),
    };
    if let Some(change) = change {
        session.execute(&format!("ALTER TABLE {table} ALTER {column} TYPE {change}"), []).unwrap();
    }
    heal(session, table, column, value);
}

/// Sets the value in a column of the last row.
pub fn heal(session: &Session, table: &str, column: &str, value: &str) {
    let sql = format!("UPDATE {table} SET {column} = {value} WHERE id = (SELECT max(id) FROM {table})");
    session.execute(&sql, []).unwrap();
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

/// A counter of the statements that reach the database, by the database's own account: SQLite's trace, or
/// PostgreSQL's view `pg_stat_statements`.
pub enum Auditor {
    Trace(Arc<AtomicU64>),
    Server(ServerCount),
}

impl Auditor {
    pub fn of(session: &Session) -> Self {
        if session.dialect() == Dialect::Postgres {
            return Self::Server(ServerCount::of(session));
        }
        let count = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&count);
        let witness = move |_: &str| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        session.audit(witness).unwrap();
        Self::Trace(count)
    }

    pub fn count(&self) -> u64 {
        match self {
            Self::Trace(count) => count.load(Ordering::Relaxed),
            Self::Server(count) => count.count(),
        }
    }
}
