//! A session inside an asynchronous runtime: it blocks its thread, as on SQLite, and neither panics nor waits forever.

use eagerly::{Error, Failure, Session, selectin};
use shop::{Customer, Order, OrderItem};
use tokio::runtime::Builder;

use crate::databases::url_of;
use crate::shared::shop_of;
use crate::watchdog::{PATIENCE, within};

on_postgres!(a_session_works_in_a_runtime_of_one_thread, sessions_work_in_a_runtime_of_several_threads,);

/// Connects, reads, writes, fails, and is stopped.
fn everything(url: &str) -> Result<usize, Error> {
    let session = Session::connect(url)?;
    let query = Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS));
    let customers = session.all(query)?;
    session.chunks(OrderItem::select(), 7, |_| Ok(()))?;
    let item = session.get::<OrderItem>(1)?;
    let undone = session.transaction(|session| {
        session.insert_all((0..1_500).map(|_| OrderItem {
            id: 0,
            product: item.product.clone(),
            order: Default::default(),
            ..item
        }))?;
        session.execute("SELECT 1 / 0", [])
    });
    assert_eq!(undone.unwrap_err().database().map(|error| error.kind), Some(Failure::Other));
    session.interrupter()?.interrupt();
    session.close()?;
    Ok(customers.len())
}

fn a_session_works_in_a_runtime_of_one_thread() {
    let shop = shop_of(10);
    let url = url_of(&shop);
    let read = within(PATIENCE, move || {
        Builder::new_current_thread().build().unwrap().block_on(async { everything(&url) })
    });
    assert_eq!(read.unwrap(), 10);
}

fn sessions_work_in_a_runtime_of_several_threads() {
    let shop = shop_of(10);
    let url = url_of(&shop);
    let read: usize = within(PATIENCE, move || {
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..6)
                .map(|_| {
                    let url = url.clone();
                    tokio::spawn(async move { everything(&url) })
                })
                .collect();
            let mut read = 0;
            for task in tasks {
                read += task.await.unwrap().unwrap();
            }
            read
        })
    });
    assert_eq!(read, 60);
}
