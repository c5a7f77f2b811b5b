//! Memory use, counted by the allocator. It is constant for chunks, close to the data's size for a page, and a stopped
//! page frees its memory.
//!
//! The allocator counts for the whole process, so the tests run one after the other. In a release build
//! (`cargo test --release -p tests --test memory`) they read a million customers.

#[macro_use]
mod support;

use std::sync::{Mutex, PoisonError};

use eagerly::{Dialect, Error, Select, Session, selectin};
use peak_alloc::PeakAlloc;
use shop::{Customer, Order, Size, data, schema};
use support::databases;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

static ALONE: Mutex<()> = Mutex::new(());

on_both!(
    chunks_need_no_more_memory_for_more_rows,
    stopped_pages_free_everything,
    a_page_needs_little_more_than_its_data,
);

/// Creates a shop in which each customer has one order with one item.
fn shop_of(customers: u32) -> Session {
    if databases::current() == Dialect::Sqlite {
        return data::in_memory(&Size { customers, orders: 1.0, items: 1.0, seed: 1 }).unwrap();
    }
    let session = databases::empty();
    schema::create(&session).unwrap();
    // The server makes the rows. To send them would take most of the test's time.
    for (table, row) in [
        ("customers", "n, 'First', 'Last ' || n, 'mail' || n || '@example.com'"),
        ("orders", "n, n, '2026-11-22', 'open'"),
        ("order_items", "n, n, 'Product ' || n % 40, 1, 100"),
    ] {
        let sql = format!("INSERT INTO {table} SELECT {row} FROM generate_series(1, {customers}) AS n");
        session.execute(&sql, []).unwrap();
    }
    session
}

fn whole_page() -> Select<Customer> {
    Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS))
}

/// Returns the peak memory in bytes while `work` runs, and its result. It excludes the database's own memory.
fn peak_of<T>(work: impl FnOnce() -> T) -> (usize, T) {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let done = work();
    (MEMORY.peak_usage().saturating_sub(before), done)
}

fn chunks_need_no_more_memory_for_more_rows() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = match (databases::current(), cfg!(debug_assertions)) {
        (_, false) => 1_000_000,
        (Dialect::Sqlite, true) => 20_000,
        (Dialect::Postgres, true) => 100_000,
    };
    let peak_of_chunks =
        |session: Session| peak_of(|| session.chunks(whole_page(), 500, |_| Ok(())).unwrap()).0;
    let of_few = peak_of_chunks(shop_of(2_000));
    let of_many = peak_of_chunks(shop_of(number));
    println!("peak for 2,000 customers: {of_few} bytes, for {number}: {of_many} bytes");
    assert!(
        of_many < of_few * 3 / 2,
        "peak for 2,000 customers: {of_few} bytes, for {number}: {of_many} bytes"
    );
}

fn stopped_pages_free_everything() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shop = shop_of(20_000);
    if shop.dialect() == Dialect::Postgres {
        shop.execute("ALTER TABLE order_items ALTER quantity TYPE NUMERIC", []).unwrap();
    }
    let value = if shop.dialect() == Dialect::Postgres { "1.5" } else { "'many'" };
    let last = "(SELECT max(id) FROM order_items)";
    shop.execute(&format!("UPDATE order_items SET quantity = {value} WHERE id = {last}"), []).unwrap();
    // The buffers of a connection keep their size.
    two_stopped_pages(&shop);
    let before = MEMORY.current_usage();
    two_stopped_pages(&shop);
    let left = MEMORY.current_usage().saturating_sub(before);
    assert!(left < 100_000, "two stopped pages left {left} bytes allocated");
}

fn two_stopped_pages(shop: &Session) {
    let mut chunks = 0;
    let stopped = shop.chunks(Customer::select().with(selectin(Customer::ORDERS)), 500, |_| {
        chunks += 1;
        match chunks {
            3 => Err(Error::other("stopped")),
            _ => Ok(()),
        }
    });
    assert!(stopped.is_err());
    let page = shop.all(whole_page());
    assert!(page.is_err(), "its last row cannot be read");
}

fn a_page_needs_little_more_than_its_data() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shop = shop_of(20_000);
    let before = MEMORY.current_usage();
    let (peak, page) = peak_of(|| shop.all(whole_page()).unwrap());
    let kept = MEMORY.current_usage() - before;
    assert_eq!(page.len(), 20_000);
    println!("a page of 20,000 customers keeps {kept} bytes, and its peak was {peak}");
    assert!(peak < kept * 3 / 2, "a page that keeps {kept} bytes took {peak}");
}
