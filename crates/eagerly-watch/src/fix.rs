//! The fixes of a report, as lines that a program can apply: a load path to add to a query, or to remove from it.
//!
//! A [`Detector`](crate::Detector) appends them to the file that the environment variable `EAGERLY_ADVICE` names, one line of
//! JSON for each. The program `eagerly-fix` reads this file and edits the source.
//!
//! ```json
//! {"file":"src/page.rs","line":14,"column":29,"entity":"Customer","change":"add","path":"selectin(Customer::ORDERS)","statements":5,"saved":4,"reason":"Customer.orders: 5 statements, one per parent"}
//! ```
//!
//! `cargo test` runs several processes, and each has its own detectors. So one run can say that an eager load is never read,
//! while another run reads it. For this reason, the file also has lines with the change `keep`: eager loads that were read.
//! Each call appends whole lines, in one write, so the lines of several processes do not mix.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;

use eagerly::CallSite;
use eagerly::numbers::counted;
use serde::{Deserialize, Serialize};

use crate::n_plus_one::NPlusOne;
use crate::report::{Report, begins, whole_paths};
use crate::waste::Wasted;

/// The environment variable that names the file for the advice.
pub const ADVICE: &str = "EAGERLY_ADVICE";

/// What to do with a load path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// Add the path to the query, or change the path that is there. This fixes an N+1.
    Add,
    /// Remove the last step of the path from the query, with the steps after it. It is never read.
    Remove,
    /// Do not remove the path, because it is read.
    Keep,
}

/// A change of one load path of one query.
///
/// ```
/// # use {eagerly::*, shop::*};
/// use eagerly_watch::{Change, Detector};
///
/// let session = shop::small()?;
/// let detector = Detector::attach(&session);
/// for customer in &session.all(Customer::select())? {
///     customer.orders()?;
/// }
/// let fixes = detector.report().fixes();
/// assert_eq!((fixes[0].change, fixes[0].path.as_str()), (Change::Add, "selectin(Customer::ORDERS)"));
/// assert_eq!((fixes[0].entity.as_str(), fixes[0].line, fixes[0].saved), ("Customer", line!() - 5, 4));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fix {
    /// The source file of the query, as it was passed to the compiler.
    pub file: String,
    /// The line of the query, counted from 1.
    pub line: u32,
    /// The column of the query: [`CallSite::column`].
    pub column: u32,
    /// The name of the entity that the query selects, such as `Customer`.
    pub entity: String,
    /// What to do with the path.
    pub change: Change,
    /// One whole load path, such as `selectin(Customer::ORDERS).selectin(Order::ITEMS)`. A part of a relation has `…` in place
    /// of its filter.
    pub path: String,
    /// The number of statements that were sent for the relations of the path. An addition counts those that were sent one by one.
    pub statements: u64,
    /// The number of statements that the change saves.
    pub saved: u64,
    /// The finding, as a sentence for people.
    pub reason: String,
}

impl Fix {
    /// Creates a change of the query at `at`. The counts are 0 and the reason is empty.
    #[must_use]
    pub fn new(at: CallSite, change: Change, path: &str) -> Self {
        // A path begins with a strategy, and with a relation of the root: `selectin(Customer::ORDERS)`.
        let first = path.split_once('(').map_or(path, |(_, rest)| rest);
        let entity = first.split_once("::").map_or(first, |(entity, _)| entity);
        Self {
            file: at.file().to_owned(),
            line: at.line(),
            column: at.column(),
            entity: entity.to_owned(),
            change,
            path: path.to_owned(),
            statements: 0,
            saved: 0,
            reason: String::new(),
        }
    }
}

impl Report {
    /// Returns the changes of queries that fix what was found: load paths to add, and unused ones to remove.
    ///
    /// It leaves out what no load path fixes: rows that were reloaded, queried with `get`, or given to `session.preload` one at
    /// a time. It also leaves out chunks that are so small that the path saves nothing.
    #[must_use]
    pub fn fixes(&self) -> Vec<Fix> {
        let takes_path =
            |finding: &NPlusOne| !finding.is_preload && !finding.is_reloaded && finding.by_key.is_none();
        let mut fixes = Vec::new();
        for findings in self.by_origin().into_iter().filter(|findings| takes_path(findings[0])) {
            // Relations that several paths share count for the first of these.
            let mut uncounted = findings.clone();
            for path in whole_paths(findings.iter().map(|finding| finding.load_path.as_str())) {
                let is_of_path =
                    |finding: &&NPlusOne| finding.load_path == path || begins(path, &finding.load_path);
                let (counted, rest) = uncounted.into_iter().partition(is_of_path);
                uncounted = rest;
                fixes.extend(addition(path, &counted));
            }
        }
        let is_within_another = |inner: &Wasted| {
            self.wasted
                .iter()
                .any(|outer| outer.origin == inner.origin && begins(&inner.load_path, &outer.load_path))
        };
        fixes.extend(self.wasted.iter().filter(|wasted| !is_within_another(wasted)).map(removal));
        fixes
    }
}

