//! The results as charts: which figures each chart shows.

use anyhow::Result;

use crate::figures::Row;
use crate::support::siblings::{albums, side_by_side};
use crate::svg::{self, Chart, Line};

/// Returns every chart with its file name. The chart of round trips is for the largest shop.
pub fn all(rows: &[Row]) -> Result<Vec<(&'static str, String)>> {
    let charts = [
        (
            "time.svg",
            Chart {
                across: "customers",
                up: "time of the page, ms",
                lines: by_size(rows, &TIMED, |row| Some(row.times.as_ref()?.median_ms)),
            },
        ),
        (
            "statements.svg",
            Chart {
                across: "customers",
                up: "statements",
                lines: by_size(rows, &["lazy", "selectin", "joined"], |row| Some(row.statements as f64)),
            },
        ),
        (
            "memory.svg",
            Chart {
                across: "customers",
                up: "memory of the page at its peak, MB",
                lines: by_size(rows, &["lazy", "selectin", "joined", "report", "hand: in"], |row| {
                    row.peak_bytes.map(|bytes| bytes as f64 / 1e6)
                }),
            },
        ),
        (
            "round_trips.svg",
            Chart {
                across: "round trip, ms",
                up: "time of the page, ms: measured + statements × round trip",
                lines: by_round_trip(rows),
            },
        ),
        (
            "siblings.svg",
            Chart {
                across: "rows in each of two collections of 100 parents",
                up: "rows read",
                lines: siblings()?,
            },
        ),
    ];
    let drawn = charts.into_iter().filter(|(_, chart)| !chart.is_empty());
    drawn.map(|(name, chart)| Ok((name, svg::svg(&[chart])?))).collect()
}

const TIMED: [&str; 7] = ["lazy", "immediate", "selectin", "subquery", "joined", "report", "hand: in"];

const BY_ROUND_TRIP: [&str; 5] = ["lazy", "selectin", "subquery", "joined", "report"];

/// Returns a line for each way, by the size of the shop.
fn by_size(rows: &[Row], ways: &[&'static str], value: impl Fn(&Row) -> Option<f64>) -> Vec<Line> {
    let line = |way: &&'static str| {
        let of_way = rows.iter().filter(|row| row.name == *way);
        let points = of_way.filter_map(|row| Some((f64::from(row.customers), value(row)?)));
        Line::of(way, points.collect())
    };
    ways.iter().map(line).collect()
}

/// Returns the modelled time of the page for the largest shop, by the round trip. `immediate` is left out: it
/// sends as many statements as `lazy`, so its line would hide the other.
fn by_round_trip(rows: &[Row]) -> Vec<Line> {
    let largest = rows.iter().map(|row| row.customers).max();
    let shown = rows.iter().filter(|row| Some(row.customers) == largest && BY_ROUND_TRIP.contains(&row.name));
    let line = |row: &Row| {
        let round_trips = (-10..=19).map(|tenth| 10_f64.powf(f64::from(tenth) / 10.0));
        let median = row.times.as_ref()?.median_ms;
        let points = round_trips.map(|trip| (trip, median + row.statements as f64 * trip));
        Some(Line::of(row.name, points.collect()))
    };
    shown.filter_map(line).collect()
}

/// Counts the rows that are read when two collections of one parent are loaded.
fn siblings() -> Result<Vec<Line>> {
    let mut lines = [("joined", Vec::new()), ("selectin", Vec::new())];
    for each in [1, 2, 5, 10, 20, 50] {
        let session = albums(100, each)?;
        for (way, points) in &mut lines {
            let tally = session.tally();
            side_by_side(&session, *way == "joined")?;
            points.push((each as f64, tally.rows() as f64));
        }
    }
    Ok(lines.map(|(way, points)| Line::of(way, points)).into())
}
