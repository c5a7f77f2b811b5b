//! Text that fits the terminal.

use std::io::{self, Write};

use console::Term;
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
    textwrap::fill(&words, options(width()).initial_indent(&indentation).subsequent_indent(&indentation))
}

/// Breaks the lines of a report that are longer than [`width`]. Shorter lines stay as they are.
///
/// Columns are separated by two or more spaces. The rest of a long line begins below its last column in the left half of
/// the line. In a line without columns, it is indented by four more spaces than the line.
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
    if textwrap::core::display_width(line) <= width {
        return line.to_owned();
    }
    let spaces = line.len() - line.trim_start().len();
    let columns = line.match_indices("  ").map(|(at, _)| at + 2);
    let columns = columns.filter(|at| *at > spaces && !line[*at..].starts_with(' '));
    let columns = columns.map(|at| textwrap::core::display_width(&line[..at]));
    let rest = columns.filter(|column| *column <= width / 2).last().unwrap_or(spaces + 4);
    textwrap::fill(line, options(width).subsequent_indent(&" ".repeat(rest)))
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
    if textwrap::core::display_width(line) <= width {
        return line.to_owned();
    }
    let mut kept = String::new();
    for character in line.chars() {
        kept.push(character);
        // A space and the ellipsis have to fit, too.
        if textwrap::core::display_width(&kept) + 2 > width {
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
        let line = "     2    10.9 µs  SELECT \"id\" FROM \"orders\" WHERE \"id\" = ?1 [1]  lazy Customer.orders at page.rs:31";
        let lines = fitted_line(line, 50);
        assert_eq!(
            lines,
            "     2    10.9 µs  SELECT \"id\" FROM \"orders\" WHERE\n                   \"id\" = ?1 [1]  lazy\n                   Customer.orders at page.rs:31"
        );
        assert_eq!(fitted_line(line, 100), line);
    }

    #[test]
    fn no_line_is_longer_than_the_width_and_none_loses_a_word() {
        let text = format!("  {}", "näme of-a-path, N+1 ".repeat(20));
        for width in [40, 60, 80, 120] {
            let lines = fitted_line(&text, width);
            assert!(lines.lines().all(|line| line.chars().count() <= width), "{lines}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&lines), words(&text));
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
