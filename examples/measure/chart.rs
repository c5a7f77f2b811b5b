//! The figures as charts, in SVG that goes with a light page and with a dark one.

use anyhow::{Result, anyhow};
use eagerly::text::count;
use plotters::prelude::*;

use crate::Row;

const SIZE: (u32, u32) = (900, 460);

/// Stand-ins, replaced in the finished picture by what the page around it has.
const INK: RGBColor = RGBColor(1, 2, 3);
const FAINT: RGBColor = RGBColor(4, 5, 6);

/// Told apart by people who do not see all colours, too.
const PALETTE: [RGBColor; 7] = [
    RGBColor(213, 94, 0),
    RGBColor(230, 159, 0),
    RGBColor(204, 121, 167),
    RGBColor(0, 114, 178),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(148, 148, 148),
];

/// Time against size, both on logarithmic axes: a line for each way of the ORM, and the hand-written `IN`.
pub fn times(rows: &[Row]) -> Result<String> {
    let ways = [
        "lazy",
        "immediate",
        "selectin",
        "subquery",
        "joined",
        "report",
        "hand: in",
    ];
    chart(rows, &ways, "time of the page, ms", |row| row.median_ms)
}

/// Statements against size.
pub fn statements(rows: &[Row]) -> Result<String> {
    let ways = ["lazy", "selectin", "joined"];
    chart(rows, &ways, "statements", |row| row.statements as f64)
}

fn chart(rows: &[Row], ways: &[&'static str], what: &str, value: impl Fn(&Row) -> f64) -> Result<String> {
    let mut svg = String::new();
    draw(&mut svg, rows, ways, what, value).map_err(|error| anyhow!("drawing {what}: {error}"))?;
    let svg = svg
        .replace("#010203", "currentColor")
        .replace("#040506", "#8888884d");
    Ok(svg.replacen(
        "<svg ",
        "<svg style=\"color: CanvasText; color-scheme: light dark\" font-family=\"sans-serif\" ",
        1,
    ))
}

fn draw(
    svg: &mut String,
    rows: &[Row],
    ways: &[&'static str],
    what: &str,
    value: impl Fn(&Row) -> f64,
) -> Result<(), Box<dyn std::error::Error>> {
    let shown: Vec<_> = rows.iter().filter(|row| ways.contains(&row.name)).collect();
    let ends = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN), |(least, most), value| {
            (least.min(value), most.max(value))
        })
    };
    let (left, right) = ends(&mut shown.iter().map(|row| f64::from(row.customers)));
    let (low, high) = ends(&mut shown.iter().map(|row| value(row)));
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let text = ("sans-serif", 14).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&root)
        .margin(14)
        .x_label_area_size(42)
        .y_label_area_size(76)
        .build_cartesian_2d(
            (left * 0.9..right * 1.1).log_scale(),
            (low * 0.8..high * 1.3).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("customers")
        .y_desc(what)
        .label_style(text.clone())
        .axis_style(INK)
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|customers| count(*customers as u64))
        .y_label_formatter(&|value| {
            if *value < 10.0 {
                format!("{value}")
            } else {
                count(*value as u64)
            }
        })
        .draw()?;
    for (way, colour) in ways.iter().zip(PALETTE.iter().cycle()) {
        let points: Vec<_> = shown
            .iter()
            .filter(|row| row.name == *way)
            .map(|row| (f64::from(row.customers), value(row)))
            .collect();
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(*way)
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
