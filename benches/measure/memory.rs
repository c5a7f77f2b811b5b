//! The peak memory of a way, measured in a separate process.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::Subject;
use crate::support::Way;

/// Runs this program again to measure one way. Returns `None` if the system does not report the memory.
pub fn peak(way: Way, shop: &impl Subject) -> Result<Option<u64>> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let output = Command::new(program)
        .args(["--peak-of", way.name()])
        .args(shop.arguments())
        .output()
        .context("cannot start this program again")?;
    ensure!(
        output.status.success(),
        "cannot measure the memory of {}: {}",
        way.name(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// Prints the additional memory of one page in this process. First it fills SQLite's own cache, which is not
/// counted.
pub fn print_peak(name: &str, shop: &impl Subject) -> Result<()> {
    let ways = shop.ways();
    let way = ways.iter().find(|way| way.name() == name).with_context(|| {
        let names: Vec<_> = ways.iter().map(|way| way.name()).collect();
        format!("there is no way named {name:?}\n  help: choose one of {}", names.join(", "))
    })?;
    for warm in [Way::Report, Way::Hand("hand: report")] {
        drop(shop.page(warm));
    }
    let before = resident("VmRSS:");
    drop(shop.page(*way));
    if let (Some(before), Some(peak)) = (before, resident("VmHWM:")) {
        println!("{}", peak.saturating_sub(before));
    }
    Ok(())
}

/// Reads a line of `/proc/self/status` (Linux only) and converts it to bytes.
fn resident(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}
