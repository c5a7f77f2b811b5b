//! The tab of the SQL: the statements by shape (a statement's text without its values).
//!
//! The table is sorted by total time first, because that shows where the time went. Sorted by the slowest statement, as in a
//! slow-query log, it looks harmless.

use eagerly::numbers::{count, time};
use eagerly::{Kind, Shape};
use maud::{Markup, html};

use super::copied;

/// Renders the table of the shapes.
pub fn shapes(shapes: &[Shape]) -> Markup {
    let (control, mut shapes): (Vec<_>, Vec<_>) =
        shapes.iter().partition(|shape| shape.kind == Kind::Control);
    shapes.sort_by_key(|shape| std::cmp::Reverse(shape.elapsed));
    let table = html! {
        div.scroll tabindex="0" role="group" aria-label="Statements by shape" {
            table #shapes {
                thead {
                    tr {
                        th scope="col" { "Shape" }
                        (heading("Statements", false)) (heading("Rows", false))
                        (heading("Total time", true)) (heading("Slowest", false))
                    }
                }
                tbody { @for shape in shapes { (row(shape)) } }
            }
        }
    };
    html! {
        p.place {
            "A shape is a statement’s text without its values. The times are measured, in the database. Sorted by total, the table shows "
            "where the time went. Sorted by slowest, it shows what a slow-query log sees."
        }
        (copied("the table", table))
        @if !control.is_empty() {
            p.place { "Not counted: " (control.iter().map(|shape| shape.sql.as_str()).collect::<Vec<_>>().join(", ")) ". They load nothing." }
        }
    }
}

fn heading(name: &str, is_sorted: bool) -> Markup {
    html! {
        th.number scope="col" aria-sort=[is_sorted.then_some("descending")] { button type="button" data-sort { (name) } }
    }
}

fn row(shape: &Shape) -> Markup {
    html! {
        tr {
            td {
                code { (shape.sql) }
                @for (place, statements) in &shape.places {
                    div.place { @if *statements != shape.statements { (count(*statements)) " × " } (place) }
                }
            }
            td.number data-value=(shape.statements) { (count(shape.statements)) }
            td.number data-value=(shape.rows) { (count(shape.rows)) }
            td.number data-value=(shape.elapsed.as_nanos()) { (time(shape.elapsed)) }
            td.number data-value=(shape.slowest.as_nanos()) { (time(shape.slowest)) }
        }
    }
}
