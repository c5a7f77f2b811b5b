//! The report for a terminal, in 80 columns.

use std::fmt;
use std::time::Duration;

use waterfall::sql::Summary;

use super::advice::{at_once, lines};
use super::short::{cut, short};
use super::{Activity, Page, Report};
use crate::findings::{Finding, Kind};

/// The width of a shape in the report.
const WIDTH: usize = 74;

/// The most shapes of a page that are listed, and the most pages that are shown with their findings.
const SHAPES: usize = 6;
const PAGES: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = self.pages.len().saturating_sub(PAGES) as u64 + self.pages_left_out;
        if left_out > 0 {
            writeln!(f, "{} earlier pages are left out.\n", separated(left_out))?;
        }
        for page in self.pages.iter().skip(self.pages.len().saturating_sub(PAGES)) {
            page.write(f, self.settings.slow)?;
        }
        if self.pages.is_empty() {
            writeln!(f, "No statement has passed.")?;
        }
        if self.not_understood > 0 {
            let count = counted(self.not_understood, "message");
            writeln!(f, "{count} passed without a known meaning. They are not in the counts.")?;
        }
        Ok(())
    }
}

impl Page {
    fn write(&self, f: &mut fmt::Formatter<'_>, slow: Duration) -> fmt::Result {
        let name = self.name.as_ref().map(|name| format!(" · {name}")).unwrap_or_default();
        let title = format!("Page {} · connection {}{name}", self.number, self.connection);
        writeln!(f, "{}", cut(&title, WIDTH))?;
        writeln!(
            f,
            "  {}, {}, {}, {} in all",
            counted(self.statements, "statement"),
            counted(self.round_trips, "round trip"),
            counted(self.rows, "row"),
            time(self.elapsed)
        )?;
        if self.wire.is_zero() {
            writeln!(f, "  {} in the server, without an added round trip", time(self.server))?;
        } else {
            writeln!(f, "  {} on the wire, {} in the server", time(self.wire), time(self.server))?;
        }
        if self.failed > 0 {
            writeln!(f, "  {} failed", counted(self.failed, "statement"))?;
        }
        if !self.transactions.is_empty() {
            let (count, idle) = (self.transactions.len() as u64, time(self.idle_in_transaction));
            writeln!(f, "  {}, idle for {idle}", counted(count, "transaction"))?;
        }
        self.write_slow(f, slow)?;
        if self.values_left_out > 0 {
            let count = separated(self.values_left_out);
            writeln!(f, "  {count} values were too many to compare, so findings can be missing")?;
        }
        writeln!(f)?;
        for finding in &self.findings {
            for line in finding.to_string().lines() {
                writeln!(f, "  {line}")?;
            }
            writeln!(f)?;
        }
        let advice = lines(&self.findings);
        if !advice.is_empty() {
            writeln!(f, "  To load the rows at once (the names are guessed from the tables):")?;
            for line in advice {
                writeln!(f, "    {line}")?;
            }
            writeln!(f)?;
        }
        self.write_shapes(f)
    }

    fn write_slow(&self, f: &mut fmt::Formatter<'_>, slow: Duration) -> fmt::Result {
        let slow_ones: Vec<_> = self.shapes.iter().filter(|shape| shape.slowest > slow).collect();
        if slow_ones.is_empty() {
            return writeln!(f, "  no statement took over {} in the server", time(slow));
        }
        for shape in slow_ones {
            writeln!(f, "  slow: {} in the server for {}", time(shape.slowest), short(&shape.text, 44))?;
        }
        Ok(())
    }

    fn write_shapes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:>10} {:>10} {:>9}  statement", "statements", "rows", "server")?;
        let shapes: Vec<_> = self.shapes.iter().filter(|shape| !shape.is_control).collect();
        for shape in shapes.iter().take(SHAPES) {
            writeln!(
                f,
                "  {:>10} {:>10} {:>9}  {}",
                separated(shape.statements),
                separated(shape.rows),
                time(shape.server),
                short(&shape.text, 44)
            )?;
        }
        if let Some(others) = shapes.len().checked_sub(SHAPES).filter(|others| *others > 0) {
            writeln!(f, "  {:>33} other shapes", separated(others as u64))?;
        }
        writeln!(f)
    }
}

