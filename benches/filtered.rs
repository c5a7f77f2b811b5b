//! Some of the customers: where `selectin` beats reading whole tables, and where lazy loading is right.
//!
//!     cargo bench --bench filtered

#[path = "support/setup.rs"]
mod setup;
mod support;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use eagerly::{Strategy, by};
use shop::{Customer, Order, page};
use support::{Shop, is_quick, measured_for};

fn filtered(criterion: &mut Criterion) {
    let customers: u32 = if is_quick() { 1_000 } else { 5_000 };
    let shop = Shop::of(customers).expect("cannot create the shop");
    let session = &shop.session;
    let strategies = || Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise);

    let mut group = criterion.benchmark_group("one customer in 16");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(measured_for(2));
    let few: Vec<i64> = (1..=i64::from(customers)).step_by(16).collect();
    for strategy in strategies() {
        group.bench_function(strategy.name(), |bencher| {
            bencher.iter(|| {
                let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
                let query = Customer::select().filter(Customer::ID.in_(few.iter().copied()));
                page::rows(&session.all(query.with(path))?)
            });
        });
    }
    // For comparison: `subquery` loads all customers, and the program keeps one in 16.
    group.bench_function("whole tables, 15 rows in 16 discarded", |bencher| {
        bencher.iter(|| {
            let path = by(Strategy::Subquery, Customer::ORDERS).by(Strategy::Subquery, Order::ITEMS);
            let mut customers = session.all(Customer::select().with(path))?;
            customers.retain(|customer| customer.id % 16 == 1);
            page::rows(&customers)
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("the orders of one customer, on a page of all");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(measured_for(2));
    for strategy in strategies() {
        group.bench_function(strategy.name(), |bencher| {
            bencher.iter(|| {
                let customers = session.all(Customer::select().with(by(strategy, Customer::ORDERS)))?;
                customers[17].orders().map(<[_]>::len)
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = setup::criterion();
    targets = filtered
}
criterion_main!(benches);
