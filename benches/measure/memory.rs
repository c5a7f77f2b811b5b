//! The memory that a way takes at its peak, in a process of its own.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::support::{Shop, Way};

/// Has this program measure itself in another process; `None` where the system has no such figure.
pub fn peak(way: Way, shop: &Shop) -> Result<Option<u64>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = Command::new(program)
        .args(["--peak-of", way.name(), "--shop"])
        .arg(&shop.path)
        .output()
        .context("cannot run this program again")?;
    ensure!(
        output.status.success(),
        "measuring the memory of {}: {}",
        way.name(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// What the other process does: the page, once, after SQLite's own cache is full.
pub fn print_peak(name: &str, shop: &Path) -> Result<()> {
    let way = Way::named(name).with_context(|| format!("there is no way named {name:?}"))?;
    let shop = Shop::open(shop)?;
    for warm in ["report", "hand: report"] {
        drop(Way::named(warm).map(|way| way.page(&shop)));
    }
    let before = resident("VmRSS:");
    drop(way.page(&shop));
    if let (Some(before), Some(peak)) = (before, resident("VmHWM:")) {
        println!("{}", peak.saturating_sub(before));
    }
    Ok(())
}

/// A line of what Linux says of this process, in bytes.
fn resident(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}
