//! The advice: reads the lines that detectors have appended to a file, and combines those of several runs.
//!
//! Every test that runs a query writes its own lines. Equal lines are added up. An eager load that one test does not read is
//! removed only if no other test reads it. A line `keep` shows that, and so does a line `add` for a relation behind it.

use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use eagerly_watch::{Change, Fix};

use crate::path::relations;

/// The advice of all runs, each change once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// The changes to make.
    pub fixes: Vec<Fix>,
    /// The unused eager loads that stay, because another run reads them.
    pub kept: Vec<Fix>,
    /// When the file was written last. `None` if there is no file, or if the system does not tell.
    pub written: Option<SystemTime>,
}

/// Reads a file of advice. A relative name is looked for in `folder` and in the folders above it, because the detectors write
/// the file in the folder of the workspace.
///
/// # Errors
/// Fails if there is no such file, or if a line is not a fix.
pub fn read(folder: &Path, file: &Path) -> Result<Advice> {
    let found = folder.ancestors().map(|folder| folder.join(file)).find(|path| path.is_file());
    let Some(path) = found else {
        let help = "run your tests with EAGERLY_ADVICE set to this name, and with `Detector::attach`; without a finding, no file is written";
        anyhow::bail!("cannot read the advice: there is no file {}\n  help: {help}", file.display());
    };
    let text = std::fs::read_to_string(&path).map_err(|error| cannot_read(&path, &error))?;
    let mut fixes = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fix = serde_json::from_str(line).map_err(|error| {
            let place = format!("{}:{}", path.display(), index + 1);
            anyhow::anyhow!("cannot read the advice: the line {place} is not a fix: {error}\n  help: delete the file, and run your tests again with EAGERLY_ADVICE set to its name")
        })?;
        fixes.push(fix);
    }
    let written = path.metadata().and_then(|file| file.modified()).ok();
    Ok(Advice { written, ..combined(fixes) })
}

fn cannot_read(path: &Path, error: &std::io::Error) -> anyhow::Error {
    let help = "name a file that detectors have written, and that you can read";
    anyhow::anyhow!("cannot read the advice in {}: {error}\n  help: {help}", path.display())
}

/// Combines the advice of several runs.
#[must_use]
pub fn combined(lines: Vec<Fix>) -> Advice {
    let mut fixes: Vec<Fix> = Vec::new();
    for mut line in lines {
        line.file = without_detours(&line.file);
        let is_same = |fix: &&mut Fix| {
            is_of_one_query(fix, &line) && (fix.change, &fix.path) == (line.change, &line.path)
        };
        match fixes.iter_mut().find(is_same) {
            Some(fix) => {
                fix.statements = fix.statements.saturating_add(line.statements);
                fix.saved = fix.saved.saturating_add(line.saved);
            }
            None => fixes.push(line),
        }
    }
    fixes.sort_by(|one, other| {
        let key = |fix: &Fix| {
            (fix.file.clone(), fix.line, fix.column, fix.change == Change::Remove, fix.path.clone())
        };
        key(one).cmp(&key(other))
    });
    let is_read = |unused: &Fix| {
        let unused_relations = relations(&unused.path);
        fixes.iter().any(|fix| {
            let is_evidence = fix.change == Change::Add || fix.change == Change::Keep;
            is_evidence && is_of_one_query(fix, unused) && relations(&fix.path).starts_with(&unused_relations)
        })
    };
    let kept: Vec<_> =
        fixes.iter().filter(|fix| fix.change == Change::Remove && is_read(fix)).cloned().collect();
    fixes.retain(|fix| matches!(fix.change, Change::Add | Change::Remove) && !kept.contains(fix));
    Advice { fixes, kept, written: None }
}

/// Returns the name of a file without `.` and `..`: `tests/support.rs` for `tests/orders/../support.rs`.
///
/// A module with `#[path = "../support.rs"]` has a name of the second kind, a different one for each program that includes it.
fn without_detours(file: &str) -> String {
    let mut name = PathBuf::new();
    for component in Path::new(file).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(name.components().next_back(), Some(Component::Normal(_))) => {
                name.pop();
            }
            other => name.push(other),
        }
    }
    name.to_str().unwrap_or(file).to_owned()
}

fn is_of_one_query(one: &Fix, other: &Fix) -> bool {
    (&one.file, one.line, one.column) == (&other.file, other.line, other.column)
}
