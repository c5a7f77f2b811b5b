//! Every output of the programs fits the terminal: 80 columns, and more if there are more.
//!
//! Left out are `fix`, which prints a line of data and a diff, and `server_page` and `under_load`, which have tests of
//! their own.

use std::path::Path;
use std::process::Command;

/// Commands, without those of the programs that need a server.
const COMMANDS: [&str; 33] = [
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
    "grid --help",
    "learned",
    "measure --customers 20 --rounds 1 --out OUT",
    "measure --help",
    "round_trip",
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

/// Returns what a command prints on a terminal of this width. Without a width, that is a pipe.
fn printed(command: &str, columns: Option<usize>) -> String {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
    let out = tempfile::tempdir().unwrap();
    let command = command.replace("OUT", out.path().to_str().unwrap());
    let mut words = command.split_whitespace();
    let program = folder.join(format!("{}{}", words.next().unwrap(), std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.args(words).env_remove("COLUMNS");
    if let Some(columns) = columns {
        command.env("COLUMNS", columns.to_string());
    }
    let output = command.output().unwrap_or_else(|error| {
        panic!("cannot start {}: {error}\n  help: `cargo build --examples` builds it", program.display())
    });
    let [printed, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{errors}");
    // Names of temporary folders are not ours.
    let lines = printed.lines().filter(|line| !line.starts_with("written: "));
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
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
        let program = folder.join(format!("cohorts{}", std::env::consts::EXE_SUFFIX));
        let output = Command::new(program).env("COLUMNS", columns).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), usual, "{columns:?}");
    }
}
