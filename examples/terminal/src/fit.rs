//! Text that fits the terminal.

use std::io::{self, Write};

use console::Term;
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The width if standard output is no terminal: that of a projector, and of the recorded outputs.
const USUAL: usize = 80;

/// The smallest width. Below it, broken lines are harder to read than lines that the terminal breaks.
const LEAST: usize = 40;

/// Returns the number of columns: the environment variable `COLUMNS`, the width of the terminal, or 80.
#[must_use]
pub fn width() -> usize {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let named = named.filter(|columns| *columns > 0);
    let found = named.or_else(|| Term::stdout().size_checked().map(|(_, columns)| columns.into()));
    found.unwrap_or(USUAL).max(LEAST)
}

/// Breaks sentences into lines of at most [`width`] columns. All of them are indented by `indent` spaces.
///
/// ```
/// let text = terminal::wrapped("The slow-query log is empty.", 2);
/// assert_eq!(text, "  The slow-query log is empty.");
/// ```
#[must_use]
pub fn wrapped(text: &str, indent: usize) -> String {
    let indentation = " ".repeat(indent);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    fill(&words, options(width()).initial_indent(&indentation).subsequent_indent(&indentation))
}

/// Breaks the lines of a report that are longer than [`width`]. Shorter lines stay as they are.
///
/// Columns are separated by two or more spaces. The rest of a long line begins below its last column in the left half of
/// the line, and a column that does not fit begins on a new line. Without columns, the rest is indented by four spaces more.
///
/// ```
/// let line = format!("  12  {}", "word ".repeat(20));
/// let lines = terminal::fitted(&line);
/// assert_eq!(lines.lines().nth(1).map(|line| line.find("word")), Some(Some(6)));
/// ```
#[must_use]
pub fn fitted(text: &str) -> String {
    let width = width();
    text.lines().map(|line| fitted_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn fitted_line(line: &str, width: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let spaces = line.len() - line.trim_start().len();
    let columns = line.match_indices("  ").map(|(at, _)| at + 2);
    let columns = columns.filter(|at| *at > spaces && !line[*at..].starts_with(' '));
    let last = columns.filter(|at| display_width(&line[..*at]) <= width / 2).last();
    let (head, tail) = line.split_at(last.unwrap_or(spaces));
    let rest = " ".repeat(last.map_or(spaces + 4, |_| display_width(head)));
    // A later column that does not fit begins on a line of its own.
    let mut lines = head.to_owned();
    let mut length = display_width(head);
    for (index, column) in tail.split("  ").map(str::trim).filter(|column| !column.is_empty()).enumerate() {
        if index > 0 && length + 2 + display_width(column) <= width {
            lines += "  ";
            lines += column;
            length += 2 + display_width(column);
            continue;
        }
        let before = if index == 0 { " ".repeat(length) } else { rest.clone() };
        let filled = fill(column, options(width).initial_indent(&before).subsequent_indent(&rest));
        length = filled.lines().last().map_or(0, display_width);
        lines += if index == 0 { &filled[before.len()..] } else { "\n" };
        lines += if index == 0 { "" } else { &filled };
    }
    lines
}

/// Fills lines with words. A number stays with its unit and with the word before it, and a keyword of SQL with what follows
/// it. In a list of numbers, a line can still be broken after every second one.
fn fill(text: &str, options: Options<'_>) -> String {
    const UNITS: [&str; 9] = ["µs", "ms", "s", "min", "h", "bytes", "kB", "MB", "GB"];
    const OPENING: [&str; 11] =
        ["=", "AND", "AS", "BY", "FROM", "IN", "JOIN", "LEFT", "ON", "ORDER", "WHERE"];
    /// A space that no line is broken at.
    const BOUND: &str = "\u{a0}";
    let mut bound = String::new();
    let (mut before, mut stays) = ("", false);
    for word in text.split(' ') {
        let plain = word.trim_end_matches(['.', ',', ';', ':', ')']);
        let is_number = !plain.is_empty() && plain.chars().all(|digit| digit.is_ascii_digit());
        let is_unit = UNITS.contains(&plain) && before.ends_with(|last: char| last.is_ascii_digit());
        // `stays` is still that of the word before: a chain of numbers would be a line of any length.
        stays = !before.is_empty() && (OPENING.contains(&before) || is_unit || (is_number && !stays));
        if !bound.is_empty() {
            bound += if stays { BOUND } else { " " };
        }
        bound += word;
        before = word;
    }
    textwrap::fill(&bound, options).replace(BOUND, " ")
}

/// Breaks only at spaces: neither a name nor a path nor SQL may contain another character than it has.
fn options<'o>(width: usize) -> Options<'o> {
    let options = Options::new(width).break_words(false);
    options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation)
}

/// Shortens a line to `width` columns. An ellipsis replaces what does not fit.
///
/// ```
/// assert_eq!(terminal::cut("SELECT 1 FROM orders", 12), "SELECT 1 …");
/// ```
#[must_use]
pub fn cut(line: &str, width: usize) -> String {
    if display_width(line) <= width {
        return line.to_owned();
    }
    let mut kept = String::new();
    for character in line.chars() {
        kept.push(character);
        // A space and the ellipsis have to fit, too.
        if display_width(&kept) + 2 > width {
            kept.pop();
            break;
        }
    }
    let whole_words = kept.rfind(' ').map_or(kept.as_str(), |end| &kept[..end]);
    format!("{} …", whole_words.trim_end())
}

/// A writer that breaks the lines that it writes, like [`fitted`].
///
/// ```
/// use std::io::Write as _;
///
/// let mut out = Vec::new();
/// writeln!(terminal::Fitting::new(&mut out), "  12  {}", "word ".repeat(20))?;
/// assert_eq!(String::from_utf8_lossy(&out).lines().count(), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Fitting<W> {
    out: W,
    /// The beginning of a line whose end has not been written yet.
    line: Vec<u8>,
}

