//! Every output of the programs fits the terminal: 80 columns, and more if there are more.
//!
//! Left out are `json_rows`, `pipelined`, `server_page` and `under_load`, which have tests of their own, and in the output of
//! `fix` a line of JSON and the changed lines of a source file.

#[path = "support/example.rs"]
mod example;

use std::process::Command;

/// Commands, without those of the programs that need a server.
const COMMANDS: [&str; 36] = [
    "admin_page",
    "admin_page --customers 0",
    "admin_page --customers 200 --round-trip 250us",
    "admin_page --customers 20 --round-trip 0",
    "admin_page --customers 2000 --orders 1 --items 0.1 --round-trip 10s",
    "admin_page --customers 20 --strategy raise",
    "admin_page --help",
    "advice",
    "assertions",
    "cohorts",
    "detector",
    "echo",
    "echo --help",
    "fix",
    "grid --help",
    "learned",
    "measure --customers 20 --rounds 1 --out OUT",
    "measure --help",
    "round_trip",
    "scale --customers 20 --quick --out OUT",
    "scale --help",
    "siblings",
    "slow_log",
    "snapshot",
    "strategy --help",
    "strategy batch",
    "strategy immediate",
    "strategy joined",
    "strategy lazy",
    "strategy raise",
    "strategy selectin",
    "strategy subquery",
    "sums",
    "tracing",
    "typed_views",
    "waterfall --help",
];

fn process(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut process = example::example(words.next().unwrap());
    process.args(words).env_remove("COLUMNS");
    process
}

/// Returns what a command prints on a terminal of this width. Without a width, that is a pipe.
fn printed(command: &str, columns: Option<usize>) -> String {
    let out = tempfile::tempdir().unwrap();
    let mut process = process(&command.replace("OUT", out.path().to_str().unwrap()));
    if let Some(columns) = columns {
        process.env("COLUMNS", columns.to_string());
    }
    let output = process.output().unwrap();
    let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{errors}");
    // Names of temporary folders are not ours. Breaking data or a line of source code would change it.
    let is_as_it_is = |line: &&str| {
        ["written: ", "  \"reason\": ", "-    ", "+    "].iter().any(|start| line.starts_with(start))
    };
    let lines = printed.lines().filter(|line| !is_as_it_is(line));
    lines.chain(errors.lines()).map(|line| format!("{line}\n")).collect()
}

fn too_long(command: &str, columns: Option<usize>) -> Vec<String> {
    let printed = printed(command, columns);
    let is_too_long = |line: &&str| line.chars().count() > columns.unwrap_or(80);
    printed.lines().filter(is_too_long).map(|line| format!("{command}: {line}")).collect()
}

#[test]
fn every_line_fits_80_columns_in_a_pipe_and_120_on_a_wide_terminal() {
    for columns in [None, Some(120)] {
        let lines: Vec<_> = COMMANDS.iter().flat_map(|command| too_long(command, columns)).collect();
        assert!(lines.is_empty(), "longer than {columns:?}:\n{}", lines.join("\n"));
    }
}

#[test]
fn a_wide_terminal_is_used() {
    for command in ["admin_page --customers 20", "assertions", "cohorts", "detector", "echo", "tracing"] {
        let widest =
            |columns| printed(command, Some(columns)).lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest(120) > 80, "{command}");
        assert!(printed(command, Some(120)).lines().count() < printed(command, Some(80)).lines().count());
    }
}

#[test]
fn a_terminal_that_is_too_narrow_or_no_number_is_not_followed() {
    let usual = printed("cohorts", None);
    for columns in ["0", "", "wide", "-5"] {
        let output = process("cohorts").env("COLUMNS", columns).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), usual, "{columns:?}");
    }
}

/// As in `admin_page | head`: the reader of the output ends before the program.
#[test]
fn a_program_whose_reader_is_gone_ends_without_a_message_and_without_files() {
    for command in COMMANDS.iter().filter(|command| !command.ends_with("--help")) {
        let place = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut process = process(&command.replace("OUT", place.path().join("out").to_str().unwrap()));
        let output = process.env("TMPDIR", place.path()).env("TMP", place.path()).stdout(writer).output();
        let output = output.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        match *command {
            // They print on standard error, or send their lines to a library that reports a failure there.
            "echo" | "tracing" => assert!(output.status.success() && !said.contains("panicked"), "{said}"),
            _ => {
                assert_eq!(output.status.code(), Some(141), "{command}: {said}");
                assert!(said.is_empty(), "{command}: {said}");
            }
        }
        let left = std::fs::read_dir(place.path()).unwrap().count();
        assert_eq!(left, 0, "{command} leaves files");
    }
}