/// The headline, the shape, and the column that the keys come from, without an empty line at the end.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&headline(self))?;
        if !self.shape.is_empty() {
            write_shape(f, "", &self.shape)?;
        }
        if !self.parameter.is_empty() {
            // The names of several columns can be long.
            let words = format!("{} = column {} of:", self.parameter, self.from_column);
            write_shape(f, &cut(&words, WIDTH), &self.from_shape)?;
        }
        if let Some(shape) = at_once(self) {
            write_shape(f, "One statement could load them all:", &shape)?;
        }
        Ok(())
    }
}

/// Writes a shape after some words, or below them if the line is too short.
fn write_shape(f: &mut fmt::Formatter<'_>, words: &str, shape: &str) -> fmt::Result {
    let shape = short(shape, WIDTH);
    match words {
        "" => write!(f, "\n  {shape}"),
        _ if words.chars().count() + 1 + shape.chars().count() <= WIDTH => write!(f, "\n  {words} {shape}"),
        _ => write!(f, "\n  {words}\n    {}", short(&shape, WIDTH - 2)),
    }
}

/// Returns what was found, as a line: `N+1: 3,000 statements, one for each row of statement 1`.
fn headline(finding: &Finding) -> String {
    let count = counted(finding.statements, "statement");
    let source = match finding.from_statement {
        Some(number) => format!("statement {}", separated(number)),
        None => counted(finding.from_statements, "statement"),
    };
    let keys = separated(finding.keys);
    let rows = match finding.keys {
        keys if keys == finding.statements && keys == finding.from_rows => {
            format!("one for each row of {source}")
        }
        all if all == finding.statements => format!("one for each of {keys} rows of {source}"),
        _ => format!("for {keys} keys in the rows of {source}"),
    };
    let (what, rows) = match finding.kind {
        Kind::NPlusOne if finding.is_hint => (format!("Hint: {count}"), format!("perhaps {rows}")),
        Kind::NPlusOne => (format!("N+1: {count}"), rows),
        Kind::LoopOfWrites if finding.is_hint => {
            (format!("Hint: {count} for writing"), format!("perhaps {rows}"))
        }
        Kind::LoopOfWrites => (format!("Loop of writes: {count}"), rows),
        Kind::Repeated => (format!("Repeated: {count} sent again"), "with the same values".to_owned()),
        Kind::IdleTransaction => return finding.note.clone(),
    };
    // Large numbers need a second line.
    let is_long = what.len() + rows.len() > WIDTH;
    format!("{what},{}{rows}", if is_long { "\n  " } else { " " })
}

/// A page in one line, to show while the proxy runs: `Page 3: 33,001 statements, 33,001 round trips, 38.1 s, N+1`.
#[derive(Debug)]
pub struct PageLine<'p>(pub &'p Page);

impl fmt::Display for PageLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.0;
        let mut line = format!(
            "page {}: {}, {}, {}",
            page.number,
            counted(page.statements, "statement"),
            counted(page.round_trips, "round trip"),
            time(page.elapsed)
        );
        if let Some(first) =
            page.findings.iter().filter(|finding| !finding.is_hint).max_by_key(|finding| finding.statements)
        {
            let what = match first.kind {
                Kind::NPlusOne => "N+1",
                Kind::LoopOfWrites => "a loop of writes",
                Kind::Repeated => "repeated",
                Kind::IdleTransaction => "an idle transaction",
            };
            line.push_str(&format!(", {what}"));
            if !first.shape.is_empty() {
                line.push_str(&format!(": {}", Summary::of(&first.shape).text()));
            }
        }
        f.write_str(&cut(&line, WIDTH))
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connection {}: {} so far, {}, waited {}",
            self.connection,
            counted(self.statements, "statement"),
            counted(self.round_trips, "round trip"),
            time(self.waiting)
        )
    }
}

