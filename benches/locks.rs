//! What of N+1 is file locks: the lazy page with and without an open read transaction, by journal mode.
//!
//!     cargo bench --bench locks
//!
//! Each statement outside of a transaction takes the file's lock and drops it again. Within one, the lock is held; in
//! WAL mode it is cheaper. What remains is N+1 itself.

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
        let shop = Shop::of(customers).expect("a shop");
        let session = &shop.session;
        let modes: Vec<Mode> = session
            .query(&format!("PRAGMA journal_mode = {journal}"), [])
            .expect("a mode");
        assert!(modes[0].name.eq_ignore_ascii_case(journal));
        let mut group = criterion.benchmark_group(format!("journal mode {journal}"));
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(measured_for(3));
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
