//! Applies the advice to files: finds them, edits them in memory, and writes them if nothing can be lost.
//!
//! As for `cargo fix`, a file must be in a git repository and have no uncommitted changes. Then `git diff` shows what was
//! changed, and `git restore` takes it back. The whole new text is written beside the old file, and then renamed, so no other
//! program reads half of it.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow, bail};
use eagerly_watch::{Fix, fix};

use crate::advice::Advice;
use crate::edit::{Outcome, edited};

/// What applying the advice would do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Proposal {
    /// The files that would change.
    pub files: Vec<ChangedFile>,
    /// The fixes that these changes contain.
    pub changed: Vec<Fix>,
    /// The fixes for which there is nothing to change, with the reason.
    pub done: Vec<(Fix, String)>,
    /// The fixes that the user has to make, with the reason.
    pub left: Vec<(Fix, String)>,
    /// What was assumed, and what is left for rustfmt: the file, and a sentence.
    pub notes: Vec<(String, String)>,
}

/// A file and its new text.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChangedFile {
    /// The file as the advice names it.
    pub name: String,
    /// Where the file is.
    pub path: PathBuf,
    /// The text that the file has now.
    pub before: String,
    /// The text with the changes.
    pub after: String,
}

/// Computes what applying the advice would do. It changes nothing. The source files are looked for from `folder` upward:
/// [`fix::root`].
#[must_use]
pub fn propose(folder: &Path, advice: Advice) -> Proposal {
    let mut proposal = Proposal::default();
    for kept in advice.kept {
        proposal.done.push((kept, "another test reads it".to_owned()));
    }
    let mut files: BTreeMap<String, Vec<Fix>> = BTreeMap::new();
    for fix in advice.fixes {
        files.entry(fix.file.clone()).or_default().push(fix);
    }
    for (name, fixes) in files {
        let (path, before) = match source(folder, &name) {
            Ok(found) => found,
            Err(reason) => {
                proposal.left.extend(fixes.into_iter().map(|fix| (fix, reason.clone())));
                continue;
            }
        };
        let edited = edited(&before, &fixes);
        for (fix, outcome) in fixes.into_iter().zip(edited.outcomes) {
            match outcome {
                Outcome::Changed => proposal.changed.push(fix),
                Outcome::Done(reason) => proposal.done.push((fix, reason)),
                Outcome::Left(reason) => proposal.left.push((fix, reason)),
            }
        }
        proposal.notes.extend(edited.notes.into_iter().map(|note| (name.clone(), note)));
        if edited.text != before {
            let changed = path.metadata().and_then(|file| file.modified()).ok();
            // `None` is less than every time.
            if advice.written.is_some() && changed > advice.written {
                let note = "the file has changed since the advice was written, so a line can be that of another query";
                proposal.notes.push((name.clone(), note.to_owned()));
            }
            proposal.files.push(ChangedFile { name, path, before, after: edited.text });
        }
    }
    proposal
}

/// Returns the path and the text of a source file, or why it must not be changed.
fn source(folder: &Path, name: &str) -> Result<(PathBuf, String), String> {
    let root = fix::root(folder, name).and_then(|root| root.canonicalize().ok());
    let Some(root) = root else {
        return Err("there is no such file below a folder with a `Cargo.lock`, here or above".to_owned());
    };
    let path = root.join(name).canonicalize().map_err(|error| format!("the file cannot be read: {error}"))?;
    if !path.starts_with(&root) {
        return Err(format!("the file is outside of {}", root.display()));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| format!("the file cannot be read: {error}"))?;
    Ok((path, text))
}

/// What may be changed although the change could not be taken back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// Files with uncommitted changes.
    pub dirty: bool,
    /// Files outside of a git repository.
    pub no_vcs: bool,
}

/// Checks that changes of these files could be taken back.
///
/// # Errors
/// Fails if a file is read-only. Also fails if it has uncommitted changes, or is not in a git repository, unless that is allowed.
pub fn check(files: &[ChangedFile], allowed: Allowed) -> Result<()> {
    for file in files {
        // A rename would replace it all the same.
        if std::fs::metadata(&file.path).is_ok_and(|file| file.permissions().readonly()) {
            bail!(
                "cannot change {}: it is read-only\n  help: allow writing, or make the change where the file is generated",
                file.name
            );
        }
        let folder = file.path.parent().unwrap_or(&file.path);
        let status = Command::new("git")
            .args(["status", "--porcelain", "--ignored", "--untracked-files=all", "--"])
            .arg(&file.path)
            .current_dir(folder)
            .output();
        match status {
            Ok(status) if status.status.success() => {
                if !status.stdout.is_empty() && !allowed.dirty {
                    bail!(
                        "cannot change {}: it has uncommitted changes, or git does not track it\n  help: commit it, or pass `--allow-dirty`",
                        file.name
                    );
                }
            }
            _ if allowed.no_vcs => {}
            Ok(status) => {
                let words = String::from_utf8_lossy(&status.stderr);
                // For example, git refuses a repository of another user.
                let reason = match words.lines().next().unwrap_or_default().trim_start_matches("fatal: ") {
                    no if no.starts_with("not a git repository") => "it is not in a git repository",
                    reason => reason,
                };
                bail!(
                    "cannot change {}, because the change could not be taken back: {reason}\n  help: pass `--allow-no-vcs` to change it anyway",
                    file.name
                );
            }
            Err(error) => bail!(
                "cannot change {}, because the change could not be taken back: git does not start: {error}\n  help: install git, or pass `--allow-no-vcs` to change it anyway",
                file.name
            ),
        }
    }
    Ok(())
}

/// Writes the new texts.
///
/// # Errors
/// Fails if a file cannot be written, or if its text is not what the changes were computed from.
pub fn write(files: &[ChangedFile]) -> Result<()> {
    for file in files {
        let is_as_read = std::fs::read_to_string(&file.path).is_ok_and(|text| text == file.before);
        if !is_as_read {
            bail!(
                "cannot write {}: it has changed since it was read\n  help: run the command again",
                file.name
            );
        }
        replace(file).map_err(|error| {
            let path = file.path.display();
            anyhow!("cannot write {path}: {error}\n  help: check the permissions of its folder")
        })?;
    }
    Ok(())
}

/// Writes a new file beside the old one, and renames it.
fn replace(file: &ChangedFile) -> io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(file.path.parent().unwrap_or(&file.path))?;
    new.write_all(file.after.as_bytes())?;
    new.as_file().set_permissions(std::fs::metadata(&file.path)?.permissions())?;
    new.persist(&file.path)?;
    Ok(())
}
