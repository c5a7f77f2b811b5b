//! Memory use, counted by the allocator. It is constant for chunks, and a stopped page frees its memory.
//!
//! There is only one test, because the allocator counts for the whole process. In a release build
//! (`cargo test --release -p tests --test memory`) it reads a million customers.

use eagerly::{Error, Session, selectin};
use peak_alloc::PeakAlloc;
use shop::{Customer, Order, Size, data};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn shop_of(customers: u32) -> Session {
    let size = Size { customers, orders: 1.0, items: 1.0, seed: 1 };
    data::in_memory(&size).unwrap()
}

/// Returns the peak memory in bytes while the shop is read in chunks. It excludes SQLite's own memory.
fn peak_of_chunks(session: &Session) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let query = Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS));
    session.chunks(query, 500, |_| Ok(())).unwrap();
    MEMORY.peak_usage() - before
}

#[test]
fn chunks_need_no_more_memory_for_more_rows_and_a_stopped_page_frees_everything() {
    let number = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    let of_few = peak_of_chunks(&shop_of(2_000));
    let of_many = peak_of_chunks(&shop_of(number));
    println!("peak for 2,000 customers: {of_few} bytes, for {number}: {of_many} bytes");
    assert!(
        of_many < of_few * 3 / 2,
        "peak for 2,000 customers: {of_few} bytes, for {number}: {of_many} bytes"
    );

    let shop = shop_of(20_000);
    let before = MEMORY.current_usage();
    let mut chunks = 0;
    let stopped = shop.chunks(Customer::select().with(selectin(Customer::ORDERS)), 500, |_| {
        chunks += 1;
        match chunks {
            3 => Err(Error::other("stopped")),
            _ => Ok(()),
        }
    });
    assert!(stopped.is_err());
    drop(stopped);
    shop.execute("UPDATE order_items SET quantity = 'many' WHERE id = (SELECT max(id) FROM order_items)", [])
        .unwrap();
    let page = shop.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert!(page.is_err(), "its last row cannot be read");
    drop(page);
    let left = MEMORY.current_usage().saturating_sub(before);
    assert!(left < 100_000, "two stopped pages left {left} bytes allocated");
}
