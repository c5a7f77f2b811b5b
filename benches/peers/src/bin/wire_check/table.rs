//! The results as a table of 80 columns, and the same in Markdown with the versions.

use std::time::Duration;

use eagerly::numbers::count;
use jiff::Zoned;

use crate::witness::Finding;
use crate::{RECORDED, Row};

/// The widths of the first two columns: `ActiveRecord` and `prefetch_related`.
const WIDTHS: [usize; 2] = [12, 16];

const HEADINGS: [&str; 5] = ["ORM", "way", "statements", "trips", "time"];

/// Formats the results as text.
pub fn text(rows: &[Row], missing: &[String], customers: u32, round_trip: Duration) -> String {
    let [orm, way, statements, trips, time] = HEADINGS;
    let heading = line(orm, [way, statements, trips, time], "found");
    let mut lines = vec![title(customers, round_trip), String::new(), heading];
    let mut before = "";
    for row in rows {
        // Each name is printed once, at the first of its ways.
        let names = if row.orm == before { vec![] } else { wrapped(&row.name, WIDTHS[0]) };
        before = &row.orm;
        let found = findings(row);
        for number in 0..names.len().max(found.len()).max(1) {
            let figures = if number == 0 { figures(row) } else { Default::default() };
            let cell = |cells: &[String]| cells.get(number).cloned().unwrap_or_default();
            lines.push(line(&cell(&names), figures.each_ref().map(String::as_str), &cell(&found)));
        }
    }
    lines.push(String::new());
    lines.extend(failures(rows));
    lines.push(summary(rows, customers));
    lines.extend(missing.iter().cloned());
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Formats a line of 80 columns.
fn line(orm: &str, [way, statements, trips, time]: [&str; 4], found: &str) -> String {
    let [first, second] = WIDTHS;
    let found = cut(found, 22);
    format!("{orm:<first$} {way:<second$} {statements:>10} {trips:>6} {time:>8}  {found}")
}

/// Breaks a text into lines of at most `width` characters, if no word is longer.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                *line += &format!(" {word}");
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Formats the same results in Markdown, with the versions.
pub fn markdown(
    rows: &[Row],
    missing: &[String],
    customers: u32,
    round_trip: Duration,
    server: &str,
) -> String {
    let mut orms: Vec<_> = rows.iter().map(|row| format!("{} on {}", row.orm, row.on)).collect();
    orms.dedup();
    let lines = rows.iter().map(|row| {
        let counts = row.page.findings.iter().map(|finding| count(finding.statements));
        let found: Vec<_> =
            counts.zip(findings(row)).map(|(count, finding)| format!("{count} × `{finding}`")).collect();
        format!("| {} | {} | {} |\n", row.orm, figures(row).join(" | "), found.join("<br>"))
    });
    let lines: String = lines.collect();
    let notes = failures(rows).into_iter().chain([summary(rows, customers)]).chain(missing.iter().cloned());
    let notes: String = notes.map(|note| format!("\n{note}\n")).collect();
    format!(
        "| {} | N+1 found |\n|---|---|--:|--:|--:|---|\n{lines}\n{}. Measured on {} with PostgreSQL {server}: {}.\n{notes}",
        HEADINGS.join(" | ").replace("trips", "round trips"),
        title(customers, round_trip),
        Zoned::now().strftime("%Y-%m-%d"),
        orms.join(", "),
    )
}

fn title(customers: u32, round_trip: Duration) -> String {
    let distance = match round_trip {
        Duration::ZERO => "without an added round trip".to_owned(),
        time => format!("with a round trip of {time:?}"),
    };
    format!("{} customers, {distance}", count(u64::from(customers)))
}

/// Returns the way, the statements, the round trips and the time, in the order of [`HEADINGS`].
fn figures(row: &Row) -> [String; 4] {
    let time = row.time.map_or_else(|| "–".to_owned(), |time| format!("{time:.0} ms"));
    [row.way.clone(), count(row.page.statements), count(row.page.round_trips), time]
}

/// Returns the findings in words.
fn findings(row: &Row) -> Vec<String> {
    let in_words = |finding: &Finding| {
        let hint = if finding.is_hint { "hint: " } else { "" };
        format!("{hint}{}", finding.what)
    };
    row.page.findings.iter().map(in_words).collect()
}

/// Cuts a text off after `width` characters.
fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

fn failures(rows: &[Row]) -> Vec<String> {
    let failures = rows.iter().flat_map(|row| row.failures.iter().map(move |failure| (row, failure)));
    failures.map(|(row, failure)| format!("failed: {}, {}: {failure}", row.orm, row.way)).collect()
}

fn summary(rows: &[Row], customers: u32) -> String {
    let failed = rows.iter().filter(|row| !row.failures.is_empty()).count();
    if failed > 0 {
        return format!("{failed} of {} ways failed", rows.len());
    }
    let checked = match customers {
        RECORDED => "right pages, and the server's counts",
        _ => "right pages, the server's counts, N+1 where it is and nowhere else",
    };
    format!("{} ways passed: {checked}", rows.len())
}
