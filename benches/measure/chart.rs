//! The results as SVG charts, for light and for dark pages.

use anyhow::{Result, anyhow};
use eagerly::numbers::count;
use plotters::prelude::*;

use crate::Row;
use crate::support::siblings::{albums, side_by_side};

const SIZE: (u32, u32) = (900, 460);

/// Placeholders: the finished SVG has `currentColor` and a transparent grey instead, which plotters cannot
/// write.
const INK: RGBColor = RGBColor(1, 2, 3);
const FAINT: RGBColor = RGBColor(4, 5, 6);

/// Colours that people with colour blindness can distinguish.
const PALETTE: [RGBColor; 7] = [
    RGBColor(213, 94, 0),
    RGBColor(230, 159, 0),
    RGBColor(204, 121, 167),
    RGBColor(0, 114, 178),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(148, 148, 148),
];

type Line = (&'static str, Vec<(f64, f64)>);

/// A line chart with two logarithmic axes.
struct Chart {
    across: &'static str,
    up: &'static str,
    lines: Vec<Line>,
}

/// Returns every chart with its file name. The chart of round trips is for the largest shop.
pub fn all(rows: &[Row]) -> Result<Vec<(&'static str, String)>> {
    let charts = [
        (
            "time.svg",
            Chart {
                across: "customers",
                up: "time of the page, ms",
                lines: by_size(rows, &TIMED, |row| Some(row.median_ms)),
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
    drawn.map(|(name, chart)| Ok((name, chart.svg()?))).collect()
}

const TIMED: [&str; 7] = ["lazy", "immediate", "selectin", "subquery", "joined", "report", "hand: in"];

const BY_ROUND_TRIP: [&str; 5] = ["lazy", "selectin", "subquery", "joined", "report"];

/// Returns a line for each way, by the size of the shop.
fn by_size(rows: &[Row], ways: &[&'static str], value: impl Fn(&Row) -> Option<f64>) -> Vec<Line> {
    let line = |way: &&'static str| {
        let of_way = rows.iter().filter(|row| row.name == *way);
        let points = of_way.filter_map(|row| Some((f64::from(row.customers), value(row)?)));
        (*way, points.collect())
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
        let points = round_trips.map(|trip| (trip, row.median_ms + row.statements as f64 * trip));
        (row.name, points.collect())
    };
    shown.map(line).collect()
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
    Ok(lines.into())
}

impl Chart {
    /// Returns whether there is nothing to draw: not every system reports the memory.
    fn is_empty(&self) -> bool {
        self.lines.iter().all(|(_, points)| points.is_empty())
    }

    fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        self.draw(&mut svg).map_err(|error| anyhow!("cannot draw the chart of {:?}: {error}", self.up))?;
        let svg = svg.replace("#010203", "currentColor").replace("#040506", "#8888884d");
        Ok(svg.replacen(
            "<svg ",
            "<svg style=\"color: CanvasText; color-scheme: light dark\" font-family=\"sans-serif\" ",
            1,
        ))
    }

    fn draw(&self, svg: &mut String) -> Result<(), Box<dyn std::error::Error>> {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)))
        };
        let (left, right) = ends(&mut points().map(|(across, _)| *across));
        let (low, high) = ends(&mut points().map(|(_, up)| *up));
        let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let text = ("sans-serif", 14).into_font().color(&INK);
        let mut chart = ChartBuilder::on(&root)
            .margin(14)
            .x_label_area_size(42)
            .y_label_area_size(76)
            .build_cartesian_2d((left * 0.9..right * 1.1).log_scale(), (low * 0.8..high * 1.3).log_scale())?;
        chart
            .configure_mesh()
            .x_desc(self.across)
            .y_desc(self.up)
            .label_style(text.clone())
            .axis_style(INK)
            .bold_line_style(FAINT)
            .light_line_style(TRANSPARENT)
            .x_label_formatter(&label)
            .y_label_formatter(&label)
            .draw()?;
        for (name, points) in &self.lines {
            let colour = colour(name);
            if points.len() < 10 {
                chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
            }
            chart
                .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
                .label(*name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(3)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(text)
            .border_style(FAINT)
            .draw()?;
        root.present()?;
        Ok(())
    }
}

/// Returns the colour of a way, the same in every chart.
fn colour(way: &str) -> RGBColor {
    let place = TIMED.iter().position(|name| *name == way);
    PALETTE[place.unwrap_or_default() % PALETTE.len()]
}

fn label(value: &f64) -> String {
    match *value < 10.0 {
        true => format!("{value}"),
        false => count(*value as u64),
    }
}
