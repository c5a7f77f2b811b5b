//! Checks of the book: every sample is compiled, every chapter is listed, and every link has a target.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eagerly::{Network, Strategy};
use shop::Size;

/// Returns the root of the repository, which is above this package's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn source() -> PathBuf {
    root().join("book/src")
}

/// Returns the file name and the text of each chapter.
fn chapters() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(source()).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let named = texts.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    named.collect()
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
fn every_sample_is_included_from_a_program_or_run_as_a_test() {
    for (name, text) in chapters() {
        for (info, body) in blocks(&text) {
            let is_included = body.trim().starts_with("{{#include") && body.trim().lines().count() == 1;
            match info {
                "rust,ignore" => {
                    assert!(is_included, "{name}: this sample is neither included nor run:\n{body}")
                }
                "rust" | "rust,compile_fail" => {
                    assert!(!is_included, "{name}: mark what is included as `rust,ignore`:\n{body}")
                }
                "text" | "sql" | "toml" | "console" => {}
                // Code of other ORMs is not compiled here.
                "python" | "ruby" | "java" | "csharp" | "elixir" | "typescript" | "php" | "rust,other" => {
                    assert!(name == "your_orm.md", "{name}: sample in {info}");
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
            let path = source().join(file);
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
    let files: BTreeSet<String> = chapters().into_iter().map(|(name, _)| name).collect();
    for (name, text) in chapters() {
        if name != "SUMMARY.md" {
            assert!(summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
            let module = format!("    {},\n", name.trim_end_matches(".md"));
            assert!(samples.contains(&module), "{name} is not in samples.rs");
        }
        for part in text.split("](").skip(1) {
            let (link, _) = part.split_once(')').unwrap();
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { &name } else { file };
            assert!(files.contains(target), "{name}: the link {link} has no target");
            let target = std::fs::read_to_string(source().join(target)).unwrap();
            assert!(
                heading.is_empty() || headings(&target).contains(heading),
                "{name}: there is no heading for the link {link}"
            );
        }
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
            let is_path =
                ["crates/", "examples/", "benches/", "tests/"].iter().any(|folder| part.starts_with(folder));
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
