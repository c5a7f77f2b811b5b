//! Checks of the book: every sample is compiled, every chapter is listed, and every link has a target.

#[path = "support/markdown.rs"]
mod markdown;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use eagerly::{Network, Strategy};
use markdown::root;
use shop::Size;

fn source() -> PathBuf {
    root().join("book/src")
}

/// Returns the path and the text of each chapter. A path begins at the book's source, and has `/` on every system.
fn chapters() -> Vec<(String, String)> {
    let named = markdown::below(&["book/src"]).into_iter().map(|path| {
        let name = path.strip_prefix(source()).unwrap().to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&path).unwrap())
    });
    named.collect()
}

/// Returns whether a chapter is about other ORMs. Their code is not compiled here.
fn is_about_other_orms(name: &str) -> bool {
    name == "your_orm.md" || name.starts_with("your_page/")
}

/// Returns the code blocks of a text, each with the words after its opening fence.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (info, after) = after.split_once('\n').unwrap();
        let (body, after) =
            after.strip_prefix("```").map_or_else(|| after.split_once("\n```").unwrap(), |after| ("", after));
        blocks.push((info.trim(), body));
        rest = after;
    }
    blocks
}

#[test]
fn every_sample_is_copied_from_a_program_or_run_as_a_test() {
    for (name, text) in chapters() {
        for (info, body) in blocks(&text) {
            let is_copied = text.contains(&format!(" -->\n```{info}\n{body}"));
            match info {
                "rust,ignore" => {
                    assert!(is_copied, "{name}: this sample is neither copied nor run:\n{body}")
                }
                "rust" | "rust,compile_fail" => {
                    assert!(!is_copied, "{name}: mark what is copied as `rust,ignore`:\n{body}")
                }
                "text" | "sql" | "toml" | "console" => {}
                "python" | "html" | "ruby" | "java" | "csharp" | "elixir" | "javascript" | "typescript"
                | "php" | "go" | "yaml" | "rust,other" => {
                    assert!(is_copied || is_about_other_orms(&name), "{name}: sample in {info}");
                }
                other => panic!("{name}: unknown kind of block {other:?}:\n{body}"),
            }
        }
    }
}

#[test]
fn every_included_file_and_anchor_exists() {
    for (name, text) in chapters() {
        for part in text.split("{{#include ").skip(1) {
            let (what, _) = part.split_once("}}").unwrap();
            let (file, anchor) = what.split_once(':').unwrap_or((what, ""));
            let path = source().join(&name).with_file_name(file);
            let included =
                std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {what}: {error}"));
            // In Markdown, the anchor is in a comment.
            let mark = format!("ANCHOR: {anchor}");
            let is_mark = |line: &str| line.trim_end_matches("-->").trim_end().ends_with(&mark);
            let found = anchor.is_empty() || included.lines().any(is_mark);
            assert!(found, "{name}: {what} has no such anchor");
        }
    }
}

