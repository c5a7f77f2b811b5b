//! Many sessions on one database. Every eager load sees one state of the database, and no update is lost.

use std::time::Instant;

use eagerly::{Entity, Error, Failure, HasMany, Result, Session, Strategy, by};

use crate::databases::{Place, open};
use crate::shared::{seconds, yielding};

on_both!(
    eight_readers_and_two_writers_see_consistent_states_and_lose_no_update,
    lazy_loading_can_mix_two_states_and_eager_loading_cannot,
);

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

fn made(place: &Place) -> Session {
    let session = place.with_concurrent_reads();
    session.create_tables::<(Order, Item)>().unwrap();
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
        session.update(&order)
    })
}

fn eight_readers_and_two_writers_see_consistent_states_and_lose_no_update() {
    let place = Place::empty();
    let session = made(&place);
    let until = Instant::now() + seconds(2);
    let (read, (written, refused)) = std::thread::scope(|scope| {
        let address = place.address();
        let readers =
            [0, 1, 2, 3, 4, 5, 6, 7].map(|number| scope.spawn(move || reads(address, number, until)));
        let writers = [0, 1].map(|number| scope.spawn(move || writes(address, number, until)));
        let read: u64 = readers.into_iter().map(|thread| thread.join().unwrap()).sum();
        let [one, other] = writers.map(|thread| thread.join().unwrap());
        (read, (one.0 + other.0, one.1 + other.1))
    });
    println!("{:?}: {read} graphs read, {written} items written, {refused} retries", session.dialect());
    assert!(read > 0 && written > 0, "{read} read, {written} written");
    let orders = session.all(Order::select()).unwrap();
    let counted: i64 = orders.iter().map(|order| order.item_count).sum();
    assert_eq!(counted as u64, written, "an update was lost");
    assert_eq!(session.count(Item::select()).unwrap(), written);
}

/// Reads with all strategies in turn until the time is over. Returns the number of reads.
fn reads(address: &str, number: usize, until: Instant) -> u64 {
    let session = open(address);
    let strategies = yielding();
    let mut read = 0;
    while Instant::now() < until {
        let strategy = strategies[(number + read as usize) % strategies.len()];
        let load = |session: &Session| session.all(Order::select().with(by(strategy, Order::ITEMS)));
        match strategy {
            // These two load on access, so the query and its accesses need one snapshot.
            Strategy::Lazy | Strategy::Batch => session.snapshot(|session| check(&load(session)?, strategy)),
            _ => load(&session).and_then(|orders| check(&orders, strategy)),
        }
        .unwrap();
        read += 1;
    }
    read
}

fn check(orders: &[Order], strategy: Strategy) -> Result<()> {
    assert_eq!(orders.len() as i64, ORDERS);
    for order in orders {
        assert_eq!(order.items()?.len() as i64, order.item_count, "{strategy} saw two states");
    }
    Ok(())
}

/// Adds items until the time is over. Returns how many, and how often it had to try again.
fn writes(address: &str, number: i64, until: Instant) -> (u64, u64) {
    let session = open(address);
    let (mut written, mut refused) = (0, 0);
    while Instant::now() < until {
        let order = 1 + (written as i64 * 3 + number) % ORDERS;
        match add_item(&session, order) {
            Ok(()) => written += 1,
            // SQLite's locks are not fair, so a writer can time out. PostgreSQL refuses to change what another
            // transaction has changed since this one began. In both cases, the writer tries again.
            Err(Error::Statement { error, .. }) if error.kind == Failure::Busy => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    (written, refused)
}

fn lazy_loading_can_mix_two_states_and_eager_loading_cannot() {
    let place = Place::empty();
    let writer = made(&place);
    let reader = open(place.address());

    let lazily = reader.all(Order::select()).unwrap();
    let eagerly = reader.all(Order::select().with(by(Strategy::Selectin, Order::ITEMS))).unwrap();
    add_item(&writer, 1).unwrap();

    let seen = |orders: &[Order]| (orders[0].item_count, orders[0].items().unwrap().len());
    assert_eq!(seen(&lazily), (0, 1), "two states in one page");
    assert_eq!(seen(&eagerly), (0, 0), "one state");
}
