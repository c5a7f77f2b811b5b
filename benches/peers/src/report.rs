//! The results as a table, as text and as Markdown.

use std::process::Command;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::count;
use jiff::Zoned;

use peers::site::Description;

use crate::{LONG_TURN, Row};

const HEADINGS: [&str; 6] = ["ORM", "way", "statements", "median", "fastest – slowest", "ratio"];

/// Formats a table for each size of the shop, as text.
pub fn text(rows: &[Row], missing: &[String]) -> String {
    let tables = by_size(rows).map(|rows| {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(HEADINGS);
        for row in rows {
            table.add_row(cells(row, base(rows)));
        }
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        format!(
            "{} customers\n{table}\n{}\n",
            count(u64::from(rows[0].customers)),
            notes(rows)
        )
    });
    format!(
        "{}{}",
        tables.collect::<String>(),
        missing.iter().map(|line| format!("{line}\n")).collect::<String>()
    )
}

/// Formats the same tables in Markdown, with the machine and the versions.
pub fn markdown(rows: &[Row], missing: &[String], rounds: u32, description: &Description) -> String {
    let mut orms: Vec<_> = rows
        .iter()
        .map(|row| format!("{} on {}", row.orm, row.on))
        .collect();
    orms.sort();
    orms.dedup();
    let machine = format!(
        "Measured on {}, {}, {} with {} processors, {}{}: {}. Each way had its turn in each of {rounds} rounds; the \
         ratio is to the hand-written {}. Statements are exact, times are this machine's.",
        Zoned::now().strftime("%Y-%m-%d"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        std::thread::available_parallelism().map_or(1, usize::from),
        compiler(),
        description
            .server
            .as_ref()
            .map(|server| format!(", {server}"))
            .unwrap_or_default(),
        orms.join(", "),
        description.base,
    );
    let tables = by_size(rows).map(|rows| {
        let lines: Vec<_> = rows
            .iter()
            .map(|row| format!("| {} |", cells(row, base(rows)).join(" | ")))
            .collect();
        format!(
            "\n## {} customers\n\n| {} |\n|---|---|--:|--:|--:|--:|\n{}\n\n{}",
            count(u64::from(rows[0].customers)),
            HEADINGS.join(" | "),
            lines.join("\n"),
            notes(rows),
        )
    });
    let missing: String = missing.iter().map(|line| format!("\n{line}\n")).collect();
    format!("# Measured\n\n{machine}\n{}{missing}", tables.collect::<String>())
}

/// Lists the full errors, which are too long for the cells.
fn notes(rows: &[Row]) -> String {
    let failed = rows.iter().filter_map(|row| Some((row, row.trouble.as_ref()?)));
    failed
        .map(|(row, trouble)| format!("- {}, {}: {trouble}\n", row.orm, row.way))
        .collect()
}

fn by_size(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|one, other| one.customers == other.customers)
}

/// Returns the median of the base, or NaN if it has no times.
fn base(rows: &[Row]) -> f64 {
    rows.iter()
        .find(|row| row.is_base)
        .and_then(median)
        .unwrap_or(f64::NAN)
}

fn median(row: &Row) -> Option<f64> {
    row.times.get(row.times.len() / 2).copied()
}

fn cells(row: &Row, base: f64) -> [String; 6] {
    let (statements, median, range, ratio) = match (&row.trouble, median(row), row.times.as_slice()) {
        (None, Some(median), [fastest, .., slowest]) => (
            count(row.statements),
            milliseconds(median),
            format!("{} – {}", milliseconds(*fastest), milliseconds(*slowest)),
            format!("{:.2}", median / base),
        ),
        (None, Some(median), _) => {
            let ratio = format!("{:.2}", median / base);
            (
                count(row.statements),
                milliseconds(median),
                if median > LONG_TURN {
                    "one turn: over 5 s"
                } else {
                    "one turn"
                }
                .to_owned(),
                ratio,
            )
        }
        (trouble, ..) => {
            let first_words = trouble.as_deref().unwrap_or("no turn").chars().take(40).collect();
            ("–".to_owned(), "–".to_owned(), first_words, "–".to_owned())
        }
    };
    [row.orm.clone(), row.way.clone(), statements, median, range, ratio]
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    words.unwrap_or_else(|_| "rustc of unknown version".to_owned())
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
