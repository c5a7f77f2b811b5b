//! Draws the pages below each other on one scale of time, as SVG for the book. It has no background and takes the colour of
//! the text around it, so it is legible in dark mode. Its width is that of a telephone, so its text stays large.

use std::fmt::Write as _;
use std::time::Duration;

use eagerly::numbers::{counted, time};

use crate::otlp::Page;

const WIDTH: f64 = 480.0;
const LEFT: f64 = 8.0;
const ROW: f64 = 18.0;
/// The colours of the customers, the orders and the items in the other pictures.
const COLOURS: [&str; 3] = ["#0072b2", "#e69f00", "#d55e00"];

/// Returns the picture.
pub fn draw(pages: &[Page]) -> String {
    let longest = pages.iter().map(|page| page.took).max().unwrap_or_default();
    let scale = (WIDTH - 2.0 * LEFT) / longest.as_secs_f64().max(1e-9);
    let x = |moment: Duration| LEFT + moment.as_secs_f64() * scale;
    let (mut body, mut y) = (String::new(), 0.0);
    for page in pages {
        let title = format!(
            "{}: {}, {}",
            page.name,
            counted(page.statements.len() as u64, "statement"),
            time(page.took)
        );
        y += 20.0;
        line(&mut body, format_args!(r#"<text x="{LEFT}" y="{y}" font-weight="600">{title}</text>"#));
        y += 10.0;
        let width = page.took.as_secs_f64() * scale;
        let bar = r#"height="6" rx="2" fill="currentColor" fill-opacity=".35""#;
        line(&mut body, format_args!(r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" {bar}/>"#));
        y += 10.0;
        let names = page.names();
        for statement in &page.statements {
            let colour = names.iter().position(|(name, _)| *name == statement.name).unwrap_or_default();
            let colour = COLOURS[colour % COLOURS.len()];
            let (start, end) = (x(statement.began), x(statement.began + statement.took));
            let width = (end - start).max(1.0);
            let (top, base) = (y + 2.0, y + 14.0);
            line(
                &mut body,
                format_args!(
                    r#"<rect x="{start:.1}" y="{top}" width="{width:.1}" height="14" rx="2" fill="{colour}"/>"#
                ),
            );
            // A label stands on the side that has room.
            let (at, anchor) = if start < WIDTH / 2.0 { (end + 6.0, "start") } else { (start - 6.0, "end") };
            let name = &statement.name;
            line(
                &mut body,
                format_args!(
                    r#"<text x="{at:.1}" y="{base}" text-anchor="{anchor}" font-size="13">{name}</text>"#
                ),
            );
            y += ROW;
        }
        y += 6.0;
    }
    let words: Vec<_> = pages
        .iter()
        .map(|page| format!("{} has {}", page.name, counted(page.statements.len() as u64, "bar")))
        .collect();
    let label = format!("Exported spans on one scale of time. {}.", words.join(", "));
    format!(
        r#"<div><svg width="{WIDTH}" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{label}" font-family="sans-serif" font-size="14" fill="currentColor">
{body}</svg></div>
"#
    )
}

fn line(body: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(body, "{text}");
}