impl<W: Write> Fitting<W> {
    /// Returns a writer that passes its lines to `out`.
    pub fn new(out: W) -> Self {
        Self { out, line: Vec::new() }
    }
}

impl<W: Write> Write for Fitting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = String::from_utf8_lossy(&self.line);
                    writeln!(self.out, "{}", fitted_line(&line, width()))?;
                    self.line.clear();
                }
                byte => self.line.push(*byte),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_long_line_begins_below_its_last_column_in_the_left_half() {
        let line = "     2    10.9 µs  SELECT \"id\" FROM \"orders\" WHERE \"id\" = ?1  lazy Customer.orders at page.rs:31";
        let lines = [
            "     2    10.9 µs  SELECT \"id\" FROM \"orders\"",
            "                   WHERE \"id\" = ?1",
            "                   lazy Customer.orders at",
            "                   page.rs:31",
        ];
        assert_eq!(fitted_line(line, 50), lines.join("\n"));
        assert_eq!(fitted_line(line, 100), line);
    }

    #[test]
    fn a_number_stays_with_its_unit_and_a_keyword_with_its_name() {
        assert_eq!(fill("took 1.27 ms, in total", Options::new(9)), "took\n1.27 ms,\nin total");
        assert_eq!(
            fill("SELECT x FROM orders ORDER BY id", Options::new(14)),
            "SELECT x\nFROM orders\nORDER BY id"
        );
    }

    #[test]
    fn no_line_is_longer_than_the_width_and_none_loses_a_word() {
        for text in ["näme of-a-path, N+1 ", "12, ", "7 ms "] {
            let text = format!("  {}", text.repeat(50));
            for width in [40, 60, 80, 120] {
                let lines = fitted_line(&text, width);
                assert!(lines.lines().all(|line| line.chars().count() <= width), "{lines}");
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                assert_eq!(words(&lines), words(&text));
            }
        }
    }

    #[test]
    fn a_line_that_is_cut_fits_and_ends_in_an_ellipsis() {
        for width in 2..30 {
            let line = cut("SELECT \"id\" FROM \"orders\"", width);
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert_eq!(cut("short", 5), "short");
    }
}
