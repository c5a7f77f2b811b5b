//! Snapshot: lazy loading reads at many moments, and a writer can commit between them.
//!
//!     cargo run --release --example snapshot
//!
//! Each order has a column with its number of items. A writer adds an item and updates the number in one
//! transaction. No reader should see one change without the other.

use std::path::Path;

use eagerly::{Entity, HasMany, Result, Session, selectin};
use terminal::println;

#[derive(Debug, Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    item_count: i64,
    #[entity(foreign_key = "order_id")]
    items: HasMany<Item>,
}

#[derive(Debug, Entity)]
#[entity(table = "items")]
struct Item {
    #[entity(key)]
    id: i64,
    order_id: i64,
}

fn main() -> anyhow::Result<()> {
    let folder = terminal::folder()?;
    let path = folder.path().join("orders.db");
    let writer = Session::open(&path)?;
    for sql in [
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, item_count INTEGER NOT NULL)",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL)",
        "INSERT INTO orders VALUES (1, 0), (2, 0)",
    ] {
        writer.execute(sql, [])?;
    }
    lazily(&path, &writer)?;
    eagerly(&path, &writer)?;
    in_a_snapshot(&path, &writer)?;
    Ok(())
}

/// Adds an item to each order and updates its number of items.
fn order_more(writer: &Session) -> Result<()> {
    writer.transaction(|writer| {
        writer.execute("INSERT INTO items (order_id) SELECT id FROM orders", [])?;
        writer.execute("UPDATE orders SET item_count = item_count + 1", [])?;
        Ok(())
    })?;
    Ok(())
}

// ANCHOR: lazily
/// Reads the orders before the write, and their items after it.
fn lazily(path: &Path, writer: &Session) -> Result<()> {
    let reader = Session::open(path)?;
    let orders = reader.all(Order::select())?;
    order_more(writer)?;
    show("lazy", &orders)
}
// ANCHOR_END: lazily

// ANCHOR: eagerly
/// Reads orders and items in one snapshot, before the write.
fn eagerly(path: &Path, writer: &Session) -> Result<()> {
    let reader = Session::open(path)?;
    let orders = reader.all(Order::select().with(selectin(Order::ITEMS)))?;
    order_more(writer)?;
    show("selectin", &orders)
}
// ANCHOR_END: eagerly

// ANCHOR: in_a_snapshot
/// Reads lazily in an open read transaction, so that all statements see one state of the database.
fn in_a_snapshot(path: &Path, writer: &Session) -> Result<()> {
    let reader = Session::open(path)?;
    reader.snapshot(|reader| {
        let orders = reader.all(Order::select())?;
        order_more(writer)?;
        show("lazy, in a snapshot", &orders)
    })
}
// ANCHOR_END: in_a_snapshot

fn show(how: &str, orders: &[Order]) -> Result<()> {
    println!("{how}:");
    for order in orders {
        let items = order.items()?.len() as i64;
        let verdict = if items == order.item_count { "" } else { "   <- never true in the database" };
        println!("  order {}: item_count is {}, items loaded: {items}{verdict}", order.id, order.item_count);
    }
    Ok(())
}