/// Returns a number and the word for it: `1 row`, `2 rows`.
fn counted(number: u64, word: &str) -> String {
    format!("{} {word}{}", separated(number), if number == 1 { "" } else { "s" })
}

/// Returns a number with separators: `33,001`.
pub(crate) fn separated(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a time with three digits: `0.25 ms`, `38.1 s`.
pub(crate) fn time(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    match milliseconds {
        _ if milliseconds >= 99_950.0 => format!("{:.0} s", milliseconds / 1e3),
        _ if milliseconds >= 9_995.0 => format!("{:.1} s", milliseconds / 1e3),
        _ if milliseconds >= 999.5 => format!("{:.2} s", milliseconds / 1e3),
        _ if milliseconds >= 99.95 => format!("{milliseconds:.0} ms"),
        _ if milliseconds >= 9.995 => format!("{milliseconds:.1} ms"),
        _ => format!("{milliseconds:.2} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_separator_before_each_three_digits() {
        let numbers = [0, 999, 1_000, 33_001, 1_234_567];
        assert_eq!(numbers.map(separated), ["0", "999", "1,000", "33,001", "1,234,567"]);
        assert_eq!([0, 1, 2].map(|number| counted(number, "row")), ["0 rows", "1 row", "2 rows"]);
    }

    #[test]
    fn a_time_has_three_digits() {
        let times = [
            (250, "0.25 ms"),
            (9_994, "9.99 ms"),
            (9_995, "10.0 ms"),
            (99_940, "99.9 ms"),
            (99_950, "100 ms"),
            (999_400, "999 ms"),
            (999_500, "1.00 s"),
            (9_994_000, "9.99 s"),
            (9_995_000, "10.0 s"),
            (99_949_000, "99.9 s"),
            (99_950_000, "100 s"),
        ];
        for (microseconds, text) in times {
            assert_eq!(time(Duration::from_micros(microseconds)), text);
        }
    }

    #[test]
    fn a_headline_says_for_how_many_rows_and_where_they_are() {
        let finding = Finding {
            statements: 3_000,
            keys: 3_000,
            from_rows: 3_000,
            from_statement: Some(1),
            ..Finding::bare(Kind::NPlusOne)
        };
        let million = 1_000_000;
        let of_a_million =
            Finding { statements: million, keys: million, from_rows: million, ..finding.clone() };
        let all = [
            (finding.clone(), "N+1: 3,000 statements, one for each row of statement 1"),
            (
                Finding { from_statement: None, from_statements: 20, ..finding.clone() },
                "N+1: 3,000 statements, one for each row of 20 statements",
            ),
            (
                Finding { from_rows: 3_001, ..finding.clone() },
                "N+1: 3,000 statements, one for each of 3,000 rows of statement 1",
            ),
            (
                Finding { keys: 17, from_rows: 17, ..finding.clone() },
                "N+1: 3,000 statements, for 17 keys in the rows of statement 1",
            ),
            (
                Finding { is_hint: true, ..finding.clone() },
                "Hint: 3,000 statements, perhaps one for each row of statement 1",
            ),
            (
                Finding { kind: Kind::LoopOfWrites, ..finding.clone() },
                "Loop of writes: 3,000 statements, one for each row of statement 1",
            ),
            (
                Finding { kind: Kind::LoopOfWrites, is_hint: true, ..finding.clone() },
                "Hint: 3,000 statements for writing, perhaps one for each row of statement 1",
            ),
            (
                Finding { is_hint: true, kind: Kind::LoopOfWrites, ..of_a_million },
                "Hint: 1,000,000 statements for writing,\n  perhaps one for each row of statement 1",
            ),
            (
                Finding { kind: Kind::Repeated, ..finding.clone() },
                "Repeated: 3,000 statements sent again, with the same values",
            ),
        ];
        for (finding, words) in all {
            assert_eq!(headline(&finding), words);
        }
    }
}
