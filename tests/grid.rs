//! Tests of the example `grid` from outside: its exact counts, its report and its chart. No test checks a time.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

fn grid(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
    let program = folder.join(format!("grid{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).args(arguments).output().unwrap();
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
