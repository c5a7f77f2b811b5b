//! Parts of the output. The example `server_page` has the same.

use std::fmt::Display;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use eagerly::numbers::counted;
use owo_colors::OwoColorize as _;
use terminal::{println, say};

/// Replaces a figure that is missing.
pub const NONE: &str = "–";

/// The spaces before each line of a table.
const INDENT: u16 = 2;

pub fn chapter(title: &str) {
    println!("\n{}", title.bold().cyan());
}

pub fn indented(text: &dyn Display) -> String {
    let indent = " ".repeat(INDENT.into());
    let lines: Vec<_> = text.to_string().lines().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// Prints a table: names in the first column, and figures in the others. Cells are broken if it does not fit the screen.
pub fn print_figures<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(terminal::width()).unwrap_or(u16::MAX) - INDENT);
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
    say(&format!("{agree}{}, checksum {checksum}.", counted(lines, "line")), 2);
}

/// Prints an error that is the result of a way: what failed, and below it the line that begins with `help:`.
pub fn print_error(way: &str, error: &str) {
    // The path of a file that `server_page` shares.
    let error = &error.replace("/server_page/../", "/");
    let (failure, help) = error.split_once('\n').unwrap_or((error, ""));
    say(&format!("{way}: {failure}"), 2);
    if !help.is_empty() {
        say(help, 4);
    }
}

/// Prints the query as rustfmt breaks it, and marks the line that is the fix.
pub fn print_fix() {
    chapter("The fix is one line");
    println!("    session.all(");
    println!("        Customer::select()");
    println!("{}", "  +         .with(selectin(Customer::ORDERS).selectin(Order::ITEMS)),".green());
    println!("    )?");
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
