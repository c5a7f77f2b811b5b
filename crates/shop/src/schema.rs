//! The tables, and their indexes. Without the indexes, loading children would scan the whole table.

use eagerly::{Result, Session, params};

/// The statements that create the tables, parents before children.
pub const TABLES: [&str; 3] = [
    "CREATE TABLE customers (
        id         INTEGER PRIMARY KEY,
        first_name TEXT NOT NULL,
        last_name  TEXT NOT NULL,
        email      TEXT NOT NULL
    )",
    "CREATE TABLE orders (
        id          INTEGER PRIMARY KEY,
        customer_id INTEGER NOT NULL REFERENCES customers (id),
        placed_on   TEXT NOT NULL,
        status      TEXT NOT NULL
    )",
    "CREATE TABLE order_items (
        id         INTEGER PRIMARY KEY,
        order_id   INTEGER NOT NULL REFERENCES orders (id),
        product    TEXT NOT NULL,
        quantity   INTEGER NOT NULL,
        unit_price INTEGER NOT NULL
    )",
];

/// The statements that create the indexes on the foreign keys. SQLite does not create them.
pub const INDEXES: [&str; 2] = [
    "CREATE INDEX orders_customer_id ON orders (customer_id)",
    "CREATE INDEX order_items_order_id ON order_items (order_id)",
];

/// Creates the tables and the indexes.
///
/// # Errors
/// Fails if the database is not writable, or if one of the tables or indexes exists.
pub fn create(session: &Session) -> Result<()> {
    for sql in TABLES.iter().chain(&INDEXES) {
        session.execute(sql, [])?;
    }
    Ok(())
}

/// The result of [`state`]: whether a database contains the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The database has no tables, so the shop can be created in it.
    Empty,
    /// The database has all tables of the shop.
    Shop,
    /// The database has other tables, or only some of the shop's. Do not write to it.
    Foreign,
}

/// Checks whether a database contains the shop.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn state(session: &Session) -> Result<State> {
    #[derive(eagerly::FromRow)]
    struct Counts {
        tables: i64,
        ours: i64,
    }

    let counts: Vec<Counts> = session.query(
        "SELECT count(*) AS tables, coalesce(sum(name IN (?1, ?2, ?3)), 0) AS ours
         FROM sqlite_schema WHERE type = 'table'",
        params!["customers", "orders", "order_items"],
    )?;
    Ok(match counts.first() {
        Some(Counts { tables: 0, .. }) => State::Empty,
        Some(Counts { ours: 3, .. }) => State::Shop,
        _ => State::Foreign,
    })
}
