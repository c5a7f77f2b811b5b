//! Parts of the output. The example `server_page` has the same.

use std::time::Duration;

use anstream::println;
use comfy_table::Table;
use owo_colors::OwoColorize as _;

pub fn chapter(title: &str) {
    println!("\n{}", title.bold().cyan());
}

pub fn indented(table: &Table) -> String {
    let lines: Vec<_> = table.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
