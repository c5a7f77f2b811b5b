//! Many sessions on one file. Every eager load sees one state of the database, and no update is lost.

use std::path::Path;
use std::time::{Duration, Instant};

use eagerly::{Entity, Error, Failure, HasMany, Result, Session, Strategy, by, params};

/// An order. The writers update `item_count` in the transaction that adds an item.
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

const ORDERS: i64 = 8;

fn made(path: &Path) -> Session {
    let session = Session::open(path).unwrap();
    for sql in [
        "PRAGMA journal_mode = WAL",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, item_count INTEGER NOT NULL)",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL)",
        "CREATE INDEX items_order_id ON items (order_id)",
    ] {
        session.execute(sql, []).unwrap();
    }
    session
        .insert_all((1..=ORDERS).map(|id| Order { id, item_count: 0, items: HasMany::default() }))
        .unwrap();
    session
}

/// Adds an item and updates the count. Like a real program, it reads the old count first.
fn add_item(session: &Session, order: i64) -> Result<()> {
    session.transaction(|session| {
        let mut order: Order = session.get(order)?;
        session.insert(&Item { id: 0, order_id: order.id })?;
        order.item_count += 1;
        session.execute(
            "UPDATE orders SET item_count = ?1 WHERE id = ?2",
            params![order.item_count, order.id],
        )?;
        Ok(())
    })
}

/// Returns the duration of the test: two seconds, or the value of `EAGERLY_SECONDS`.
fn time() -> Duration {
    let seconds = std::env::var("EAGERLY_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(2))
}

#[test]
fn eight_readers_and_two_writers_see_consistent_states_and_lose_no_update() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let session = made(&path);
    let until = Instant::now() + time();
    let (read, written) = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn({
                    let path = &path;
                    move || reads(path, number, until)
                })
            })
            .collect();
        let writers: Vec<_> = (0..2)
            .map(|number| {
                scope.spawn({
                    let path = &path;
                    move || writes(path, number, until)
                })
            })
            .collect();
        let sum = |threads: Vec<std::thread::ScopedJoinHandle<'_, u64>>| -> u64 {
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        };
        (sum(readers), sum(writers))
    });
    assert!(read > 0 && written > 0, "{read} read, {written} written");
    let orders = session.all(Order::select()).unwrap();
    let counted: i64 = orders.iter().map(|order| order.item_count).sum();
    assert_eq!(counted as u64, written, "an update was lost");
    assert_eq!(session.count(Item::select()).unwrap(), written);
}

/// Reads with the eager strategies in turn until the time is over. Returns the number of reads.
fn reads(path: &Path, number: usize, until: Instant) -> u64 {
    let session = Session::open(path).unwrap();
    let eager = [Strategy::Selectin, Strategy::Subquery, Strategy::Joined, Strategy::Immediate];
    let mut read = 0;
    while Instant::now() < until {
        let strategy = eager[(number + read as usize) % eager.len()];
        let orders = session.all(Order::select().with(by(strategy, Order::ITEMS))).unwrap();
        for order in &orders {
            let items = order.items().unwrap().len() as i64;
            assert_eq!(items, order.item_count, "{strategy} saw two states");
        }
        read += 1;
    }
    read
}

fn writes(path: &Path, number: i64, until: Instant) -> u64 {
    let session = Session::open(path).unwrap();
    let mut written = 0;
    while Instant::now() < until {
        let order = 1 + (written as i64 * 3 + number) % ORDERS;
        match add_item(&session, order) {
            Ok(()) => written += 1,
            // SQLite's locks are not fair, so a writer can time out. It tries again.
            Err(Error::Statement { error, .. }) if error.kind == Failure::Busy => {}
            Err(error) => panic!("{error}"),
        }
    }
    written
}

#[test]
fn lazy_loading_can_mix_two_states_and_eager_loading_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    let writer = made(&path);
    let reader = Session::open(&path).unwrap();

    let lazily = reader.all(Order::select()).unwrap();
    let eagerly = reader.all(Order::select().with(by(Strategy::Selectin, Order::ITEMS))).unwrap();
    add_item(&writer, 1).unwrap();

    let seen = |orders: &[Order]| (orders[0].item_count, orders[0].items().unwrap().len());
    assert_eq!(seen(&lazily), (0, 1), "two states in one page");
    assert_eq!(seen(&eagerly), (0, 0), "one state");
}
