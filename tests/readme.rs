//! Checks that the outputs in the Markdown files are what the programs print, where only the times may differ, and that copied
//! code is the code that runs. It is copied and not included, because many people read the files without building the book.
//!
//! `EAGERLY_BLESS=1 cargo test -p tests --test readme` updates the outputs. Run `cargo build --examples` first, and to update
//! them also `cargo build --release --examples`. The release build is used if it exists.

#[path = "support/example.rs"]
mod example;
#[path = "support/markdown.rs"]
mod markdown;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use markdown::root;

/// Returns the Markdown files that may contain outputs.
fn texts() -> Vec<PathBuf> {
    let mut texts = markdown::below(&["book/src"]);
    texts.extend(
        ["README.md", "crates/eagerly-watch/README.md", "examples/README.md"].map(|name| root().join(name)),
    );
    texts
}

/// Held while files are read and written: both tests can write the same file.
static FILES: Mutex<()> = Mutex::new(());

const BEGIN: &str = "<!-- output of: cargo run --release --example ";
const END: &str = "```\n<!-- end of output -->";

/// Returns the standard output of a program. If the command ends in `2>&1`, the standard error follows.
fn output(command: &str, release: bool) -> String {
    let (command, both) = match command.strip_suffix(" 2>&1") {
        Some(command) => (command, true),
        None => (command, false),
    };
    let mut words = command.split_whitespace().filter(|word| *word != "--");
    let name = words.next().unwrap();
    let in_release = example::path(name, Some("release"));
    let built = if release && in_release.exists() { in_release } else { example::path(name, None) };
    // The recorded outputs have the width of a pipe.
    let output = Command::new(&built).args(words).env_remove("COLUMNS").output();
    let output = output.unwrap_or_else(|error| {
        panic!("cannot start {name}: {error}\n  help: `cargo build --examples` builds it")
    });
    assert!(output.status.success(), "{command} fails");
    let mut text = String::from_utf8(output.stdout).unwrap();
    if both {
        text += &String::from_utf8(output.stderr).unwrap();
    }
    // Windows writes other line ends and paths.
    match cfg!(windows) {
        true => text.replace("\r\n", "\n").replace('\\', "/"),
        false => text,
    }
}

/// Returns the words of a text, with a placeholder for each time and for the count of a slow log. It leaves
/// out the entries of a slow log, and the frames of tables, because their width depends on the numbers.
fn without_times(text: &str) -> Vec<&str> {
    // The second line of an entry and the next ones are indented.
    let mut is_slow = false;
    let lines = text.lines().filter(|line| {
        let is_first =
            line.trim_start().starts_with('#') && [" ms  ", " s  "].iter().any(|unit| line.contains(unit));
        is_slow = is_first || is_slow && line.starts_with("          ");
        !is_slow
    });
    let words: Vec<_> = lines.flat_map(str::split_whitespace).collect();
    let is_unit = |word: &&str| {
        matches!(word.trim_end_matches(['.', ',', ')', ';', ':']), "h" | "min" | "s" | "ms" | "µs")
    };
    let is_time = |index: usize| {
        words[index].starts_with(|first: char| first.is_ascii_digit())
            && (words.get(index + 1).is_some_and(is_unit)
                || words[index + 1..].starts_with(&["statements", "over"]))
    };
    let is_frame = |word: &str| word.chars().all(|character| "┌┐└┘╞╡─═│".contains(character));
    let is_timing = |word: &str| word.starts_with("eagerly.elapsed_us=");
    (0..words.len())
        .filter(|index| !is_frame(words[*index]) && !is_unit(&words[*index]) && !is_timing(words[*index]))
        .map(|index| if is_time(index) { "⏱" } else { words[index] })
        .collect()
}

#[test]
fn the_outputs_in_markdown_are_what_the_programs_print() {
    let _files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let bless = std::env::var_os("EAGERLY_BLESS").is_some();
    let mut outputs = HashMap::new();
    for file in texts() {
        let written = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        let mut parts = written.split(BEGIN);
        let mut fresh = parts.next().unwrap().to_owned();
        for part in parts {
            let (command, rest) = part.split_once(" -->\n```text\n").unwrap();
            let (shown, after) = rest.split_once(END).unwrap();
            let printed: &mut String =
                outputs.entry(command.to_owned()).or_insert_with(|| output(command, bless));
            fresh += &format!("{BEGIN}{command} -->\n```text\n{printed}{END}{after}");
            if !bless {
                // On a busy machine, a slow log can list a statement that only waited. So try again.
                for _ in 0..3 {
                    if without_times(shown) != without_times(printed) {
                        *printed = output(command, bless);
                    }
                }
                assert_eq!(
                    without_times(shown),
                    without_times(printed),
                    "the output of {command} in {} is out of date\n  help: run `EAGERLY_BLESS=1 cargo test -p tests --test readme`",
                    file.display()
                );
            }
        }
        if bless && fresh != written {
            std::fs::write(&file, fresh).unwrap();
        }
    }
    assert!(outputs.len() > 10, "found too few outputs in the Markdown files");
}

const BEGIN_COPY: &str = "<!-- copy of: ";
const END_COPY: &str = "\n<!-- end of copy -->";

/// Returns the lines of a file, or those between its comments `ANCHOR: name` and `ANCHOR_END: name`. Lines that only mark a
/// place are left out, and so is the indentation that all lines share.
fn anchored(place: &str) -> String {
    let (file, name) = place.split_once(", ").map_or((place, None), |(file, name)| (file, Some(name)));
    let path = root().join(file);
    let source = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let is_mark = |line: &str, mark: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.windows(2).any(|pair| pair[0] == mark && name.is_none_or(|name| pair[1] == name))
    };
    let mut lines: Vec<&str> = source.lines().collect();
    if name.is_some() {
        let [begin, end] = ["ANCHOR:", "ANCHOR_END:"].map(|mark| {
            lines
                .iter()
                .position(|line| is_mark(line, mark))
                .unwrap_or_else(|| panic!("{place}: no such anchor"))
        });
        lines = lines[begin + 1..end].to_vec();
    }
    lines.retain(|line| !line.contains("ANCHOR: ") && !line.contains("ANCHOR_END: "));
    let indented =
        lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len());
    let shared = indented.min().unwrap_or(0);
    lines
        .iter()
        .map(|line| line.get(shared..).unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

#[test]
fn the_copies_in_markdown_are_the_files_that_they_name() {
    let _files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let bless = std::env::var_os("EAGERLY_BLESS").is_some();
    let mut found = 0;
    for file in texts() {
        let written = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
        let mut parts = written.split(BEGIN_COPY);
        let mut fresh = parts.next().unwrap().to_owned();
        for part in parts {
            let (place, rest) = part.split_once(" -->\n").unwrap();
            let (shown, after) = rest.split_once(END_COPY).unwrap();
            let mut copied = anchored(place);
            if shown.starts_with("```") {
                let fence = shown.lines().next().unwrap();
                copied = format!("{fence}\n{copied}\n```");
            }
            fresh += &format!("{BEGIN_COPY}{place} -->\n{copied}{END_COPY}{after}");
            found += 1;
            assert!(
                bless || shown == copied,
                "the copy of {place} in {} is out of date\n  help: run `EAGERLY_BLESS=1 cargo test -p tests --test readme copies`",
                file.display()
            );
        }
        if bless && fresh != written {
            std::fs::write(&file, fresh).unwrap();
        }
    }
    assert!(found > 10, "found too few copies in the Markdown files");
}
