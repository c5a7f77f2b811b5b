//! Tests of the example `measure` from outside: its output and its exact counts.

use std::process::Output;

use serde_json::Value as Json;
use support::databases;

#[path = "support/example.rs"]
mod example;
#[macro_use]
mod support;

on_postgres!(
    on_a_server_the_statements_are_those_of_sqlite,
    on_a_server_the_model_of_round_trips_is_compared_with_measured_ones,
    of_a_server_with_a_url_nothing_is_changed,
);

fn measure(arguments: &[&str]) -> Output {
    example::example("measure").args(arguments).output().unwrap()
}

#[test]
fn its_json_contains_every_way_with_the_exact_number_of_statements() {
    let output = measure(&["--customers", "20", "--rounds", "1", "--json"]);
    assert!(output.status.success());
    let figures: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(figures["base"], "hand-written IN");
    assert_eq!(figures["points"], serde_json::json!([]));
    let rows = figures["rows"].as_array().unwrap();
    let counts: Vec<_> =
        rows.iter().map(|row| (row["name"].as_str().unwrap(), row["statements"].as_u64().unwrap())).collect();
    // 20 customers with 91 orders.
    assert_eq!(
        counts,
        [
            ("lazy", 112),
            ("immediate", 112),
            ("batch", 3),
            ("selectin", 3),
            ("subquery", 3),
            ("joined", 1),
            ("raise", 1),
            ("report", 1),
            ("hand: lazy", 112),
            ("hand: in", 3),
            ("hand: scan", 3),
            ("hand: join", 1),
            ("hand: flat", 3),
            ("hand: report", 1),
            ("hand: rows", 3),
        ]
    );
    for row in rows {
        check_times(row);
    }
}

/// Checks that a way has a time and a ratio, except `raise`: an error is no page.
fn check_times(row: &Json) {
    let has_times = row["median_ms"].as_f64() > Some(0.0) && row["ratio"].as_f64().is_some();
    let has_none = ["median_ms", "min_ms", "max_ms", "ratio"].iter().all(|time| row.get(time).is_none());
    assert!(if row["name"] == "raise" { has_none } else { has_times }, "{row}");
}

#[test]
fn it_writes_a_report_and_two_charts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new folder");
    let output = measure(&["--customers", "1,20", "--rounds", "1", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(out.join("measured.md")).unwrap();
    assert!(report.contains("## 20 customers") && report.contains("| hand: in |"));
    assert!(report.contains("| raise | 1 | error | – | – | – |"), "{report}");
    for chart in ["time.svg", "statements.svg"] {
        let chart = std::fs::read_to_string(out.join(chart)).unwrap();
        assert!(chart.starts_with("<svg ") && chart.contains("currentColor") && chart.contains("selectin"));
    }
}

#[test]
fn invalid_arguments_are_reported() {
    for (arguments, words) in [
        (&["--customers", "0"][..], "0 is not in 1..=1000000"),
        (&["--rounds", "0"][..], "0 is not in 1..=10000"),
        (&["--peak-of", "nonsense", "--shop", ":memory:"][..], "there is no way named"),
    ] {
        let output = measure(arguments);
        assert!(!output.status.success());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(words), "{error}");
    }
}

/// Runs `measure` on a server. Returns `None` if it was built without PostgreSQL, as by a plain `cargo test`.
fn measure_on_server(arguments: &[&str]) -> Option<Json> {
    let output = measure(&[arguments, &["--customers", "20", "--rounds", "1", "--json"]].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    if error.contains("built without PostgreSQL") {
        assert!(error.contains("--features postgres"), "{error}");
        return None;
    }
    assert!(output.status.success(), "{error}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn on_a_server_the_statements_are_those_of_sqlite() {
    let Some(figures) = measure_on_server(&["--server"]) else { return };
    let sqlite = measure(&["--customers", "20", "--rounds", "1", "--json"]);
    let sqlite: Json = serde_json::from_slice(&sqlite.stdout).unwrap();
    let count = |figures: &Json, name: &str| {
        let rows = figures["rows"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["name"] == name).map(|row| row["statements"].as_u64().unwrap())
    };
    for row in figures["rows"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let same_on_sqlite = if name == "hand: any" { "hand: in" } else { name };
        assert_eq!(count(&figures, name), count(&sqlite, same_on_sqlite), "{row}");
        check_times(row);
    }
}

fn on_a_server_the_model_of_round_trips_is_compared_with_measured_ones() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let output = measure(&["--server", "--customers", "20", "--rounds", "1", "--out", out]);
    if !output.status.success() {
        // Built without PostgreSQL, as by a plain `cargo test`.
        assert!(String::from_utf8_lossy(&output.stderr).contains("--features postgres"));
        return;
    }
    let report = std::fs::read_to_string(folder.path().join("measured_postgres.md")).unwrap();
    let (_, table) = report.split_once("## Round trips, 20 customers").unwrap();
    // 1 for the customers, 20 for their orders, 91 for the items; `COMMIT` is the fourth of selectin.
    for start in
        ["| lazy | 112 | 0.25 ms |", "| lazy | 112 | 10.0 ms |", "| selectin | 4 |", "| joined | 1 |"]
    {
        assert_eq!(
            table.matches(start).count(),
            if start.ends_with("ms |") { 1 } else { 3 },
            "{start}\n{table}"
        );
    }
    let chart = std::fs::read_to_string(folder.path().join("round_trips_postgres.svg")).unwrap();
    for label in ["added round trip, ms", "lazy, modelled", "lazy, measured", "joined, measured"] {
        assert!(chart.contains(label), "{label}");
    }
}

fn of_a_server_with_a_url_nothing_is_changed() {
    let schemas = || {
        databases::with_admin(|admin| {
            #[derive(eagerly::FromRow)]
            struct Schema {
                name: String,
            }
            let sql = "SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'measure%'";
            let schemas: Vec<Schema> = admin.query(sql, []).unwrap();
            schemas.into_iter().map(|schema| schema.name).collect::<Vec<_>>()
        })
    };
    let url = databases::server().unwrap().url();
    if let Some(figures) = measure_on_server(&["--url", &url]) {
        assert_eq!(figures["base"], "hand-written = ANY");
        // A proxy can be added only to a server of our own.
        assert_eq!(figures["points"], serde_json::json!([]));
    }
    assert_eq!(schemas(), [""; 0]);
}
