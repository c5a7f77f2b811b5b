//! The peak memory of a way, measured in a separate process.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Runs this program again to measure one way. Returns `None` if the system does not report the memory.
///
/// `shop` is the option, and its value, by which the other process opens the same shop.
pub fn peak(way: &str, shop: &[OsString; 2]) -> Result<Option<u64>> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let output = Command::new(program)
        .args(["--peak-of", way])
        .args(shop)
        .output()
        .context("cannot start this program again")?;
    ensure!(
        output.status.success(),
        "cannot measure the memory of {way}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// Prints the additional memory of `work` in this process. If `work` fails, returns its error and prints nothing.
pub fn print_peak<T>(work: impl FnOnce() -> Result<T>) -> Result<()> {
    // This resets the peak (proc_pid_clear_refs(5)). Otherwise it could be the peak of earlier work. Only Linux has the
    // file.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = resident("VmRSS:");
    work()?;
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
