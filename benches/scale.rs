//! Time per row at growing sizes, up to 100,000 customers with 455,000 orders and 1,365,000 items.
//!
//!     cargo bench --bench scale
//!
//! The time per row must stay constant. The example `scale` (`cargo run --release --example scale`) also measures the peak
//! memory, at any size up to a million customers.

#[path = "support/setup.rs"]
mod setup;
mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use support::{Shop, Way, measured_for, size, sizes};

fn scale(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scale");
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(measured_for(3));
    for customers in sizes(&[1_000, 10_000, 100_000], &[1_000, 5_000]) {
        let shop = Shop::of(customers).expect("cannot create the shop");
        group.throughput(Throughput::Elements(size(customers).rows().iter().sum()));
        for way in ["selectin", "subquery", "joined"].into_iter().filter_map(Way::named) {
            group.bench_function(BenchmarkId::new(way.name(), customers), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = setup::criterion();
    targets = scale
}
criterion_main!(benches);
