//! The cost of file locks in N+1: the lazy page with and without an open read transaction, by journal mode.
//!
//!     cargo bench --bench locks
//!
//! Outside a transaction, each statement takes the file's lock and releases it. In a transaction, the lock is
//! held until the end. In WAL mode a lock is cheaper. The remaining time is the cost of the statements.

#[path = "support/setup.rs"]
mod setup;
mod support;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use eagerly::FromRow;
use shop::{Customer, page};
use support::{BASE, Shop, is_quick, measured_for};

#[derive(FromRow)]
struct Mode {
    #[row(column = "journal_mode")]
    name: String,
}

fn locks(criterion: &mut Criterion) {
    for journal in ["DELETE", "WAL"] {
        let customers = if is_quick() { 500 } else { 5_000 };
        let shop = Shop::of(customers).expect("cannot create the shop");
        let session = &shop.session;
        let modes: Vec<Mode> = session
            .query(&format!("PRAGMA journal_mode = {journal}"), [])
            .expect("cannot set the journal mode");
        assert!(modes[0].name.eq_ignore_ascii_case(journal));
        let mut group = criterion.benchmark_group(format!("journal mode {journal}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(measured_for(3));
        group.bench_function("lazy", |bencher| {
            bencher.iter(|| page::rows(&session.all(Customer::select())?));
        });
        group.bench_function("lazy, in one read transaction", |bencher| {
            bencher.iter(|| session.snapshot(|session| page::rows(&session.all(Customer::select())?)));
        });
        group.bench_function(BASE.name(), |bencher| bencher.iter(|| BASE.page(&shop)));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = setup::criterion();
    targets = locks
}
criterion_main!(benches);
