//! The check for readers with a disability.
//!
//! axe-core does the work, a file of JavaScript that runs in the page. npm brings it, and `package-lock.json` names its
//! version and its checksum. It is not part of this repository, because a reader of the code has no use for its 650 kB.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::Browser;

/// The file that npm installs.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/axe-core/axe.min.js");

/// Runs the rules of WCAG 2.1 at the levels A and AA. Frames are pages of their own.
const RUN: &str = "const done = arguments[arguments.length - 1];
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
    axe.run(arguments[0] || document, { runOnly, iframes: false, resultTypes: ['violations'] })
        .then((results) => done(results.violations), (error) => done(String(error)));";

impl Browser {
    /// Checks the page, as it looks now, with the rules of WCAG 2.1 at the levels A and AA: contrast, names, roles, keys.
    ///
    /// It panics with each element that violates a rule, and what to do. It does not check frames and what is drawn on a
    /// canvas. If axe-core is not installed, it prints a note and returns. If the environment variable `AXE_REQUIRED` is set,
    /// it panics instead.
    #[track_caller]
    pub fn accessible(&self) {
        self.accessible_in("");
    }

    /// Checks the elements that match a CSS selector in the same way. The rest of the page may be another program's.
    #[track_caller]
    pub fn accessible_in(&self, selector: &str) {
        if self.evaluate("typeof axe") == "undefined" {
            let Ok(script) = std::fs::read_to_string(AXE) else {
                let help = "help: run `npm ci --prefix crates/browser`";
                let required = std::env::var_os("AXE_REQUIRED").is_some();
                assert!(!required, "axe-core is not installed\n  {help}");
                eprintln!("SKIPPED the check of accessibility: axe-core is not installed\n  {help}");
                return;
            };
            self.command("execute/sync", json!({"script": script, "args": []}));
        }
        let found = self.command("execute/async", json!({"script": RUN, "args": [selector]}));
        let Json::Array(violations) = found else {
            panic!("axe-core failed: {found}");
        };
        assert!(violations.is_empty(), "{}", report(&violations));
    }
}

/// Describes the violations: each rule, its elements, and what to do.
fn report(violations: &[Json]) -> String {
    let mut report = "the page is not accessible to all readers\n".to_owned();
    for violation in violations {
        let _ = writeln!(report, "{}: {}", text(&violation["id"]), text(&violation["help"]));
        for element in violation["nodes"].as_array().into_iter().flatten() {
            let _ = writeln!(report, "  at {}: {}", text(&element["target"][0]), text(&element["html"]));
            let help = text(&element["failureSummary"]).replace('\n', "\n      ");
            let _ = writeln!(report, "    help: {help}");
        }
    }
    report
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}