/// Returns a line for each eager load that was read, so that the advice of another run does not remove it.
pub(crate) fn kept(read: &[Wasted]) -> Vec<Fix> {
    let is_within = |outer: &Wasted| {
        read.iter().any(|inner| inner.origin == outer.origin && begins(&inner.load_path, &outer.load_path))
    };
    let whole = read.iter().filter(|read| !is_within(read));
    whole.map(|read| Fix::new(read.origin, Change::Keep, &read.load_path)).collect()
}

/// Returns the fix that adds `path` because of these findings; `None` if it saves nothing.
fn addition(path: &str, findings: &[&NPlusOne]) -> Option<Fix> {
    let first = findings.first()?;
    let sum = |count: fn(&NPlusOne) -> u64| findings.iter().map(|finding| count(finding)).sum::<u64>();
    let statements = sum(|finding| finding.statements);
    let saved = statements.saturating_sub(sum(|finding| finding.needed));
    if saved == 0 && !findings.iter().any(|finding| finding.refused) {
        return None;
    }
    let relations = findings
        .iter()
        .map(|finding| format!("{}: {}", finding.relation, counted(finding.statements, "statement")));
    let reason = format!("{}, one per parent", relations.collect::<Vec<_>>().join(", "));
    Some(Fix { statements, saved, reason, ..Fix::new(first.origin, Change::Add, path) })
}

fn removal(wasted: &Wasted) -> Fix {
    Fix {
        statements: wasted.statements,
        saved: wasted.statements,
        reason: format!("{}: {}, never accessed", wasted.relation, counted(wasted.rows, "row")),
        ..Fix::new(wasted.origin, Change::Remove, &wasted.load_path)
    }
}

/// Returns the folder that the source files of call sites are relative to. It is the first folder, from `folder` upward, that
/// has a `Cargo.lock` and in which `file` exists.
///
/// `cargo test` runs the tests of a package in the package's folder, but compiles the packages of a workspace in the
/// workspace's folder. Cargo keeps its `Cargo.lock` there.
#[must_use]
pub fn root(folder: &Path, file: &str) -> Option<PathBuf> {
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join(file).is_file();
    folder.ancestors().find(is_root).map(Path::to_owned)
}

/// Returns the file that `EAGERLY_ADVICE` names.
pub(crate) fn advice_file() -> Option<PathBuf> {
    std::env::var_os(ADVICE).filter(|name| name != OsStr::new("")).map(PathBuf::from)
}

/// Appends fixes to a file, for `eagerly-fix`: a line of JSON for each. A relative name is relative to the [root] of the
/// source.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("advice.jsonl");
/// eagerly_watch::fix::append(&file, &eagerly_watch::Learner::in_memory().fixes())?; // nothing is learned yet
/// assert!(!file.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the file cannot be opened or written.
pub fn append(file: impl AsRef<Path>, fixes: &[Fix]) -> io::Result<()> {
    if fixes.is_empty() {
        return Ok(());
    }
    let folder = std::env::current_dir()?;
    let root = fixes.iter().find_map(|fix| root(&folder, &fix.file)).unwrap_or(folder);
    let mut lines = String::new();
    for fix in fixes {
        lines += &serde_json::to_string(fix)?;
        lines.push('\n');
    }
    OpenOptions::new().create(true).append(true).open(root.join(file))?.write_all(lines.as_bytes())
}

/// Appends fixes while a detector is dropped, which cannot return an error. The first error goes to standard error.
pub(crate) fn append_or_report(file: &Path, fixes: &[Fix]) {
    static ERROR: Once = Once::new();
    if let Err(error) = append(file, fixes) {
        ERROR.call_once(|| {
            let _ = writeln!(
                io::stderr(),
                "cannot write the advice to {}, which {ADVICE} names: {error}\n  help: name a file in a folder that exists and can be written",
                file.display()
            );
        });
    }
}
