//! The README shows what its command prints: everything but the times must be so.
//!
//! To refresh it: `EAGERLY_BLESS=1 cargo test --test readme`, best after `cargo build --release --example
//! admin_page`, since the release build is run if there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

const BEGIN: &str = "<!-- output of: cargo run --release --example admin_page -->\n```text\n";
const END: &str = "```\n<!-- end of output -->";

/// The program, as it was last built for release, or as `cargo test` has built it.
fn program(release: bool) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let debug = test.parent().and_then(Path::parent).unwrap();
    let profile = match release {
        true => debug.with_file_name("release"),
        false => debug.to_owned(),
    };
    profile
        .join("examples")
        .join(format!("admin_page{}", std::env::consts::EXE_SUFFIX))
}

fn output(release: bool) -> String {
    let output = Command::new(program(release)).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .replace("\r\n", "\n")
        // Paths, as another system writes them.
        .replace('\\', "/")
}

/// The words of a text, with a placeholder for each number that has a unit of time, and without the frames of
/// tables, whose width depends on the numbers.
fn without_times(text: &str) -> Vec<&str> {
    let words: Vec<_> = text.split_whitespace().collect();
    let is_unit = |word: &&str| matches!(word.trim_end_matches(['.', ',', ')', ';']), "s" | "ms" | "µs");
    let is_time = |index: usize| {
        words[index].starts_with(|first: char| first.is_ascii_digit())
            && words.get(index + 1).is_some_and(is_unit)
    };
    let is_frame = |word: &str| word.chars().all(|character| "┌┐└┘╞╡─═│".contains(character));
    (0..words.len())
        .filter(|index| !is_frame(words[*index]) && !is_unit(&words[*index]))
        .map(|index| if is_time(index) { "⏱" } else { words[index] })
        .collect()
}

#[test]
fn the_readme_shows_what_the_admin_page_prints() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&file).unwrap().replace("\r\n", "\n");
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    if std::env::var_os("EAGERLY_BLESS").is_some() {
        let fresh = output(program(true).exists());
        std::fs::write(&file, format!("{before}{BEGIN}{fresh}{END}{after}")).unwrap();
        return;
    }
    let printed = output(false);
    assert_eq!(
        without_times(shown),
        without_times(&printed),
        "refresh it: EAGERLY_BLESS=1 cargo test --test readme"
    );
}
