//! The colours of the charts, on light and on dark pages. The line charts use them, and the map of the grid.

use plotters::prelude::RGBColor;

/// A placeholder: the finished SVG has `currentColor` instead, which plotters cannot write.
pub const INK: RGBColor = RGBColor(1, 2, 3);

/// The colour of each way, the same in every chart. People with colour blindness can distinguish them.
const COLOURS: [(&str, RGBColor); 8] = [
    ("lazy", RGBColor(213, 94, 0)),
    ("immediate", RGBColor(230, 159, 0)),
    ("selectin", RGBColor(204, 121, 167)),
    ("subquery", RGBColor(0, 114, 178)),
    ("joined", RGBColor(86, 180, 233)),
    ("report", RGBColor(0, 158, 115)),
    ("hand: in", RGBColor(148, 148, 148)),
    ("batch", RGBColor(120, 94, 240)),
];

/// Returns the colour of a way.
pub fn colour(way: &str) -> RGBColor {
    COLOURS.iter().find(|(name, _)| *name == way).map_or(INK, |(_, colour)| *colour)
}

/// Replaces the placeholders, so that the chart has the colours of the page.
pub fn finished(svg: &str) -> String {
    let svg = svg.replace("#010203", "currentColor").replace("#040506", "#8888884d");
    svg.replacen(
        "<svg ",
        "<svg style=\"color: CanvasText; color-scheme: light dark\" font-family=\"sans-serif\" ",
        1,
    )
}
