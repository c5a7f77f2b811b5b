//! Tests of the page under load, from outside: its counts, its output, and what it leaves behind. No test checks a time.
//!
//! Without PostgreSQL they are left out, except those that fail before a server starts.

#[path = "support/server_program.rs"]
mod server_program;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use server_program::folder;
use tempfile::TempDir;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| server_program::build("under_load"));

fn is_left_out() -> bool {
    server_program::is_left_out("under_load")
}

/// Runs the program for a short time. The arguments can replace these.
fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(&*PROGRAM);
    command.args(arguments);
    for (flag, value) in [("--customers", "5"), ("--round-trip", "0"), ("--seconds", "0.3"), ("--users", "2")]
    {
        if !arguments.contains(&flag) {
            command.args([flag, value]);
        }
    }
    command.env("TMPDIR", folder.path()).output().unwrap()
}

/// Runs the program, and checks that it leaves no files behind.
fn printed(arguments: &[&str]) -> String {
    printed_in(&["0.3", "3", "30"], arguments)
}

/// Runs the program for these seconds: for the next number if no page was finished, which happens on a busy machine.
fn printed_in(seconds: &[&str], arguments: &[&str]) -> String {
    let folder = folder();
    let mut runs =
        seconds.iter().map(|seconds| run(&folder, &[arguments, &["--seconds", *seconds]].concat()));
    let is_too_short =
        |output: &Output| String::from_utf8_lossy(&output.stderr).contains("no page was finished");
    let output = runs.find(|output| !is_too_short(output)).expect("a page is finished");
    assert!(output.status.success(), "{}", text(output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(output.stderr));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "the server's folder is left");
    text(output.stdout)
}

fn figures(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(&[arguments, &["--json"]].concat())).unwrap()
}

