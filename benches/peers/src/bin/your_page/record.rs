//! The recorded outputs of an ORM, which its page in the book includes.

use std::io;
use std::path::Path;

use crate::orm;

/// What was recorded for one ORM.
pub struct Record {
    /// The counts, which a test compares with the text of the book.
    pub summary: String,
    /// A paragraph in Markdown that says what was run, and when.
    run: String,
    /// The name and the text of each output.
    outputs: Vec<(&'static str, String)>,
}

/// The outputs are read on a page, so long lines and long outputs are cut.
const COLUMNS: usize = 78;
const LINES: usize = 16;

impl Record {
    pub fn new(versions: &(String, String), server: &str, rows: [u64; 3], statements: [u64; 2]) -> Self {
        let (orm, on) = versions;
        let [customers, orders, items] = rows;
        let [slow, fixed] = statements;
        let plural = if fixed == 1 { "statement" } else { "statements" };
        let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
        let summary = format!(
            "{orm}, on {on}, PostgreSQL {server}\n\
             {customers} customers, {orders} orders, {items} items\n\
             slow page: {slow} statements, N+1 at 2 levels on the wire, the test fails\n\
             fixed page: {fixed} {plural}, no N+1 on the wire, the test passes\n"
        );
        let run = format!(
            "**Run** with {orm}, on {on}, and PostgreSQL {server}. Recorded on {today} by `cargo your-page`.\n"
        );
        Self { summary, run, outputs: Vec::new() }
    }

    pub fn add(&mut self, step: &'static str, output: &str) {
        self.outputs.push((step, shortened(output)));
    }

    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join("summary.txt"), &self.summary)?;
        std::fs::write(folder.join("run.md"), &self.run)?;
        for (step, output) in &self.outputs {
            std::fs::write(folder.join(format!("{step}.txt")), output)?;
        }
        Ok(())
    }
}

/// Removes the paths of this machine, the times, and the statements that set up the connection, and cuts the rest.
fn shortened(output: &str) -> String {
    let output =
        output.replace(&format!("{}/", orm::root().display()), "").replace("../../../book/", "book/");
    let lines: Vec<_> = output.lines().map(|line| without_time(line.trim_end())).collect();
    let of_setup = lines.iter().position(|line| line.contains("customers")).unwrap_or(0);
    let is_setup = |line: &str| line.contains("pg_") || line.contains("current_schema");
    let skipped = if lines[..of_setup].iter().any(|line| is_setup(line)) { of_setup } else { 0 };
    let mut text = String::new();
    for line in lines[skipped..].iter().take(LINES) {
        text += &cut(&without_columns(line));
        text.push('\n');
    }
    if let Some(rest) = lines.len().checked_sub(skipped + LINES).filter(|rest| *rest > 0) {
        text += &format!("… {} more lines\n", eagerly::numbers::count(rest as u64));
    }
    text
}

/// Removes the time at the beginning of a line of a log, such as `2026-11-26 20:17:28,788 `.
fn without_time(line: &str) -> &str {
    const TIME: &str = "0000-00-00 00:00:00,000 ";
    let fits =
        |(pattern, byte): (u8, u8)| if pattern == b'0' { byte.is_ascii_digit() } else { pattern == byte };
    match line.as_bytes().get(..TIME.len()) {
        Some(start) if TIME.bytes().zip(start.iter().copied()).all(fits) => &line[TIME.len()..],
        _ => line,
    }
}

/// Removes the list of columns from a long line, so that the rest of the statement is visible.
fn without_columns(line: &str) -> String {
    if line.chars().count() <= COLUMNS {
        return line.to_owned();
    }
    let without = |select: &str, from: &str| {
        let (before, rest) = line.split_once(select)?;
        let (_, after) = rest.split_once(from)?;
        Some(format!("{before}{select}…{from}{after}"))
    };
    let short = without("SELECT ", " FROM ").or_else(|| without("select ", " from "));
    short.unwrap_or_else(|| line.to_owned())
}

/// Cuts a long line. A statement keeps its end, where its values are.
fn cut(line: &str) -> String {
    const END: usize = 24;
    let length = line.chars().count();
    if length <= COLUMNS {
        return line.to_owned();
    }
    let start = |columns| line.chars().take(columns);
    match line.contains(" FROM ") || line.contains(" from ") {
        true => {
            start(COLUMNS - END - 3).chain(" … ".chars()).chain(line.chars().skip(length - END)).collect()
        }
        false => start(COLUMNS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_outputs_and_long_lines_are_cut() {
        let text = shortened(&format!("{}\n", "x".repeat(100)).repeat(20));
        assert_eq!(text.lines().count(), 17);
        assert!(text.ends_with("… 4 more lines\n"));
        assert!(text.lines().all(|line| line.chars().count() <= 78));
    }

    #[test]
    fn a_long_statement_is_shown_without_its_columns() {
        let columns = ["name"; 30].join(", ");
        assert_eq!(shortened(&format!("1. SELECT {columns} FROM orders\n")), "1. SELECT … FROM orders\n");
        assert_eq!(shortened("SELECT id FROM orders\n"), "SELECT id FROM orders\n");
    }

    #[test]
    fn a_long_statement_keeps_its_values() {
        let conditions = ["a = b"; 30].join(" AND ");
        let text = shortened(&format!("SELECT id FROM orders WHERE {conditions} AND key = 123456\n"));
        assert!(text.starts_with("SELECT … FROM orders WHERE a = b"), "{text}");
        assert!(text.ends_with("key = 123456\n"), "{text}");
        assert_eq!(text.trim_end().chars().count(), 78);
    }

    #[test]
    fn the_times_of_a_log_are_left_out() {
        assert_eq!(shortened("2026-11-26 20:17:28,788 INFO BEGIN\n2026-11-26\n"), "INFO BEGIN\n2026-11-26\n");
    }

    #[test]
    fn the_setup_of_the_connection_is_left_out() {
        let text =
            shortened("INFO select pg_catalog.version()\nINFO BEGIN\nSELECT * FROM customers\nSELECT 1\n");
        assert_eq!(text, "SELECT * FROM customers\nSELECT 1\n");
        assert_eq!(shortened("200  page.py:1\ncustomers\n"), "200  page.py:1\ncustomers\n");
    }
}
