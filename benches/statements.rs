//! Statements as a unit of measurement: exact, without noise, against the size of the shop. And rows read, where two
//! collections are loaded side by side.
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
        let shop = Shop::of(customers).expect("a shop");
        let mut criterion = criterion(Counted::statements(&shop.session));
        let mut group = criterion.benchmark_group("statements");
        for way in Way::all()
            .into_iter()
            .filter(|way| !way.name().starts_with("hand"))
        {
            group.bench_function(BenchmarkId::new(way.name(), customers), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
        group.finish();
    }
    sibling_joins();
}

/// Criterion with a unit of its own. A figure that does not vary needs no plot and no long look.
fn criterion(unit: Counted) -> Criterion<Counted> {
    Criterion::default()
        .with_measurement(unit)
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(300))
        .configure_from_args()
}

/// Two collections side by side: a join multiplies them, `selectin` adds them up.
fn sibling_joins() {
    for each in [2, 5, 10, 20] {
        let session = albums(50, each).expect("albums");
        let mut criterion = criterion(Counted::rows(&session));
        let mut group = criterion.benchmark_group("rows read, of two collections");
        for (name, by_joined) in [("joined", true), ("selectin", false)] {
            group.bench_function(BenchmarkId::new(name, each), |bencher| {
                bencher.iter(|| side_by_side(&session, by_joined));
            });
        }
        group.finish();
    }
}