/// Runs the program, checks that it fails, and returns its one line on standard error.
fn complaint(arguments: &[&str], code: i32) -> String {
    let output = run(&folder(), arguments);
    let said = text(output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.lines().count(), 1, "not exactly one line:\n{said}");
    assert!(said.starts_with("error: ") && !said.contains("panicked"), "{said}");
    said
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_number_of_users_runs_with_every_strategy_and_the_counts_are_exact() {
    if is_left_out() {
        return;
    }
    let figures = figures(&["--users", "1,4", "--strategy", "lazy,selectin,joined", "--connections", "2"]);
    assert_eq!([&figures["customers"], &figures["orders"], &figures["items"]], [1_000, 10_000, 30_000]);
    assert_eq!([&figures["lines"], &figures["connections"]], [5, 2]);
    assert!(figures["round_trip_measured_ms"].is_null());
    let levels = figures["levels"].as_array().unwrap();
    let counts: Vec<_> = levels
        .iter()
        .map(|level| (level["users"].as_u64(), level["strategy"].as_str(), level["statements"].as_u64()))
        .collect();
    // By lazy: 1 for the customers, 1 for the orders of each of the 5, and 1 for the items of each of their 86 orders.
    let of = |users| {
        [("lazy", 1 + 5 + 86), ("selectin", 3), ("joined", 1)]
            .map(|(way, count)| (Some(users), Some(way), Some(count)))
    };
    assert_eq!(counts, [of(1), of(4)].concat());
    for level in levels {
        let number = |name: &str| level[name].as_f64().unwrap_or_else(|| panic!("{name}: {level}"));
        assert!(number("pages") >= 1.0 && number("p50_ms") <= number("p99_ms"), "{level}");
        // Each user has at most one request, and each connection serves at most one.
        assert!(number("busy") <= number("users").min(2.0) + 1e-6, "{level}");
        let rate = number("pages") / number("seconds");
        assert!((number("pages_per_second") - rate).abs() < 1e-6, "{level}");
        assert!((number("statements_per_second") - rate * number("statements")).abs() < 1e-6, "{level}");
        assert_eq!(level["server_cpu"].is_number(), cfg!(target_os = "linux"), "{level}");
    }
}

#[test]
fn more_users_than_connections_wait_for_a_connection() {
    if is_left_out() {
        return;
    }
    let arguments =
        ["--users", "6", "--connections", "2", "--round-trip", "2ms", "--strategy", "lazy", "--json"];
    // Long enough for several pages of each user.
    let figures: Value = serde_json::from_str(&printed_in(&["1.5", "15", "60"], &arguments)).unwrap();
    assert_eq!(figures["round_trip_ms"], 2.0);
    let level = &figures["levels"][0];
    // Four of the six always wait, so a request waits for two others. Not exact: the first requests may wait less.
    let [waiting, held] = ["waiting_ms", "held_ms"].map(|name| level[name].as_f64().unwrap());
    assert!(waiting > held, "{level}");
}

#[test]
fn the_output_is_in_order_fits_80_columns_and_has_no_colours_in_a_pipe() {
    if is_left_out() {
        return;
    }
    let story = printed(&["--users", "1,3", "--connections", "2"]);
    let parts = [
        "1,000 customers, 10,000 orders, 30,000 items, in PostgreSQL",
        "The page lists the first 5 customers.",
        "The pool has 2 connections, without a proxy.",
        "(a closed loop)",
        "Every number of users, measured",
        "users way",
        "│ 1 lazy",
        "selectin",
        "│ 3 lazy",
        "selectin",
        "Each request returned the same page: checksum",
        "The cost of a page, with 3 users (measured)",
        "lazy:",
        "selectin: 3 statements.",
        "Over the same connections, selectin serves",
    ];
    let flowing = story.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = flowing.as_str();
    for part in parts {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} in\n{story}"));
        rest = after;
    }
    let help = printed(&["--help"]);
    for line in story.lines().chain(help.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(!story.contains('\u{1b}'));
}

#[test]
fn the_chart_has_a_line_for_each_strategy() {
    if is_left_out() {
        return;
    }
    let charts = tempfile::tempdir().unwrap();
    let file = charts.path().join("chart.svg");
    figures(&["--users", "1,2", "--chart", file.to_str().unwrap()]);
    let chart = std::fs::read_to_string(file).unwrap();
    assert!(chart.starts_with("<svg ") && chart.contains("currentColor"));
    for label in ["pages per second", "lazy, measured", "lazy, p50, measured", "selectin, p99, measured"] {
        assert!(chart.contains(label), "{label}");
    }
}

#[test]
fn the_recorded_output_in_the_book_has_the_counts_of_today() {
    if is_left_out() {
        return;
    }
    let chapter = std::fs::read_to_string(root().join("book/src/round_trip.md")).unwrap();
    let flowing = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let recorded = flowing(&chapter);
    let story = flowing(&printed(&["--customers", "20"]));
    // Each sentence with a number that does not depend on the machine.
    let sentences = [
        story.split_once(" in PostgreSQL").unwrap().0.to_owned(),
        "The page lists the first 20 customers.".to_owned(),
        format!("checksum {}.", story.split_once("checksum ").unwrap().1.split_once('.').unwrap().0),
        format!("lazy: {} statements.", story.split_once("lazy: ").unwrap().1.split_once(' ').unwrap().0),
        "selectin: 3 statements.".to_owned(),
    ];
    for sentence in sentences {
        assert!(story.contains(&sentence), "{sentence:?} is not in the output");
        assert!(
            recorded.contains(&sentence),
            "the output of under_load in round_trip.md is out of date: {sentence:?} is missing\n  help: run `cargo under-load` and copy its output"
        );
    }
}

#[test]
fn a_time_that_is_too_short_for_a_page_is_an_error() {
    if is_left_out() {
        return;
    }
    let said = complaint(
        &[
            "--customers",
            "5",
            "--round-trip",
            "5ms",
            "--seconds",
            "0.1",
            "--strategy",
            "lazy",
            "--users",
            "1",
        ],
        1,
    );
    assert!(said.contains("no page was finished") && said.contains("help: choose more seconds"), "{said}");
}

#[test]
fn invalid_arguments_are_reported_in_one_line() {
    for (arguments, words) in [
        (["--users", "0"], "0 is not in 1..=500"),
        (["--connections", "101"], "101 is not in 1..=100"),
        (["--seconds", "0"], "expected a number from 0.1 to 600"),
        (["--strategy", "raise"], "raise returns an error instead of a page"),
        (["--strategy", "magic"], "use one of lazy"),
    ] {
        let said = complaint(&arguments, 2);
        assert!(said.contains(words), "{said}");
    }
    let said = complaint(&["--chart", "no such folder/chart.svg"], 1);
    assert!(said.contains("help: choose another file with --chart"), "{said}");
}

#[test]
fn without_postgresql_it_says_in_one_line_what_to_do() {
    let folder = folder();
    let mut command = Command::new(&*PROGRAM);
    command
        .env("TMPDIR", folder.path())
        .env("PATH", "")
        .env("EAGERLY_POSTGRES_BIN", folder.path().join("bin"));
    let output = command.output().unwrap();
    let said = text(output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("PostgreSQL") && said.contains("help: "), "{said}");
}
