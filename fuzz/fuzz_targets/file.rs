//! A damaged file: bits are flipped or the end is cut off. Every strategy then reads the database. Each
//! returns rows or an error, and never panics or runs forever.
#![no_main]

use std::cell::OnceCell;
use std::path::PathBuf;

use arbitrary::Arbitrary;
use eagerly::{Entity, HasMany, Session, Strategy, by};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, Arbitrary)]
struct Input {
    flips: Vec<(u16, u8)>,
    cut: Option<u16>,
    /// Bytes that overwrite the start of the file, so that the fuzzer reaches the header.
    head: Vec<u8>,
}

#[derive(Debug, Entity)]
#[entity(table = "customers")]
struct Customer {
    #[entity(key)]
    id: i64,
    name: String,
    #[entity(foreign_key = "customer_id")]
    orders: HasMany<Order>,
}

#[derive(Debug, Entity)]
#[entity(table = "orders")]
struct Order {
    #[entity(key)]
    id: i64,
    customer_id: i64,
    status: String,
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("eagerly-fuzz-{}.db", std::process::id()))
}

fn whole_file() -> Vec<u8> {
    let path = path();
    let _ = std::fs::remove_file(&path);
    let session = Session::open(&path).unwrap();
    for sql in [
        "PRAGMA page_size = 512",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, status TEXT NOT NULL)",
        "CREATE INDEX orders_customer_id ON orders (customer_id)",
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
            INSERT INTO customers SELECT n, 'customer ' || n FROM n",
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300)
            INSERT INTO orders SELECT n, 1 + n * 7 % 60, 'open' FROM n",
    ] {
        session.execute(sql, []).unwrap();
    }
    drop(session);
    std::fs::read(path).unwrap()
}

thread_local! {
    static WHOLE: OnceCell<Vec<u8>> = const { OnceCell::new() };
}

fuzz_target!(|input: Input| {
    let mut bytes = WHOLE.with(|whole| whole.get_or_init(whole_file).clone());
    for (place, bits) in &input.flips {
        let place = usize::from(*place) % bytes.len();
        bytes[place] ^= bits;
    }
    for (byte, head) in bytes.iter_mut().zip(input.head.iter().take(100)) {
        *byte = *head;
    }
    if let Some(cut) = input.cut {
        bytes.truncate(usize::from(cut));
    }
    std::fs::write(path(), bytes).unwrap();
    let Ok(session) = Session::open(path()) else {
        return;
    };
    for strategy in Strategy::ALL {
        let query = Customer::select().with(by(strategy, Customer::ORDERS));
        if let Ok(customers) = session.all(query) {
            for customer in customers.iter().take(200) {
                let _ = customer.orders().map(<[Order]>::len);
            }
        }
    }
    let _ = session.chunks(Order::select(), 7, |_| Ok(()));
});
