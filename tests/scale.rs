//! Tests of the example `scale` from outside: its exact counts, its report and its charts. No test checks a time.

#[path = "support/example.rs"]
mod example;

use std::process::Output;

use serde_json::Value as Json;

fn scale(arguments: &[&str]) -> Output {
    let output = example::example("scale").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn its_json_contains_every_way_with_the_exact_number_of_statements_at_each_size() {
    let output = scale(&["--customers", "20,1500", "--quick", "--json"]);
    let figures: Json = serde_json::from_slice(&output.stdout).unwrap();
    let list = |name: &str| figures[name].as_array().unwrap().clone();
    let counts: Vec<_> = list("sizes")
        .iter()
        .map(|row| {
            assert!(row["times"]["median_ns"].as_f64() > Some(0.0), "{row}");
            let number = |name: &str| row[name].as_u64().unwrap();
            (
                row["way"].as_str().unwrap().to_owned(),
                number("customers"),
                number("rows"),
                number("statements"),
            )
        })
        .collect();
    let of = |customers, rows, chunks: u64| {
        [("selectin", 3), ("subquery", 3), ("joined", 1), ("report", 1), ("chunks", 1 + 2 * chunks)]
            .map(|(way, statements)| (way.to_owned(), customers, rows, statements))
    };
    // 1,500 customers are two chunks of 1,000.
    assert_eq!(counts, [of(20, 20 + 91 + 273, 1), of(1_500, 1_500 + 6_825 + 20_475, 2)].concat());
    // Five caches and two ways, and five shares, at each size.
    assert_eq!((list("caches").len(), list("shares").len()), (2 * 5 * 2, 2 * 5));
}

#[test]
fn it_writes_a_report_and_two_charts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new folder");
    scale(&["--customers", "20", "--quick", "--out", out.to_str().unwrap()]);
    let report = std::fs::read_to_string(out.join("scale.md")).unwrap();
    for words in [
        "## Each size",
        "| chunks | 20 | 3 | 1 |",
        "## Page cache",
        "## Whole tables or keys",
        "| 1 in 64 | 20 |",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    for chart in ["scale.svg", "shares.svg"] {
        let chart = std::fs::read_to_string(out.join(chart)).unwrap();
        assert!(chart.starts_with("<svg ") && chart.contains("selectin"), "{chart}");
    }
}

#[test]
fn the_recorded_run_contains_a_million_customers_with_the_exact_number_of_statements() {
    let report = include_str!("../benches/measured/scale.md");
    for (way, statements) in
        [("selectin", "3"), ("subquery", "3"), ("joined", "1"), ("report", "1"), ("chunks", "2,001")]
    {
        let row = format!("\n| {way} | 1,000,000 | {statements} |");
        assert!(report.contains(&row), "{row}");
    }
}
