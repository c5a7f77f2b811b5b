//! How good is the model of round trips? The page on PostgreSQL at several round trips, measured and modelled.
//!
//! *Modelled* is the time of the page without an added round trip, plus round trips × the added round trip. *Measured* is
//! the page through a proxy that adds it. Both are over TCP.
//!
//! The proxy does not add its round trip to the short one on this machine. It takes as long as was asked for, in total. So
//! the model counts the short round trip twice. At 250 µs, that is a noticeable part.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use eagerly::numbers::count;
use eagerly::{Session, Strategy};
use eagerly_wire::{Proxy, Server};
use indicatif::{ProgressBar, ProgressStyle};

use crate::figures::Point;
use crate::postgres::Shop;
use crate::support::by_strategy;
use crate::svg::{self, Chart, Line, Look};
use crate::times::median;
use crate::{milliseconds, rounded};

/// The most customers. At 10 ms, the lazy page of 100 customers takes six seconds.
const CUSTOMERS: u32 = 100;

/// The most rounds.
const ROUNDS: u32 = 5;

/// The round trips to add.
const ADDED: [Duration; 3] =
    [Duration::from_micros(250), Duration::from_millis(1), Duration::from_millis(10)];

const WAYS: [Strategy; 3] = [Strategy::Lazy, Strategy::Selectin, Strategy::Joined];

/// A session with one added round trip, and the times of its pages.
struct Place {
    added: Duration,
    session: Session,
    /// Closes its connections when it is dropped. `None` for the direct connection.
    _proxy: Option<Proxy>,
    /// The times of each way.
    times: [Vec<Duration>; WAYS.len()],
}

/// Measures the page at each round trip. Every way at every round trip takes one turn in each round.
pub fn measure(server: &Server, customers: u32, rounds: u32) -> Result<Vec<Point>> {
    let (customers, rounds) = (customers.min(CUSTOMERS), rounds.min(ROUNDS));
    let progress = ProgressBar::new(0);
    progress.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} turns")?);
    let show = |step: &str| {
        progress.set_message(format!("round trips, {} customers: {step}", count(customers.into())))
    };
    let shop = Shop::create(&server.url(), customers, show)?;
    show("opening the connections");
    let mut places = vec![Place::open(shop.url(), Duration::ZERO, None)?];
    for added in ADDED {
        let proxy = Proxy::start(server.address(), added).context("cannot start the proxy")?;
        let url = shop.url().replace(&server.address().to_string(), &proxy.address().to_string());
        places.push(Place::open(&url, added, Some(proxy))?);
    }
    let page = by_strategy(&places[0].session, Strategy::Lazy)?;
    let mut round_trips = [0; WAYS.len()];
    progress.set_length(u64::from(rounds + 1) * (WAYS.len() * places.len()) as u64);
    // The first round prepares the statements, which takes additional round trips, and its times do not count.
    for round in 0..=rounds {
        for place in &mut places {
            for (way, strategy) in WAYS.into_iter().enumerate() {
                show(&format!("{strategy} at {:?}", place.added));
                let (start, before) = (Instant::now(), place.session.round_trips());
                let same = by_strategy(&place.session, strategy)? == page;
                let took = start.elapsed();
                ensure!(
                    same,
                    "the way {strategy} returns another page\n  help: report this as a bug in eagerly"
                );
                if round > 0 {
                    place.times[way].push(took);
                    round_trips[way] = place.session.round_trips() - before;
                }
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    let direct: Vec<_> = (0..WAYS.len()).map(|way| places[0].median(way)).collect();
    let points = WAYS.iter().enumerate().flat_map(|(way, strategy)| {
        let (direct, round_trips) = (direct[way], round_trips[way]);
        places[1..].iter().map(move |place| {
            let measured_ms = place.median(way);
            let modelled_ms = rounded(direct + round_trips as f64 * milliseconds(place.added));
            Point {
                name: strategy.name(),
                customers,
                round_trips,
                added_ms: milliseconds(place.added),
                direct_ms: direct,
                modelled_ms,
                measured_ms,
                ratio: rounded(measured_ms / modelled_ms),
            }
        })
    });
    Ok(points.collect())
}

impl Place {
    fn open(url: &str, added: Duration, proxy: Option<Proxy>) -> Result<Self> {
        Ok(Self { added, session: Session::connect(url)?, _proxy: proxy, times: Default::default() })
    }

    /// Returns the median time of a way, in milliseconds.
    fn median(&self, way: usize) -> f64 {
        let mut times = self.times[way].clone();
        times.sort_unstable();
        milliseconds(median(&times))
    }
}

/// Draws the modelled time as a line and the measured times as dots.
pub fn chart(points: &[Point]) -> Result<String> {
    let lines = points.chunk_by(|one, other| one.name == other.name).flat_map(|of_way| {
        let first = &of_way[0];
        let modelled = (-10..=15).map(|tenth| 10_f64.powf(f64::from(tenth) / 10.0));
        let modelled = modelled.map(|added| (added, first.direct_ms + first.round_trips as f64 * added));
        let measured = of_way.iter().map(|point| (point.added_ms, point.measured_ms));
        let line = |what, look, points| Line {
            colour: svg::colour(first.name),
            name: format!("{}, {what}", first.name),
            look,
            points,
        };
        [line("modelled", Look::Solid, modelled.collect()), line("measured", Look::Dots, measured.collect())]
    });
    let customers = points.first().map_or(0, |point| point.customers);
    let up = format!("time of the page of {}, ms", eagerly::numbers::counted(customers.into(), "customer"));
    svg::svg(&[Chart { across: "added round trip, ms", up: &up, lines: lines.collect() }])
}
