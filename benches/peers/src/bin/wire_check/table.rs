//! The results as a table of 80 columns, and the same in Markdown with the versions.

use std::time::Duration;

use eagerly::numbers::count;
use jiff::Zoned;

use crate::Row;
use crate::witness::Finding;

/// The widths of the first two columns: `ActiveRecord` and `prefetch_related`.
const WIDTHS: [usize; 2] = [12, 16];

const HEADINGS: [&str; 5] = ["ORM", "way", "statements", "trips", "time"];

/// Formats the results as text.
pub fn text(rows: &[Row], missing: &[String], customers: u32, round_trip: Duration) -> String {
    let [orm, way, statements, trips, time] = HEADINGS;
    let heading = line(orm, [way, statements, trips, time], "N+1 found");
    let mut lines = vec![title(customers, round_trip), String::new(), heading];
    let mut before = "";
    for row in rows {
        // Each name is printed once, at the first of its ways.
        let names = if row.orm == before { vec![] } else { wrapped(&row.name, WIDTHS[0]) };
        before = &row.orm;
        let found: Vec<_> = findings(row).map(|finding| finding.to.as_str()).collect();
        for number in 0..names.len().max(found.len()).max(1) {
            let figures = if number == 0 { figures(row) } else { Default::default() };
            let cell = |cells: &[String]| cells.get(number).cloned().unwrap_or_default();
            let found = found.get(number).copied().unwrap_or_default();
            lines.push(line(&cell(&names), figures.each_ref().map(String::as_str), found));
        }
    }
    lines.push(String::new());
    lines.extend(failures(rows));
    lines.push(summary(rows));
    lines.extend(missing.iter().cloned());
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Formats a line of at most 80 columns, unless a name or a finding is unusually long.
fn line(orm: &str, [way, statements, trips, time]: [&str; 4], found: &str) -> String {
    let [first, second] = WIDTHS;
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
        let found: Vec<_> = findings(row).map(in_words).collect();
        format!("| {} | {} | {} |\n", row.orm, figures(row).join(" | "), found.join("<br>"))
    });
    let lines: String = lines.collect();
    let notes = failures(rows).into_iter().chain([summary(rows)]).chain(missing.iter().cloned());
    let notes: String = notes.map(|note| format!("\n{note}\n")).collect();
    format!(
        "# The wire and the server\n\n{}. Measured on {} with PostgreSQL {server}: {}.\n\n| {} | N+1 found |\n\
         |---|---|--:|--:|--:|---|\n{lines}{notes}",
        title(customers, round_trip),
        Zoned::now().strftime("%Y-%m-%d"),
        orms.join(", "),
        HEADINGS.join(" | "),
    )
}

fn title(customers: u32, round_trip: Duration) -> String {
    format!("{} customers, with a round trip of {round_trip:?}", count(u64::from(customers)))
}

/// Returns the way, the statements, the round trips and the time, in the order of [`HEADINGS`].
fn figures(row: &Row) -> [String; 4] {
    let unknown = || "–".to_owned();
    // The server's count stands for the recorder's if there is none. Otherwise both are equal, or the row fails.
    let statements = row.page.as_ref().map_or(row.calls.statements, |page| page.statements);
    [
        row.way.clone(),
        count(statements),
        row.page.as_ref().map_or_else(unknown, |page| count(page.round_trips)),
        row.time.map_or_else(unknown, |time| format!("{time:.0} ms")),
    ]
}

fn findings(row: &Row) -> impl Iterator<Item = &Finding> {
    let findings = row.page.iter().flat_map(|page| &page.findings);
    findings.filter(|finding| !finding.is_hint)
}

fn in_words(finding: &Finding) -> String {
    format!("{} × `{}` from `{}`", count(finding.statements), finding.to, finding.from)
}

fn failures(rows: &[Row]) -> Vec<String> {
    let failures = rows.iter().flat_map(|row| row.failures.iter().map(move |failure| (row, failure)));
    failures.map(|(row, failure)| format!("failed: {}, {}: {failure}", row.orm, row.way)).collect()
}

fn summary(rows: &[Row]) -> String {
    let failed = rows.iter().filter(|row| !row.failures.is_empty()).count();
    if failed > 0 {
        return format!("{failed} of {} ways failed", rows.len());
    }
    if rows.iter().any(|row| row.page.is_none()) {
        return format!("{} ways returned the right page; nothing recorded the wire", rows.len());
    }
    format!("{} ways passed: right pages, the server's counts, N+1 where it is and nowhere else", rows.len())
}
