//! Mistakes that the compiler reports, and how they are worded. Each file in `tests/ui` is one mistake, and the
//! `.stderr` beside it is the compiler's message.
//!
//! The test calls the compiler on each file with the libraries that `cargo test --workspace` has built. It does not use
//! trybuild, because trybuild compiles every dependency again in a target folder of its own, SQLite included. That took
//! more CPU time than compiling all tests.
//!
//! When a message changes on purpose: `EAGERLY_BLESS=1 cargo test -p tests --test compile_fail`, then read the diff.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The project's folder. The compiler runs there and names the files relative to it.
static ROOT: LazyLock<&Path> = LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());

/// The compiler's options that lead to the built libraries. Cargo names their files, because the target folder may hold
/// several builds of the same library.
static LIBRARIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args("test --no-run --workspace --test compile_fail --message-format json".split(' '))
        .current_dir(*ROOT)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let artifacts = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let options = artifacts.filter_map(|artifact| {
        let name = artifact["target"]["name"].as_str()?;
        let file = artifact["filenames"][0].as_str()?;
        let folder = Path::new(file).parent()?.display();
        let is_used = name == "eagerly" || name == "shop";
        is_used.then(|| [format!("-Ldependency={folder}"), format!("--extern={name}={file}")])
    });
    options.flatten().collect()
});

/// Compiles every file in a folder of `tests/ui`, and compares the messages with the recorded ones.
fn compile_fail(folder: &str) {
    let bless = std::env::var_os("EAGERLY_BLESS").is_some();
    let entries = std::fs::read_dir(ROOT.join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let sources = names.filter(|name| name.ends_with(".rs"));
    for source in sources.map(|name| format!("{folder}/{name}")) {
        let message = message(&source);
        let file = ROOT.join(&source).with_extension("stderr");
        if bless {
            std::fs::write(&file, message).unwrap();
        } else {
            let recorded = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
            assert!(message == recorded, "{source} is recorded with\n{recorded}\nbut says\n{message}");
        }
    }
}

/// Returns what the compiler prints for a file, in a form that is the same on every machine.
fn message(source: &str) -> String {
    let output = Command::new("rustc")
        .args("--edition=2024 --crate-type=bin --emit=metadata --diagnostic-width=1000".split(' '))
        .args(["--out-dir", env!("CARGO_TARGET_TMPDIR"), source])
        .args(LIBRARIES.iter())
        .current_dir(*ROOT)
        .output()
        .unwrap();
    assert!(!output.status.success(), "{source} compiles, and should not");
    let text = String::from_utf8(output.stderr).unwrap().replace("\r\n", "\n");
    // The last ones are the number of errors, and where to read more.
    let endings = ["error: aborting", "Some errors have", "For more information"];
    let errors = text.trim_end().split("\n\n");
    let errors = errors.filter(|error| !endings.iter().any(|ending| error.starts_with(ending)));
    errors.map(|error| portable(error, source)).collect::<Vec<_>>().join("\n")
}

/// Removes from a message what may change although the message does not: the project's folder, the places in other files,
/// and the width of the margin, which is that of the longest line number.
fn portable(error: &str, source: &str) -> String {
    let project = format!("{}/", ROOT.display()).replace('\\', "/");
    let arrows = error.lines().filter(|line| line.trim_start().starts_with("--> "));
    let margin = arrows.filter_map(|line| line.find('-')).next().unwrap_or_default();
    let mut file = String::new();
    // What each line has in the margin, if it has one, and behind it.
    let mut lines: Vec<(Option<&str>, String)> = Vec::new();
    for line in error.lines() {
        let (start, rest) = line.split_at_checked(margin).unwrap_or((line, ""));
        let is_margin = start.chars().all(|c| c == ' ' || c.is_ascii_digit());
        let is_heading = lines.last().is_none_or(|(start, _)| start.is_none()) && rest.starts_with("  ");
        if !is_margin || is_heading {
            lines.push((None, line.to_owned()));
        } else if let Some(place) = rest.strip_prefix("--> ").or(rest.strip_prefix("::: ")) {
            let place = place.replace('\\', "/").replace(&project, "");
            let place = place
                .split_once("/library/")
                .map_or(place.clone(), |(_, in_rust)| format!("$RUST/{in_rust}"));
            file = place.split(':').next().unwrap_or_default().to_owned();
            let shown = if file == source { &place } else { &file };
            lines.push((Some(""), format!("{}{shown}", &rest[..4])));
        // Only some machines have the sources of the standard library to quote from.
        } else if !(file.starts_with("$RUST") && rest.starts_with(" |")) {
            let number = if file == source { start.trim() } else { "" };
            lines.push((Some(number), rest.to_owned()));
        }
    }
    let width = lines.iter().filter_map(|(number, _)| number.map(str::len)).max().unwrap_or_default();
    let lines = lines.iter().map(|(number, rest)| match number {
        Some(number) => format!("{number:>width$}{rest}\n"),
        None => format!("{rest}\n"),
    });
    lines.collect()
}

#[test]
fn the_derives_say_what_to_write_at_the_place_that_is_wrong() {
    compile_fail("tests/ui/derive");
}

/// The compiler words these messages, and their wording differs between versions.
#[rustversion::attr(
    not(stable(1.95)),
    ignore = "the messages were recorded with Rust 1.95, and this is another version"
)]
#[test]
fn the_types_forbid_what_cannot_work_and_what_was_not_loaded() {
    compile_fail("tests/ui/types");
    compile_fail("tests/ui/loaded");
}

/// The first column of the tables has the messages. `…` is for any text.
#[test]
fn the_book_quotes_messages_that_are_recorded_here() {
    if std::env::var_os("EAGERLY_BLESS").is_some() {
        // The other tests write the messages now.
        return;
    }
    let folders = ["tests/ui/types", "tests/ui/loaded"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(ROOT.join(folder)).unwrap());
    let paths = files.map(|file| file.unwrap().path()).filter(|path| path.extension().unwrap() == "stderr");
    let recorded: Vec<_> = paths.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let chapter = std::fs::read_to_string(ROOT.join("book/src/compiler.md")).unwrap();
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let quoted = rows.map(|cell| cell.rsplit_once('`').unwrap().0.trim_matches('`'));
    let mut count = 0;
    for message in quoted {
        let is_quoted = |line: &str| {
            let mut rest = Some(line);
            message.split('…').for_each(|piece| rest = rest.and_then(|rest| Some(rest.split_once(piece)?.1)));
            rest.is_some()
        };
        assert!(recorded.iter().any(|text| text.lines().any(is_quoted)), "no message says {message:?}");
        count += 1;
    }
    assert_eq!(count, 18);
}
