//! Checks of the pages for other ORMs: the same six steps on each, and no number that differs from the recorded outputs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The headings of every page, in their order. A page that was read, and not run, ends with its sources.
const STEPS: [&str; 6] = [
    "See the number of statements",
    "Find the line",
    "The fix",
    "Assert it in a test",
    "Guard it in production",
    "The trap of this ORM",
];

/// The files that `cargo your-page` writes for every ORM.
const RECORDED: [&str; 7] =
    ["run.md", "summary.txt", "see.txt", "find.txt", "test.txt", "guard.txt", "trap.txt"];

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("book")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the names of the entries of a folder, without their extension.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> =
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Returns the name and the text of each page.
fn pages() -> Vec<(String, String)> {
    let folder = book().join("src/your_page");
    let pages = names(&folder).into_iter().map(|name| {
        let text = read(&folder.join(format!("{name}.md")));
        (name, text)
    });
    pages.collect()
}

/// Returns a text without its code blocks, on one line.
fn prose(text: &str) -> String {
    let outside = text.split("\n```").step_by(2);
    outside.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Returns the numbers that stand before the word `statement` or `statements`.
fn counts(text: &str) -> BTreeSet<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| pair[1].starts_with("statement"));
    pairs.filter_map(|pair| pair[0].replace(',', "").parse().ok()).collect()
}

/// Returns what follows `start` in a recorded summary, up to the next blank.
fn after<'s>(summary: &'s str, start: &str) -> &'s str {
    let (_, rest) = summary.split_once(start).unwrap_or_else(|| panic!("{start:?} is not in:\n{summary}"));
    rest.split(' ').next().unwrap()
}

#[test]
fn every_page_has_the_six_steps_in_their_order() {
    for (name, text) in pages() {
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        let steps: Vec<_> = headings.filter(|heading| *heading != "Sources").collect();
        assert_eq!(steps, STEPS, "{name}.md");
        assert_ne!(text.contains("\n## Sources\n"), is_run(&name, &text), "{name}.md");
    }
}

#[test]
fn a_page_that_was_run_has_recorded_outputs_and_no_other_says_so() {
    let run = names(&book().join("your_page"));
    for orm in &run {
        for file in RECORDED {
            read(&book().join("your_page").join(orm).join(file));
        }
    }
    let copying = pages().into_iter().filter(|(name, text)| {
        let says_so = is_run(name, text);
        assert!(says_so || !text.contains("**Run**"), "{name}.md: only a recorded file says what was run");
        says_so
    });
    assert_eq!(copying.map(|(name, _)| name).collect::<Vec<_>>(), run);
}

/// Returns whether a page has the recorded line that says what was run. `tests/readme.rs` compares the copy.
fn is_run(name: &str, text: &str) -> bool {
    text.contains(&format!("<!-- copy of: book/your_page/{name}/run.md -->"))
}

#[test]
fn the_numbers_of_statements_in_a_page_are_the_recorded_ones() {
    let run = names(&book().join("your_page"));
    for (name, text) in pages().into_iter().filter(|(name, _)| run.contains(name)) {
        let folder = book().join("your_page").join(&name);
        let recorded: BTreeSet<u64> = ["summary.txt", "guard.txt", "trap.txt"]
            .iter()
            .flat_map(|file| counts(&read(&folder.join(file))))
            .collect();
        let stated = counts(&prose(&text));
        let other: Vec<_> = stated.difference(&recorded).collect();
        assert!(
            other.is_empty(),
            "{name}.md: {other:?} statements are in no recorded output, which have {recorded:?}"
        );
        let summary = read(&folder.join("summary.txt"));
        for version in ["slow page: ", "fixed page: "] {
            let number = after(&summary, version).parse().unwrap();
            assert!(
                stated.contains(&number),
                "{name}.md does not state the {number} statements of the {version}"
            );
        }
    }
}

#[test]
fn the_table_of_the_chapter_has_the_recorded_versions_and_counts() {
    let chapter = read(&book().join("src/your_page.md"));
    for (name, text) in pages() {
        let link = format!("](your_page/{name}.md) |");
        let row = chapter
            .lines()
            .find(|line| line.contains(&link))
            .unwrap_or_else(|| panic!("{name} is in no row"));
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).skip(2).collect();
        if !is_run(&name, &text) {
            assert_eq!(cells, ["read", "not counted", "not counted"], "{name}");
            continue;
        }
        let summary = read(&book().join("your_page").join(&name).join("summary.txt"));
        let version = after(&summary, " ").trim_end_matches(',');
        let expected =
            [&format!("run with {version}"), after(&summary, "slow page: "), after(&summary, "fixed page: ")];
        assert_eq!(cells, expected, "{name}");
    }
}
