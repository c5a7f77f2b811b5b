//! The files of a run: a report in Markdown and its charts.

use std::path::Path;

use anyhow::{Result, anyhow};
use terminal::println;

/// Writes the files into a folder, which is created if it does not exist, and prints their paths.
pub fn write(folder: &Path, files: &[(&str, String)]) -> Result<()> {
    let help = "help: choose another folder with --out";
    std::fs::create_dir_all(folder)
        .map_err(|error| anyhow!("cannot create the folder {}: {error}\n  {help}", folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .map_err(|error| anyhow!("cannot write {}: {error}\n  {help}", path.display()))?;
        println!("written: {}", path.display());
    }
    Ok(())
}
