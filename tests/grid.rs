//! Tests of the example `grid` from outside: its exact counts, its report and its chart. No test checks a time.

#[path = "support/example.rs"]
mod example;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value as Json;

fn grid(arguments: &[&str]) -> Output {
    let output = example::example("grid").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn the_predicted_statements_rows_and_objects_are_the_counted_ones_in_every_cell() {
    let output = grid(&["--quick", "--json"]);
    let figures: Json = serde_json::from_slice(&output.stdout).unwrap();
    let cells = figures["cells"].as_array().unwrap();
    let databases = figures["models"].as_array().unwrap().len() / 2;
    // 3 numbers of children, 2 widths, 4 shares and 2 round trips.
    assert_eq!(cells.len(), databases * 3 * 2 * 4 * 2);
    for cell in cells {
        let ways = cell["ways"].as_array().unwrap();
        let names: Vec<_> = ways.iter().map(|way| way["strategy"].as_str().unwrap()).collect();
        assert_eq!(names, ["lazy", "immediate", "batch", "selectin", "subquery", "joined"]);
        assert!(names.contains(&cell["pick"].as_str().unwrap()), "{cell}");
        for way in ways {
            for amount in ["statements", "rows", "objects"] {
                let of = |which: &str| way[format!("{which}_{amount}")].as_u64().unwrap();
                assert_eq!(of("predicted"), of("counted"), "{amount}: {way}");
            }
            assert!(
                way["predicted_ms"].as_f64() > Some(0.0) && way["measured_ms"].as_f64() > Some(0.0),
                "{way}"
            );
        }
        // One page for the parents, and one statement for each accessed parent.
        let statements: Vec<_> = ways.iter().map(|way| way["counted_statements"].as_u64().unwrap()).collect();
        let lazy = 1 + 64 / cell["one_in"].as_u64().unwrap();
        assert_eq!(statements, [lazy, 65, 2, 2, 2, 1], "{cell}");
    }
}

#[test]
fn it_writes_a_report_and_a_chart() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new folder");
    grid(&["--quick", "--out", out.to_str().unwrap()]);
    let report = std::fs::read_to_string(out.join("grid.md")).unwrap();
    for words in [
        "## The model",
        "| SQLite | 0.25 ms |",
        "## The score",
        "## SQLite: selectin or joined?",
        "| 0.1 per parent |",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    let chart = std::fs::read_to_string(out.join("grid.svg")).unwrap();
    assert!(chart.starts_with("<svg ") && chart.contains("currentColor") && chart.contains("10 per parent"));
}

/// Returns the cells of the line of a recorded table that begins with these cells.
fn recorded(database: &str, line: &str) -> Vec<String> {
    let report = std::fs::read_to_string(root().join("benches/measured/grid.md")).unwrap();
    let (_, table) = report.split_once(&format!("\n## {database}")).unwrap();
    let line = table.lines().find(|text| text.starts_with(line)).unwrap_or_else(|| panic!("{line}"));
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn the_texts_state_the_recorded_score_which_is_at_least_90_percent() {
    let readme = std::fs::read_to_string(root().join("benches/README.md")).unwrap();
    let book = std::fs::read_to_string(root().join("book/src/choose.md")).unwrap();
    for database in ["SQLite", "PostgreSQL", "all"] {
        let score = recorded("The score", &format!("| {database} |"));
        let share: f64 = score[3].trim_end_matches(" %").parse().unwrap();
        assert!(share >= 90.0, "{score:?}");
        let sentence = format!("{} of {}", score[2], score[1]);
        assert!(readme.contains(&sentence), "{database}: {sentence}");
        assert!(database != "all" || book.contains(&sentence), "{database}: {sentence}");
    }
}

#[test]
fn the_book_states_how_joined_compares_with_selectin_in_the_recorded_grid() {
    let book = std::fs::read_to_string(root().join("book/src/choose.md")).unwrap();
    let book = book.split_whitespace().collect::<Vec<_>>().join(" ");
    // The columns are the children, the width, and the round trips of 0, 0.25, 1 and 10 ms.
    let ratio = |database: &str, children: &str, column: usize| {
        let line = recorded(
            &format!("{database}: selectin or joined?"),
            &format!("| {children} per parent | rows of 30 bytes |"),
        );
        line[column].split(' ').next().unwrap().to_owned()
    };
    for sentence in [
        format!(
            "with 1 child per parent, `joined` takes {} of the time of `selectin` on PostgreSQL",
            ratio("PostgreSQL", "1", 4)
        ),
        format!("and {} on SQLite", ratio("SQLite", "1", 4)),
        format!(
            "With 1,000 children, it takes {} and {}",
            ratio("PostgreSQL", "1,000", 4),
            ratio("SQLite", "1,000", 4)
        ),
    ] {
        assert!(book.contains(&sentence), "{sentence}");
    }
}
