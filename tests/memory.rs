//! Memory, counted by the allocator: flat in chunks, and given back by a page that is stopped.
//!
//! One test, since what is counted belongs to the whole process. `cargo test --release --test memory` walks a million
//! customers.

use eagerly::{Error, Session, selectin};
use peak_alloc::PeakAlloc;
use shop::{Customer, Order, Size, data};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn shop_of(customers: u32) -> Session {
    let size = Size {
        customers,
        orders: 1.0,
        items: 1.0,
        seed: 1,
    };
    data::in_memory(&size).unwrap()
}

/// The most bytes that a walk in chunks takes at once. (SQLite's own memory is not the allocator's.)
fn peak_of_chunks(session: &Session) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let query = Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS));
    session.chunks(query, 500, |_| Ok(())).unwrap();
    MEMORY.peak_usage() - before
}

#[test]
fn chunks_take_as_much_for_many_as_for_few_and_a_stopped_page_gives_everything_back() {
    let number = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    let of_few = peak_of_chunks(&shop_of(2_000));
    let of_many = peak_of_chunks(&shop_of(number));
    println!("{of_few} bytes at the most for 2,000 customers, {of_many} for {number}");
    assert!(
        of_many < of_few * 3 / 2,
        "{of_few} bytes at the most for 2,000 customers, {of_many} for {number}"
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
    shop.execute(
        "UPDATE order_items SET quantity = 'many' WHERE id = (SELECT max(id) FROM order_items)",
        [],
    )
    .unwrap();
    let page = shop.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)));
    assert!(page.is_err(), "its last row cannot be read");
    drop(page);
    let left = MEMORY.current_usage().saturating_sub(before);
    assert!(
        left < 100_000,
        "{left} bytes are left of two pages that were stopped"
    );
}
