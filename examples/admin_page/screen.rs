//! Parts of the output. The example `server_page` has the same.

use std::time::Duration;

use anstream::println;
use comfy_table::{CellAlignment, Table, presets};
use eagerly::numbers::count;
use owo_colors::OwoColorize as _;

pub fn chapter(title: &str) {
    println!("\n{}", title.bold().cyan());
}

pub fn indented(table: &Table) -> String {
    let lines: Vec<_> = table.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

/// Prints a table: names in the first column, and figures in the others.
pub fn print_figures<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{}", indented(&table));
}

/// Prints the size and the checksum of the page, after this number of ways returned it.
pub fn print_page(lines: u64, checksum: &str, ways: usize) {
    let agree = if ways == 1 { "" } else { "Each returns the same page: " };
    println!("  {agree}{} lines, checksum {checksum}.", count(lines));
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
