//! The number of statements, by the size of the shop: a unit of measurement that is exact. A second group
//! counts the rows that are read when two collections of one parent are loaded.
//!
//!     cargo bench --bench statements

mod support;
#[path = "support/unit.rs"]
mod unit;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use support::siblings::{albums, side_by_side};
use support::{Shop, Way, sizes};
use unit::Counted;

fn main() {
    for customers in sizes(&[100, 300, 1_000], &[100, 300]) {
        let shop = Shop::of(customers).expect("cannot create the shop");
        let mut criterion = criterion(Counted::statements(&shop.session));
        let mut group = criterion.benchmark_group("statements");
        for way in Way::all().into_iter().filter(|way| !way.name().starts_with("hand")) {
            group.bench_function(BenchmarkId::new(way.name(), customers), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
        group.finish();
    }
    sibling_joins();
}

/// Returns criterion with an exact unit. Its values do not vary, so runs are short and there are no plots.
fn criterion(unit: Counted) -> Criterion<Counted> {
    Criterion::default()
        .with_measurement(unit)
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(300))
        .configure_from_args()
}

/// Counts the rows read for two collections of one parent: a join multiplies them, `selectin` adds them.
fn sibling_joins() {
    for each in [2, 5, 10, 20] {
        let session = albums(50, each).expect("cannot create the albums");
        let mut criterion = criterion(Counted::rows(&session));
        let mut group = criterion.benchmark_group("rows read for two collections");
        for (name, by_joined) in [("joined", true), ("selectin", false)] {
            group.bench_function(BenchmarkId::new(name, each), |bencher| {
                bencher.iter(|| side_by_side(&session, by_joined));
            });
        }
        group.finish();
    }
}
