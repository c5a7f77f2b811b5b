//! Snapshot: lazy loading reads at many moments, and somebody may write in between.
//!
//!     cargo run --release --example snapshot
//!
//! Each order says how many items it has. A writer adds an item, and corrects the number, in one transaction: no reader
//! should ever see the one without the other.

use std::path::Path;

use eagerly::{Entity, HasMany, Result, Session, selectin};

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
    let folder = tempfile::tempdir()?;
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

/// An item for each order, and the number with it.
fn order_more(writer: &Session) -> Result<()> {
    writer.transaction(|writer| {
        writer.execute("INSERT INTO items (order_id) SELECT id FROM orders", [])?;
        writer.execute("UPDATE orders SET item_count = item_count + 1", [])?;
        Ok(())
    })?;
    Ok(())
}

// ANCHOR: lazily
/// The orders are read before the writer comes, and their items after it.
fn lazily(path: &Path, writer: &Session) -> Result<()> {
    let reader = Session::open(path)?;
    let orders = reader.all(Order::select())?;
    order_more(writer)?;
    show("lazy", &orders)
}
// ANCHOR_END: lazily

// ANCHOR: eagerly
/// All of it is read in one snapshot, before the writer comes.
fn eagerly(path: &Path, writer: &Session) -> Result<()> {
    let reader = Session::open(path)?;
    let orders = reader.all(Order::select().with(selectin(Order::ITEMS)))?;
    order_more(writer)?;
    show("selectin", &orders)
}
// ANCHOR_END: eagerly

// ANCHOR: in_a_snapshot
/// Lazy, too, sees one state of the database, as long as a read transaction is open.
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
        let verdict = if items == order.item_count {
            ""
        } else {
            "   <- never true in the database"
        };
        println!(
            "  order {} says {} items and has {items}{verdict}",
            order.id, order.item_count
        );
    }
    Ok(())
}
