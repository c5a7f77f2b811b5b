//! The results as tables, on the terminal and in Markdown.

use std::process::Command;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::{bytes, count};
use jiff::Zoned;

use crate::{Row, Site};

const HEADINGS: [&str; 6] = ["way", "statements", "median", "fastest – slowest", "ratio", "peak memory"];

/// Returns a table for each size.
pub fn tables(rows: &[Row]) -> String {
    let tables = by_size(rows).into_iter().map(|(customers, rows)| {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(HEADINGS);
        for row in rows {
            table.add_row(cells(row));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!("{} customers\n{table}\n", count(u64::from(customers)))
    });
    tables.collect::<Vec<_>>().join("\n")
}

/// Returns the same tables in Markdown, with a description of the machine.
pub fn markdown(rows: &[Row], rounds: u32, site: &Site) -> String {
    let machine = format!(
        "Measured on {}, {}, {} with {} processors; eagerly {}, {}, {}. Each way took one turn in each of \
         {rounds} rounds. The ratio is to {}. Statements are exact; times are from this machine.",
        Zoned::now().strftime("%Y-%m-%d"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        std::thread::available_parallelism().map_or(1, usize::from),
        env!("CARGO_PKG_VERSION"),
        site.database,
        compiler(),
        site.base_in_markdown,
    );
    let tables = by_size(rows).into_iter().map(|(customers, rows)| {
        let lines: Vec<_> = rows.iter().map(|row| format!("| {} |", cells(row).join(" | "))).collect();
        format!(
            "\n## {} customers\n\n| {} |\n|---|--:|--:|--:|--:|--:|\n{}\n",
            count(u64::from(customers)),
            HEADINGS.join(" | "),
            lines.join("\n")
        )
    });
    format!("# Measured\n\n{machine}\n{}", tables.collect::<String>())
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    words.unwrap_or_else(|_| "rustc of unknown version".to_owned())
}

fn by_size(rows: &[Row]) -> Vec<(u32, &[Row])> {
    rows.chunk_by(|one, other| one.customers == other.customers)
        .map(|rows| (rows[0].customers, rows))
        .collect()
}

fn cells(row: &Row) -> [String; 6] {
    [
        row.name.to_owned(),
        count(row.statements),
        milliseconds(row.median_ms),
        format!("{} – {}", milliseconds(row.min_ms), milliseconds(row.max_ms)),
        format!("{:.2}", row.ratio),
        row.peak_bytes.map_or("–".to_owned(), bytes),
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
