//! The report in the README is the one of a capture.
//!
//! To renew it, run `EAGERLY_BLESS=1 cargo test -p eagerly-wire --test readme`.

use std::path::Path;
use std::time::Duration;

use eagerly_wire::{Capture, Settings};

const START: &str = "<!-- report of: ";
const END: &str = "<!-- end of report -->\n";

#[test]
fn the_report_in_the_readme_is_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let (before, rest) = readme.split_once(START).unwrap();
    let (name, rest) = rest.split_once(" -->\n").unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let capture = std::fs::read_to_string(root.join(format!("tests/captures/{name}.capture"))).unwrap();
    let settings = Settings { gap: Duration::MAX, is_pool: true, ..Settings::default() };
    let report = Capture::replay(&capture, settings).unwrap().to_string();
    let expected = format!("```text\n{}\n```\n", report.trim_end());
    if std::env::var_os("EAGERLY_BLESS").is_some() {
        let readme = format!("{before}{START}{name} -->\n{expected}{END}{after}");
        std::fs::write(root.join("README.md"), readme).unwrap();
    } else {
        assert_eq!(shown, expected);
    }
    assert!(report.lines().all(|line| line.chars().count() <= 80), "{report}");
}
