//! Checks that the figures in the prose of the Markdown files are those of the recorded tables and outputs.
//!
//! A comment behind the paragraph repeats the figure and names the place that it comes from. CONTRIBUTING.md describes the form:
//!
//! ```text
//! <!-- figure: 8.6 times = benches/measured/measured.md; 5,000 customers; lazy ÷ selectin; median -->
//! <!-- figure: about half = benches/measured/measured.md; 5,000 customers; subquery; ratio; 0.4 to 0.6 -->
//! <!-- figure: 32 times = book/src/round_trip.md; selectin serves # times as many pages -->
//! ```

#[path = "support/markdown.rs"]
mod markdown;

use std::path::PathBuf;

use markdown::root;

const BEGIN: &str = "<!-- figure: ";
const END: &str = "-->";

/// Returns the Markdown files whose prose can have figures.
fn texts() -> Vec<PathBuf> {
    let mut texts = markdown::below(&["book/src", "examples", "benches", "crates"]);
    texts.push(root().join("README.md"));
    texts
}

#[test]
fn every_marked_figure_is_the_one_that_was_recorded() {
    let read = |file: &str| std::fs::read_to_string(root().join(file)).map_err(|error| error.to_string());
    let (mut marks, mut wrong) = (0, Vec::new());
    for file in texts() {
        let text = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        for (mark, paragraph) in marks_of(&text) {
            marks += 1;
            if let Err(reason) = check(mark, &paragraph, read) {
                wrong.push(format!("{}: {mark}\n  {reason}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n  help: correct the sentence and its mark, or record the table again",
        wrong.join("\n")
    );
    assert!(marks > 40, "found only {marks} marks");
}

/// Without a mark, a ratio goes stale when its table is recorded again.
#[test]
fn every_paragraph_of_the_book_that_compares_times_of_a_recorded_table_has_a_mark() {
    let names = ["`benches/measured/", "`benches/peers/measured", "](measured.md)"];
    let ratios = ["times", "twice", "half", "third", "thirds", "quarter"];
    let mut found = 0;
    for file in texts().into_iter().filter(|file| file.starts_with(root().join("book"))) {
        let text = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        for paragraph in text.split("\n\n") {
            let is_compared = names.iter().any(|name| paragraph.contains(name))
                && paragraph
                    .split(|character: char| !character.is_alphabetic())
                    .any(|word| ratios.contains(&word));
            found += usize::from(is_compared);
            assert!(
                !is_compared || paragraph.contains(BEGIN),
                "{}: this paragraph has no mark (CONTRIBUTING.md describes it):\n{paragraph}",
                file.strip_prefix(root()).unwrap().display()
            );
        }
    }
    assert!(found > 3, "found only {found} such paragraphs");
}

/// Returns each mark of a text, with the paragraph that it belongs to.
fn marks_of(text: &str) -> Vec<(&str, String)> {
    let mut marks = Vec::new();
    for (start, _) in text.match_indices(BEGIN) {
        let mark = &text[start + BEGIN.len()..];
        let mark = mark.split_once(END).map_or("", |(mark, _)| mark.trim());
        let paragraph = text[..start].rsplit("\n\n").next().unwrap_or_default();
        marks.push((mark, words(&without_marks(paragraph))));
    }
    marks
}

fn without_marks(paragraph: &str) -> String {
    let mut parts = paragraph.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(END).map_or("", |(_, after)| after))
}

/// Returns a text on one line, without the frames of tables.
fn words(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || "│|".contains(character))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Checks one mark. `read` returns the text of the file that it names.
fn check(mark: &str, paragraph: &str, read: impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
    let (shown, place) = mark.split_once(" = ").ok_or("there is no ` = ` in the mark")?;
    if !paragraph.contains(shown) {
        return Err(format!("the paragraph does not contain {shown:?}"));
    }
    let mut parts: Vec<_> = place.split("; ").collect();
    let range = parts.last().and_then(|part| range(part));
    if range.is_some() {
        parts.pop();
    }
    let recorded = read(parts[0])?;
    let recorded = match parts[1..] {
        [heading, rows, column] => quotient(rows, |row| cell(&recorded, heading, row, column))?,
        [lines] => quotient(lines, |line| output(&recorded, line))?,
        _ => {
            return Err(
                "the place is neither `file; heading; row; column` nor `file; words with #`".to_owned()
            );
        }
    };
    let fits = match (range, number(shown)) {
        (Some((from, to)), _) => (from..=to).contains(&recorded),
        (None, Some((shown, unit))) => (recorded - shown).abs() <= unit / 2.0 + 1e-9,
        (None, None) => return Err(format!("{shown:?} has no number, so the mark needs a range")),
    };
    if fits { Ok(()) } else { Err(format!("{recorded:.3} was recorded")) }
}

/// Returns the limits of `0.4 to 0.6`.
fn range(part: &str) -> Option<(f64, f64)> {
    let (from, to) = part.split_once(" to ")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

/// Returns the figure of `a`, or that of `a` divided by that of `b` for `a ÷ b`.
fn quotient(text: &str, figure: impl Fn(&str) -> Result<f64, String>) -> Result<f64, String> {
    match text.split_once(" ÷ ") {
        Some((a, b)) => Ok(figure(a)? / figure(b)?),
        None => figure(text),
    }
}

/// Returns the first number of a text, and the value of its last digit. Times are in milliseconds, sizes in kilobytes.
fn number(text: &str) -> Option<(f64, f64)> {
    let mut words =
        text.split(' ').skip_while(|word| !word.starts_with(|first: char| first.is_ascii_digit()));
    let digits: String = words.next()?.chars().filter(|character| *character != ',').collect();
    let digits = digits.trim_end_matches(|last: char| !last.is_ascii_digit());
    let factor = match words.next().unwrap_or_default().trim_end_matches(['.', ',', ';', ':']) {
        "s" | "second" | "seconds" | "MB" => 1000.0,
        "µs" | "bytes" => 0.001,
        _ => 1.0,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Some((digits.parse::<f64>().ok()? * factor, factor / 10_f64.powi(decimals as i32)))
}

/// Returns the number in a table's cell. `row` has the texts of one or more cells, such as `Django + lazy`.
fn cell(text: &str, heading: &str, row: &str, column: &str) -> Result<f64, String> {
    let is_heading = |line: &&str| line.starts_with('#');
    let mut section =
        text.lines().skip_while(|line| !is_heading(line) || line.trim_start_matches('#').trim() != heading);
    section.next().ok_or_else(|| format!("there is no heading {heading:?}"))?;
    let lines = section.take_while(|line| !is_heading(line)).filter(|line| line.starts_with('|'));
    let mut table =
        lines.map(|line| line.trim_matches('|').split('|').map(without_version).collect::<Vec<_>>());
    let columns = table.next().unwrap_or_default();
    let column = columns
        .iter()
        .position(|name| name == column)
        .ok_or_else(|| format!("there is no column {column:?}"))?;
    let wanted: Vec<_> = row.split(" + ").collect();
    let found: Vec<_> =
        table.filter(|cells| wanted.iter().all(|wanted| cells.iter().any(|cell| cell == wanted))).collect();
    let [cells] = &found[..] else { return Err(format!("{} rows are {row:?}", found.len())) };
    let figure = cells.get(column).and_then(|cell| number(cell));
    Ok(figure.ok_or_else(|| format!("there is no number in the row {row:?}"))?.0)
}

/// Returns the text of a cell, without a version such as `2.3.14`. A newer version does not change the row.
fn without_version(cell: &str) -> String {
    let is_version =
        |word: &&str| word.starts_with(|first: char| first.is_ascii_digit()) && word.matches('.').count() > 1;
    let words: Vec<_> = cell.split_whitespace().filter(|word| !is_version(word)).collect();
    words.join(" ").replace('`', "")
}

/// Returns the number that stands at `#` in words of a text, such as an output.
fn output(text: &str, line: &str) -> Result<f64, String> {
    let (before, after) = line.split_once('#').ok_or("there is no `#`")?;
    let text = words(text);
    let figures: Vec<_> = text
        .match_indices(before)
        .filter(|(start, _)| *start == 0 || text[..*start].ends_with(' '))
        .filter_map(|(start, _)| {
            let rest = &text[start + before.len()..];
            let end = rest.find(' ').unwrap_or(rest.len());
            let is_number = rest.starts_with(|first: char| first.is_ascii_digit());
            // The same output can be in a file twice, with the same number.
            (is_number && rest[end..].starts_with(after)).then(|| number(rest)).flatten()
        })
        .map(|(figure, _)| figure)
        .collect();
    let first = *figures.first().ok_or_else(|| format!("there are no words {line:?}"))?;
    match figures.iter().all(|figure| *figure == first) {
        true => Ok(first),
        false => Err(format!("the words {line:?} are there with different numbers")),
    }
}

/// The test of the files passes if the check accepts everything. So this one checks that it does not.
#[test]
fn a_wrong_figure_and_a_place_that_does_not_exist_are_found() {
    let table = "
## Small

| ORM | way | statements | median |
|---|---|--:|--:|
| Django 5.2.19 | lazy | 3,301 | 1.60 s |
| Django 5.2.19 | `eager` | 3 | 200 ms |

## Large

The page took 40 ms, and lazy took 90 ms.
";
    let checked = |mark: &str| {
        let text = format!("It takes 8.0 times, or\n8 times, or about half of 3,301. {BEGIN}{mark} {END}\n");
        let (mark, paragraph) = marks_of(&text).remove(0);
        check(mark, &paragraph, |file| match file {
            "table.md" => Ok(table.to_owned()),
            _ => Err("no such file".to_owned()),
        })
    };
    for right in [
        "8.0 times = table.md; Small; Django + lazy ÷ Django + eager; median",
        "3,301 = table.md; Small; Django + lazy; statements",
        "about half = table.md; page took # ms, ÷ lazy took # ms.; 0.4 to 0.6",
        "3,301 = table.md; # 1.60 s",
    ] {
        assert_eq!(checked(right), Ok(()), "{right}");
    }
    for (wrong, reason) in [
        ("8.0 times = table.md; Small; lazy; statements", "3301.000 was recorded"),
        ("8 times = table.md; Small; eager ÷ lazy; median", "0.125 was recorded"),
        ("about half = table.md; page took # ms, ÷ lazy took # ms.; 0.5 to 0.6", "0.444 was recorded"),
        ("about half = table.md; page took # ms,", "\"about half\" has no number, so the mark needs a range"),
        ("9 times = table.md; Small; lazy; statements", "the paragraph does not contain \"9 times\""),
        ("8 times = other.md; Small; lazy; statements", "no such file"),
        ("8 times = table.md; Medium; lazy; statements", "there is no heading \"Medium\""),
        ("8 times = table.md; Large; lazy; statements", "there is no column \"statements\""),
        ("8 times = table.md; Small; joined; statements", "0 rows are \"joined\""),
        ("8 times = table.md; Small; Django; statements", "2 rows are \"Django\""),
        ("8 times = table.md; Small; lazy; ORM", "there is no number in the row \"lazy\""),
        ("8 times = table.md; page took # s", "there are no words \"page took # s\""),
        ("8 times = table.md; took # ms", "the words \"took # ms\" are there with different numbers"),
        ("8 times = table.md; page took", "there is no `#`"),
        ("8 times", "there is no ` = ` in the mark"),
        ("8 times = table.md", "the place is neither `file; heading; row; column` nor `file; words with #`"),
    ] {
        assert_eq!(checked(wrong), Err(reason.to_owned()), "{wrong}");
    }
}
