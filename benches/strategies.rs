//! The page by every strategy and by hand-written code, at growing sizes; throughput in rows.
//!
//!     cargo bench --bench strategies
//!
//! A check before the timing ensures that all ways return the same page. Criterion measures one way after the
//! other. On a busy machine, trust the ratios of `cargo run --release --example measure`, which takes turns.

#[path = "support/setup.rs"]
mod setup;
mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::{Shop, Way, measured_for, size, sizes};

fn strategies(criterion: &mut Criterion) {
    for customers in sizes(&[100, 1_000, 5_000, 20_000], &[100, 1_000]) {
        let shop = Shop::of(customers).expect("cannot create the shop");
        let mut group = criterion.benchmark_group(format!("page of {customers} customers"));
        group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(measured_for(3));
        group.throughput(Throughput::Elements(size(customers).rows().iter().sum()));
        for way in Way::all() {
            group.bench_function(BenchmarkId::from_parameter(way.name()), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = setup::criterion();
    targets = strategies
}
criterion_main!(benches);
