//! Line charts as SVG, for light and for dark pages. The example `under_load` draws its chart with this file, too.

use std::error::Error;

use anyhow::{Result, anyhow};
use eagerly::numbers::count;
use plotters::coord::Shift;
use plotters::prelude::*;

#[path = "colours.rs"]
mod colours;

pub use colours::colour;
use colours::{INK, finished};

/// The size of one chart. Several charts of one file are below each other.
const SIZE: (u32, u32) = (900, 460);

/// The placeholder of [`finished`] for a transparent grey.
const FAINT: RGBColor = RGBColor(4, 5, 6);

/// A line chart with two logarithmic axes.
pub struct Chart<'t> {
    pub across: &'t str,
    pub up: &'t str,
    pub lines: Vec<Line>,
}

pub struct Line {
    pub colour: RGBColor,
    /// The text in the legend.
    pub name: String,
    pub look: Look,
    pub points: Vec<(f64, f64)>,
}

/// How the points of a line are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code)]
pub enum Look {
    /// As a line. If there are few points, each also has a dot.
    Solid,
    Dashed,
    /// As dots without a line.
    Dots,
}

impl Line {
    /// Returns a line with the name of its way.
    #[allow(dead_code)]
    pub fn of(way: &'static str, points: Vec<(f64, f64)>) -> Self {
        Self { colour: colour(way), name: way.to_owned(), look: Look::Solid, points }
    }
}

/// Draws charts below each other.
pub fn svg(charts: &[Chart<'_>]) -> Result<String> {
    let mut svg = String::new();
    draw(charts, &mut svg).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
    Ok(finished(&svg))
}

fn draw(charts: &[Chart<'_>], svg: &mut String) -> Result<(), Box<dyn Error>> {
    let (width, height) = SIZE;
    let root = SVGBackend::with_string(svg, (width, height * charts.len() as u32)).into_drawing_area();
    for (area, chart) in root.split_evenly((charts.len(), 1)).iter().zip(charts) {
        chart.draw(area)?;
    }
    root.present()?;
    Ok(())
}

impl Chart<'_> {
    /// Returns whether there is nothing to draw: not every system reports the memory.
    #[allow(dead_code)]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.points.is_empty())
    }

    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), Box<dyn Error>> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)))
        };
        let (left, right) = ends(&mut points().map(|(across, _)| *across));
        let (low, high) = ends(&mut points().map(|(_, up)| *up));
        let text = ("sans-serif", 14).into_font().color(&INK);
        let mut chart = ChartBuilder::on(area)
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
        for line in &self.lines {
            let colour = line.colour;
            let points = line.points.iter().copied();
            let stroke = colour.stroke_width(2);
            if line.look != Look::Dots && line.points.len() < 10 {
                chart.draw_series(points.clone().map(|point| Circle::new(point, 4, colour.filled())))?;
            }
            let drawn = match line.look {
                Look::Solid => chart.draw_series(LineSeries::new(points, stroke))?,
                Look::Dashed => chart.draw_series(DashedLineSeries::new(points, 6, 5, stroke))?,
                Look::Dots => {
                    chart.draw_series(points.map(|point| Circle::new(point, 4, colour.filled())))?
                }
            };
            drawn.label(&line.name);
            let dash = move |x: i32, y: i32, length| {
                PathElement::new([(x, y), (x + length, y)], colour.stroke_width(3))
            };
            match line.look {
                Look::Solid => drawn.legend(move |(x, y)| dash(x, y, 18)),
                Look::Dashed => {
                    drawn.legend(move |(x, y)| EmptyElement::at((x, y)) + dash(0, 0, 7) + dash(11, 0, 7))
                }
                Look::Dots => drawn.legend(move |(x, y)| Circle::new((x + 9, y), 4, colour.filled())),
            };
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(text)
            .border_style(FAINT)
            .draw()?;
        Ok(())
    }
}

fn label(value: &f64) -> String {
    match *value < 10.0 {
        // A power of ten times a digit is not always exact: 0.30000000000000004.
        true => format!("{}", (value * 1e6).round() / 1e6),
        false => count(*value as u64),
    }
}
