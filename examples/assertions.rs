//! Assertions: a test that counts statements fails when a fixed N+1 comes back.
//!
//!     cargo run --release --example assertions
//!
//! In a test, a failed assertion ends the test. This program catches each failure and prints its message.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use eagerly::{Session, Tally, selectin};
use eagerly_watch::{assert_constant_queries, assert_queries};
use shop::{Customer, Order, Size, data, page};
use terminal::{fitted, println};

fn main() -> Result<()> {
    std::panic::set_hook(Box::new(|panic| {
        let words = panic.payload().downcast_ref::<String>();
        println!("{}", fitted(words.map_or("", String::as_str)));
    }));
    let session = shop_of(20)?;

    println!("== The page, eager: 3 statements, the assertion passes\n");
    let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
    let rows = assert_queries!(session, 3, { page::rows(&session.all(Customer::select().with(path))?)? });
    println!("{} lines\n", rows.len());

    println!("== The page, lazy: the assertion fails\n");
    let lazy = || {
        assert_queries!(session, 3, page::rows(&session.all(Customer::select())?)?);
        Result::<()>::Ok(())
    };
    let _ = catch_unwind(AssertUnwindSafe(lazy));

    println!("== At several sizes: the count must not grow\n");
    let growing = || {
        assert_constant_queries!([2, 20, 200], |customers| -> Result<Tally> {
            let session = shop_of(customers)?;
            let tally = session.tally();
            page::rows(&session.all(Customer::select().with(selectin(Customer::ORDERS)))?)?;
            Ok(tally)
        });
    };
    let _ = catch_unwind(AssertUnwindSafe(growing));
    Ok(())
}

fn shop_of(customers: u32) -> eagerly::Result<Session> {
    let size = Size { customers, ..Size::default() };
    data::in_memory(&size)
}
