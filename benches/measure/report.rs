//! The results as tables, on the terminal and in Markdown.

use anyhow::Result;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use eagerly::numbers::{bytes, count};

use crate::Site;
use crate::figures::{Figures, Point, Row};
use crate::machine::measured_on;

/// Replaces a figure that is missing.
const NONE: &str = "–";

const HEADINGS: [&str; 6] = ["way", "statements", "median", "fastest – slowest", "ratio", "peak\nmemory"];

const HEADINGS_OF_POINTS: [&str; 6] = ["way", "round trips", "added", "modelled", "measured", "ratio"];

/// Returns a table for each size, and one for the round trips if they were measured.
pub fn tables(figures: &Figures) -> Result<String> {
    let of_sizes = by_size(&figures.rows).into_iter().map(|(customers, rows)| {
        let table = table(HEADINGS, rows.iter().map(cells))?;
        Ok(format!("{} customers\n{table}\n", count(u64::from(customers))))
    });
    let of_points = figures.points.first().map(|first| {
        let table = table(HEADINGS_OF_POINTS, figures.points.iter().map(cells_of_point))?;
        Ok(format!("Round trips, {} customers\n{table}\n", count(u64::from(first.customers))))
    });
    Ok(of_sizes.chain(of_points).collect::<Result<Vec<_>>>()?.join("\n"))
}

fn table(headings: [&str; 6], rows: impl Iterator<Item = [String; 6]>) -> Result<Table> {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(terminal::width())?);
    table.set_header(headings);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Ok(table)
}

/// Returns the same tables in Markdown, with a description of the machine.
pub fn markdown(figures: &Figures, rounds: u32, site: &Site) -> String {
    let machine = format!(
        "{} Each way took one turn in each of {rounds} rounds. The ratio is to {}. Statements are exact; times are from \
         this machine.",
        measured_on(&site.database),
        site.base_in_markdown,
    );
    let of_sizes = by_size(&figures.rows).into_iter().map(|(customers, rows)| {
        let table = table_in_markdown(HEADINGS, rows.iter().map(cells));
        format!("\n## {} customers\n\n{table}", count(u64::from(customers)))
    });
    let of_points = figures.points.first().map(|first| {
        let table = table_in_markdown(HEADINGS_OF_POINTS, figures.points.iter().map(cells_of_point));
        format!(
            "\n## Round trips, {} customers\n\n*Modelled* is the time without an added round trip, plus round trips × the \
             added round trip. *Measured* is the page through a proxy that adds it. Both are over TCP, and medians of at \
             most 5 rounds. The ratio is measured ÷ modelled.\n\n{table}",
            count(u64::from(first.customers))
        )
    });
    format!("# Measured\n\n{machine}\n{}", of_sizes.chain(of_points).collect::<String>())
}

fn table_in_markdown(headings: [&str; 6], rows: impl Iterator<Item = [String; 6]>) -> String {
    let lines: Vec<_> = rows.map(|cells| format!("| {} |", cells.join(" | "))).collect();
    format!(
        "| {} |\n|---|--:|--:|--:|--:|--:|\n{}\n",
        headings.join(" | ").replace('\n', " "),
        lines.join("\n")
    )
}

fn by_size(rows: &[Row]) -> Vec<(u32, &[Row])> {
    rows.chunk_by(|one, other| one.customers == other.customers)
        .map(|rows| (rows[0].customers, rows))
        .collect()
}

fn cells(row: &Row) -> [String; 6] {
    let [median, range, ratio] = match &row.times {
        Some(times) => [
            milliseconds(times.median_ms),
            format!("{} – {}", milliseconds(times.min_ms), milliseconds(times.max_ms)),
            format!("{:.2}", times.ratio),
        ],
        None => ["error", NONE, NONE].map(str::to_owned),
    };
    let memory = row.peak_bytes.map_or(NONE.to_owned(), bytes);
    [row.name.to_owned(), count(row.statements), median, range, ratio, memory]
}

fn cells_of_point(point: &Point) -> [String; 6] {
    [
        point.name.to_owned(),
        count(point.round_trips),
        milliseconds(point.added_ms),
        milliseconds(point.modelled_ms),
        milliseconds(point.measured_ms),
        format!("{:.2}", point.ratio),
    ]
}

fn milliseconds(time: f64) -> String {
    let digits = if time >= 100.0 {
        0
    } else if time >= 10.0 {
        1
    } else {
        2
    };
    format!("{time:.digits$} ms")
}
