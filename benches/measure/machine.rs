//! The machine and the programs of a measurement, in one sentence for a report.

use std::process::Command;

use eagerly::numbers::counted;
use jiff::Zoned;

/// Returns the sentence, for example: Measured on 2026-11-26, linux, x86_64 with 2 processors; eagerly 0.1.0, ….
pub fn measured_on(database: &str) -> String {
    format!(
        "Measured on {}, {}, {} with {}; eagerly {}, {database}, {}.",
        Zoned::now().strftime("%Y-%m-%d"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        counted(std::thread::available_parallelism().map_or(1, usize::from) as u64, "processor"),
        env!("CARGO_PKG_VERSION"),
        compiler(),
    )
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let words = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    words.unwrap_or_else(|_| "rustc of unknown version".to_owned())
}
