//! The grid as a chart: a rectangle for each cell, in the colour of the strategy that the model picks.

use std::error::Error;

use anyhow::{Result, anyhow};
use eagerly::Strategy;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::colours::{INK, colour, finished};
use crate::figures::{Figures, per_parent, share, width};

const LEFT: i32 = 170;
const TOP: i32 = 74;
/// The size of a cell, with the line around it.
const CELL: (i32, i32) = (42, 19);
/// The space between databases and widths, and between numbers of children.
const GAP: (i32, i32) = (14, 7);
const LEGEND: i32 = 84;

/// Draws the grid, for light and for dark pages.
pub fn svg(figures: &Figures) -> Result<String> {
    let mut svg = String::new();
    draw(figures, &mut svg).map_err(|error| anyhow!("cannot draw the chart: {error}"))?;
    Ok(finished(&svg))
}

fn draw(figures: &Figures, svg: &mut String) -> Result<(), Box<dyn Error>> {
    let panels = figures.values(|cell| (cell.database, cell.bytes));
    let round_trips = figures.round_trips();
    let fan_outs = figures.values(|cell| cell.fan_out);
    let shares = figures.shares();
    let panel = CELL.0 * round_trips.len() as i32 + GAP.0;
    let band = CELL.1 * shares.len() as i32 + GAP.1;
    let (right, bottom) = (LEFT + panel * panels.len() as i32, TOP + band * fan_outs.len() as i32);
    let size = (right.max(LEFT + 560) as u32, (bottom + LEGEND) as u32);
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    let write = |text: &str, at: (i32, i32), across: HPos, pixels: i32| {
        let style = ("sans-serif", pixels).into_font().color(&INK).pos(Pos::new(across, VPos::Center));
        root.draw(&Text::new(text.to_owned(), at, style))
    };
    for (number, (database, bytes)) in (0..).zip(&panels) {
        let left = LEFT + number * panel;
        let middle = left + (panel - GAP.0) / 2;
        write(database, (middle, 16), HPos::Center, 17)?;
        write(&width(*bytes), (middle, 36), HPos::Center, 14)?;
        for (column, added) in (0..).zip(&round_trips) {
            write(&format!("{added}"), (left + column * CELL.0 + CELL.0 / 2, TOP - 14), HPos::Center, 13)?;
        }
    }
    write("round trip, ms", (LEFT - 12, TOP - 14), HPos::Right, 13)?;
    for (number, fan_out) in (0..).zip(&fan_outs) {
        let top = TOP + number * band;
        write(&per_parent(*fan_out), (10, top + (band - GAP.1) / 2), HPos::Left, 14)?;
        for (row, one_in) in (0..).zip(&shares) {
            write(&share(*one_in), (LEFT - 12, top + row * CELL.1 + CELL.1 / 2), HPos::Right, 13)?;
        }
    }
    for cell in &figures.cells {
        let place = |found: Option<usize>| found.unwrap_or_default() as i32;
        let of_panel = place(panels.iter().position(|of| *of == (cell.database, cell.bytes)));
        let column = place(round_trips.iter().position(|of| *of == cell.added_ms));
        let of_band = place(fan_outs.iter().position(|of| *of == cell.fan_out));
        let row = place(shares.iter().position(|of| *of == cell.one_in));
        let corner = (LEFT + of_panel * panel + column * CELL.0, TOP + of_band * band + row * CELL.1);
        let opposite = (corner.0 + CELL.0 - 2, corner.1 + CELL.1 - 2);
        root.draw(&Rectangle::new([corner, opposite], colour(cell.pick).filled()))?;
        if !cell.is_good() {
            let middle = (corner.0 + CELL.0 / 2 - 1, corner.1 + CELL.1 / 2 - 1);
            root.draw(&Circle::new(middle, 7, WHITE.filled()))?;
            root.draw(&Circle::new(middle, 5, colour(cell.best().strategy.name()).filled()))?;
        }
    }
    let y = bottom + 18;
    write("colour of a cell: the strategy that the model picks", (LEFT, y), HPos::Left, 13)?;
    let strategies = Strategy::ALL.into_iter().map(Strategy::name);
    let shown = strategies.filter(|name| {
        figures
            .cells
            .iter()
            .any(|cell| cell.pick == *name || (!cell.is_good() && cell.best().strategy.name() == *name))
    });
    for (number, name) in (0..).zip(shown) {
        let x = LEFT + number * 96;
        root.draw(&Rectangle::new([(x, y + 13), (x + 14, y + 27)], colour(name).filled()))?;
        write(name, (x + 20, y + 20), HPos::Left, 13)?;
    }
    root.draw(&Circle::new((LEFT + 7, y + 45), 7, WHITE.filled()))?;
    root.draw(&Circle::new((LEFT + 7, y + 45), 5, INK.filled()))?;
    let legend =
        "dot: the pick took over 15 % longer than the best strategy, which has the colour of the dot";
    write(legend, (LEFT + 20, y + 45), HPos::Left, 13)?;
    root.present()?;
    Ok(())
}
