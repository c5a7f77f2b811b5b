//! Formats statements as a table with one row per shape (a statement's text without its values).

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::Shape;
use eagerly::numbers::{count, time};
use waterfall::sql::shortened;

/// Formats shapes as a table: the number of statements and rows, the total time, and the mean time.
///
/// The lines below each shape list the places that sent it.
///
/// ```text
///   statements     rows      time     mean   shape
///        3,000   30,000   45.1 ms  15.0 µs   SELECT … FROM "orders" WHERE "customer_id" = ?1 ORDER BY "id"
///                                              lazy Customer.orders at src/page.rs:14
/// ```
#[must_use]
pub fn shape_table(shapes: &[Shape]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["statements", "rows", "time", "mean", "shape"]);
    for shape in shapes {
        let of_one = Duration::from_secs_f64(shape.elapsed.as_secs_f64() / shape.statements.max(1) as f64);
        let mut lines = vec![shortened(&shape.sql)];
        for (place, statements) in &shape.places {
            let share = match *statements == shape.statements {
                true => String::new(),
                false => format!("{} × ", count(*statements)),
            };
            lines.push(format!("  {share}{place}"));
        }
        table.add_row([
            count(shape.statements),
            count(shape.rows),
            time(shape.elapsed),
            time(of_one),
            lines.join("\n"),
        ]);
    }
    for column in table.column_iter_mut().take(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let lines: Vec<_> = table.lines().map(|line| format!("  {}", line.trim_end())).collect();
    lines.join("\n")
}
