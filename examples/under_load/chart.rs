//! The figures as a chart: pages per second, and the time of a page, by the number of users.

use anyhow::Result;
use eagerly::Strategy;
use eagerly::numbers::counted;
use shop_server::load::Level;

use crate::Options;
use crate::screen::milliseconds;
use crate::svg::{self, Chart, Line, Look};

/// Draws two charts below each other. Both show only measured figures.
pub fn svg(levels: &[Level], options: &Options) -> Result<String> {
    let line = |strategy: Strategy, what: &str, look: Look, value: &dyn Fn(&Level) -> f64| {
        let of_strategy = levels.iter().filter(|level| level.way == strategy.name());
        Line {
            colour: svg::colour(strategy.name()),
            name: format!("{strategy}, {what}"),
            look,
            points: of_strategy.map(|level| (f64::from(level.users), value(level))).collect(),
        }
    };
    let strategies = || options.strategy.iter().copied();
    let rates =
        strategies().map(|strategy| line(strategy, "measured", Look::Solid, &Level::pages_per_second));
    let times = strategies().flat_map(|strategy| {
        [
            line(strategy, "p50, measured", Look::Solid, &|level| milliseconds(level.median)),
            line(strategy, "p99, measured", Look::Dashed, &|level| milliseconds(level.p99)),
        ]
    });
    let across =
        &format!("users at once, over a pool of {}", counted(options.connections.into(), "connection"));
    svg::svg(&[
        Chart { across, up: "pages per second", lines: rates.collect() },
        Chart { across, up: "time of a page with its wait for a connection, ms", lines: times.collect() },
    ])
}
