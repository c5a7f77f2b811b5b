//! The page at several round trips: measured time plus modelled time (statements × round trip).
//!
//!     cargo bench --bench round_trips
//!
//! Nothing waits for a round trip. The names of the groups therefore say "modelled". How good the model is, `measure
//! --server` shows: it measures the same page through a proxy that adds a round trip.

mod support;

use std::time::{Duration, Instant};

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion};
use eagerly::{Network, Tally};
use support::{Shop, Way, is_quick, measured_for};

const WAYS: [&str; 5] = ["lazy", "selectin", "subquery", "joined", "report"];

fn main() {
    let customers = if is_quick() { 100 } else { 1_000 };
    let shop = Shop::of(customers).expect("cannot create the shop");
    for micros in [0, 500, 1_000, 20_000, 80_000] {
        let round_trip = Duration::from_micros(micros);
        shop.session.model_network(Some(Network::virtual_of(round_trip)));
        let unit = Modelled { tally: shop.session.tally(), wall: WallTime };
        let mut criterion = Criterion::default()
            .with_measurement(unit)
            .without_plots()
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(measured_for(1))
            .configure_from_args();
        let name = format!("page of {customers} customers, modelled at {round_trip:?}");
        let mut group = criterion.benchmark_group(name);
        for way in WAYS.into_iter().filter_map(Way::named) {
            group.bench_function(BenchmarkId::from_parameter(way.name()), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
        group.finish();
    }
}

/// A unit of measurement: the measured time plus the modelled round trips.
struct Modelled {
    tally: Tally,
    wall: WallTime,
}

impl Measurement for Modelled {
    type Intermediate = (Instant, Duration);
    type Value = Duration;

    fn start(&self) -> Self::Intermediate {
        (Instant::now(), self.tally.round_trips())
    }

    fn end(&self, (start, travelled): Self::Intermediate) -> Duration {
        start.elapsed() + self.tally.round_trips().saturating_sub(travelled)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.wall.formatter()
    }
}
