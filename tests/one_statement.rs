//! Tests of the examples `json_rows` and `pipelined`, from outside: the counts and values that the book shows. No test checks
//! a time.
//!
//! Without PostgreSQL they are left out.

#[path = "support/server_program.rs"]
#[allow(dead_code)]
mod server_program;

use std::path::Path;
use std::process::Command;

use eagerly::numbers::count;

/// Runs an example with this argument, and returns what it prints.
fn printed(example: &str, argument: &str) -> String {
    let program = server_program::build_with(example, "examples/postgres");
    let folder = server_program::folder();
    let output =
        Command::new(program).arg(argument).env("TMPDIR", folder.path()).env_remove("COLUMNS").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "the server's folder is left");
    let printed = String::from_utf8(output.stdout).unwrap();
    for line in printed.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    printed
}

fn chapter(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join("book/src").join(name)).unwrap()
}

/// Returns the words of a line, without what depends on the machine: the words from the first time on, the number of rounds
/// and the version.
fn stable(line: &str) -> Vec<&str> {
    let words: Vec<_> = line.split_whitespace().collect();
    let is_unit = |word: &&str| ["s", "ms", "µs", "rounds", "round"].contains(word);
    let end = words.iter().position(is_unit).map_or(words.len(), |unit| unit - 1);
    words[..end].iter().copied().filter(|word| !word.starts_with("15.")).collect()
}

#[test]
fn json_rows_prints_the_counts_and_values_in_the_book() {
    if server_program::is_left_out("json_rows") {
        return;
    }
    let chapter = chapter("choose.md");
    let recorded: Vec<_> = chapter.lines().map(stable).collect();
    let printed = printed("json_rows", "1");
    for line in printed.lines().filter(|line| !line.starts_with("==")) {
        assert!(recorded.contains(&stable(line)), "choose.md lacks the line {line:?}");
    }
}

#[test]
fn a_pipeline_sends_the_statements_of_the_loop_in_few_round_trips() {
    if server_program::is_left_out("pipelined") {
        return;
    }
    let printed = printed("pipelined", "30");
    let counts = |way: &str| -> Vec<u64> {
        let line = printed.lines().find_map(|line| line.trim().strip_prefix(way)).unwrap();
        line.split_whitespace().take(2).map(|word| word.replace(',', "").parse().unwrap()).collect()
    };
    // 1 for the customers, 1 for the orders of each customer, and 1 for the items of each order.
    let statements = |customers: u64| 1 + customers + customers * 10;
    assert_eq!(counts("one after the other"), [statements(30); 2]);
    let [sent, round_trips] = counts("in a pipeline for each level")[..] else { panic!("{printed}") };
    // How many exactly depends on how fast the client and the server are.
    assert!(sent == statements(30) && round_trips < sent / 10, "{printed}");
    assert_eq!(counts("one for each level"), [3, 3]);

    let chapter = chapter("round_trip.md");
    let recorded: Vec<_> =
        chapter.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let all = count(statements(3_000));
    for line in [
        format!("one after the other {all} {all} "),
        format!("in a pipeline for each level {all} "),
        "one for each level 3 3 ".to_owned(),
    ] {
        assert!(recorded.iter().any(|recorded| recorded.starts_with(&line)), "round_trip.md lacks {line:?}");
    }
}