#[test]
fn every_chapter_is_in_the_summary_and_the_samples_and_every_link_has_a_target() {
    let summary = std::fs::read_to_string(source().join("SUMMARY.md")).unwrap();
    let samples = std::fs::read_to_string(source().join("../samples.rs")).unwrap();
    for (name, text) in chapters() {
        if name != "SUMMARY.md" {
            assert!(summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
            let module = format!("    {},\n", name.trim_end_matches(".md"));
            assert!(
                samples.contains(&module) || !text.contains("\n```rust\n"),
                "{name} is not in samples.rs"
            );
        }
        // In code, the same characters have another meaning.
        let prose: String = text.split("\n```").step_by(2).collect();
        for part in prose.split("](").skip(1) {
            let (link, _) = part.split_once(')').unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let chapter = source().join(&name);
            let target = if file.is_empty() { chapter } else { chapter.with_file_name(file) };
            assert!(target.exists(), "{name}: the link {link} has no target");
            assert!(
                heading.is_empty() || headings(&std::fs::read_to_string(target).unwrap()).contains(heading),
                "{name}: there is no heading for the link {link}"
            );
        }
    }
}

/// A learner follows one path: a chapter, then its exercises. Each exercise names its chapter, too.
#[test]
fn every_exercise_is_at_the_end_of_its_chapter_in_one_order_and_names_the_chapter() {
    let workshop = root().join("crates/workshop");
    let listed = std::fs::read_to_string(workshop.join("info.toml")).unwrap();
    let values = |key: &str| -> Vec<String> {
        let lines = listed.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
        lines.map(|value| value.trim_end_matches('"').to_owned()).collect()
    };
    let mut expected = Vec::new();
    for ((number, name), folder) in (1..).zip(values("name")).zip(values("dir")) {
        let file = format!("crates/workshop/exercises/{folder}/{name}.rs");
        expected.push(format!("- **Exercise {number}:** [`{name}`](../../{file})"));
    }
    assert!(expected.len() >= 20, "the exercises in info.toml are not found");

    let chapters: std::collections::BTreeMap<String, String> = chapters().into_iter().collect();
    let mut linked = Vec::new();
    for part in chapters["SUMMARY.md"].split("](").skip(1) {
        let (chapter, _) = part.split_once(')').unwrap();
        for line in chapters[chapter].lines().filter(|line| line.starts_with("- **Exercise ")) {
            let (_, file) = line.trim_end_matches(')').split_once("](../../").unwrap();
            let exercise = std::fs::read_to_string(root().join(file)).unwrap();
            let back = format!("//! Chapter: `book/src/{chapter}`");
            assert!(exercise.contains(&back), "{file} lacks the line {back:?}");
            linked.push(line.to_owned());
        }
    }
    assert_eq!(linked, expected);
    for readme in ["README.md", "crates/workshop/README.md"] {
        let text = std::fs::read_to_string(root().join(readme)).unwrap();
        let number = format!("{} exercises", expected.len());
        assert!(text.contains(&number), "{readme} does not say that there are {number}");
    }
}

/// Returns the headings of a text in the form that links use.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let names = lines.map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
        kept.collect::<String>().replace(' ', "-")
    });
    names.collect()
}

#[test]
fn every_file_that_the_book_names_exists() {
    for (name, text) in chapters() {
        for part in text.split('`').skip(1).step_by(2) {
            let folders = ["crates/", "examples/", "benches/", "tests/", "book/your_page/"];
            let is_path = folders.iter().any(|folder| part.starts_with(folder));
            if is_path && !part.contains(char::is_whitespace) && !part.contains(['*', '…']) {
                let file = part.split(':').next().unwrap();
                assert!(root().join(file).exists(), "{name}: {file} does not exist");
            }
        }
    }
}

#[test]
fn the_modelled_times_past_one_machine_are_statements_times_round_trip() {
    let text = std::fs::read_to_string(source().join("past_one_machine.md")).unwrap();
    let [customers, orders, _] = Size::default().rows();
    let rows = Strategy::ALL.into_iter().map(|strategy| {
        let statements = match strategy {
            Strategy::Lazy | Strategy::Immediate => 1 + customers + orders,
            Strategy::Batch | Strategy::Selectin | Strategy::Subquery => 3,
            _ => 1,
        };
        let end = if strategy == Strategy::Raise { ", then an error" } else { "" };
        let times = [1, 2, 60].map(|milliseconds| {
            let modelled = Network::virtual_of(Duration::from_millis(milliseconds)).modelled(statements);
            format!("{}.{:03} s", grouped(modelled.as_secs()), modelled.subsec_millis())
        });
        format!("| `{strategy}`{end} | {} | {} |\n", grouped(statements), times.join(" | "))
    });
    let table: String = rows.collect();
    assert!(text.contains(&table), "the table in past_one_machine.md must be:\n{table}");
}

/// Returns a number below a million with a comma before its last three digits.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}
