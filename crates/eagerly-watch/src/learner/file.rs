//! The file of a learner: a line for each decision, with its evidence.
//!
//! ```text
//! # What the program has learned …
//! selectin⇥Customer::ORDERS⇥12 runs: 12 many, 0 one, 0 none; lazy 100⇥src/page.rs:14:29⇥Customer⇥8c3a01f2⇥⇥51d0e7b4
//! selectin⇥Customer::ORDERS/Order::ITEMS⇥12 runs: …
//! ```
//!
//! The cells are separated by tabs:
//!
//! 1. the strategy, which is for people. Reading computes it from the evidence;
//! 2. the relation, with the steps that lead to it. A step that the program writes itself has its strategy:
//!    `selectin(Customer::ORDERS)/Order::ITEMS`;
//! 3. the evidence;
//! 4. the line of the query, its entity, a hash of its SQL, and its scope, in four cells;
//! 5. the build of the program that ran the query last.
//!
//! A line that cannot be read is ignored, but a file that no learner has written is an error.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use eagerly::{Error, Result, Strategy};

use super::knowledge::{Knowledge, Observation, Query, Record, Way};

const HEADING: &str = "# What the program has learned: how to load each relation of each query.
# Each line is a decision with its evidence. Delete a line to forget it, or the file to forget everything.
";

/// How a file begins, in which no line is left that can be read.
const BEGINNING: &str = "# What the program has learned";

/// Returns what identifies the build of the running program: the time and size of its file. It is empty if they are not
/// known.
pub(super) fn build() -> String {
    let program = std::env::current_exe().and_then(fs::metadata);
    let facts = program.and_then(|program| Ok((program.modified()?, program.len())));
    facts.map(|facts| format!("{:08x}", crc32fast::hash(format!("{facts:?}").as_bytes()))).unwrap_or_default()
}

/// Reads a file that may not exist.
pub(super) fn read(path: &Path) -> Result<Knowledge> {
    match fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let knowledge = parse(&text);
            // `save` replaces the whole file, so a name by mistake must not cost a file of something else.
            match knowledge.is_empty() && !text.trim().is_empty() && !text.starts_with(BEGINNING) {
                true => Err(Error::other(format!(
                    "reading what was learned failed, in the file {}: it was not written by a learner\n  help: name another file, or delete this one",
                    path.display()
                ))),
                false => Ok(knowledge),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Knowledge::default()),
        Err(error) => Err(failed("reading", path, &error)),
    }
}

/// Reads a file that must exist.
pub(super) fn read_existing(path: &Path) -> Result<Knowledge> {
    File::open(path).map_err(|error| failed("reading", path, &error))?;
    read(path)
}

/// Adds observations to the file, and returns the knowledge that it has then.
pub(super) fn merge(path: &Path, observations: &[Observation], build: &str) -> Result<Knowledge> {
    let writing = |error| failed("writing", path, &error);
    // Renaming would replace a symbolic link, and not the file that others read.
    let target = fs::canonicalize(path);
    let path = target.as_deref().unwrap_or(path);
    let lock = File::create(beside(path, ".lock")).map_err(writing)?;
    // The lock ends when the file is closed, also if the process dies.
    lock.lock().map_err(writing)?;
    let mut knowledge = read(path)?;
    observations.iter().for_each(|observation| knowledge.add(observation, build));
    // A reader sees the old file or the new one.
    let new = beside(path, ".new");
    let mut file = File::create(&new).map_err(writing)?;
    file.write_all(text(&knowledge).as_bytes()).and_then(|()| file.sync_all()).map_err(writing)?;
    drop(file);
    fs::rename(&new, path).map_err(writing)?;
    Ok(knowledge)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn failed(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    let path = path.display();
    Error::other(format!(
        "{doing} the learner's file {path} failed: {error}\n  help: check that its folder exists and that you may read and write there"
    ))
}

/// Returns the text of the file.
fn text(knowledge: &Knowledge) -> String {
    let mut text = HEADING.to_owned();
    for (query, known) in knowledge.by_place() {
        for (way, record) in &known.ways {
            let cells = [
                record.strategy().to_string(),
                way_text(way, record),
                evidence(record),
                format!("{}:{}:{}", query.file, query.line, query.column),
                query.entity.clone(),
                query.sql.clone(),
                query.scope.clone(),
                known.build.clone(),
            ];
            text += &cells.join("\t");
            text.push('\n');
        }
    }
    text
}

/// Formats the steps to a relation, those that the program writes with their strategy.
pub(super) fn way_text(way: &Way, record: &Record) -> String {
    let above = record.above.iter().copied().chain(std::iter::repeat(None));
    let steps = way.iter().zip(above).map(|(relation, written)| match written {
        Some(strategy) => format!("{strategy}({relation})"),
        None => relation.clone(),
    });
    steps.collect::<Vec<_>>().join("/")
}

fn evidence(record: &Record) -> String {
    let Record { runs, many, one, lazy, .. } = record;
    let plural = if *runs == 1 { "" } else { "s" };
    format!("{runs} run{plural}: {many} many, {one} one, {} none; lazy {lazy}", record.none())
}

/// Reads the text of a file. Lines that cannot be read are ignored.
fn parse(text: &str) -> Knowledge {
    let mut knowledge = Knowledge::default();
    for (query, build, way, record) in text.lines().filter_map(decision) {
        knowledge.insert(query, build, way, record);
    }
    knowledge
}

fn decision(line: &str) -> Option<(Query, String, Way, Record)> {
    let cells: Vec<_> = line.split('\t').collect();
    let [_, way, evidence, origin, entity, sql, scope, build] = cells[..] else {
        return None;
    };
    let (rest, column) = origin.rsplit_once(':')?;
    let (file, number) = rest.rsplit_once(':')?;
    let query = Query {
        file: file.to_owned(),
        line: number.parse().ok()?,
        column: column.parse().ok()?,
        entity: entity.to_owned(),
        sql: sql.to_owned(),
        scope: scope.to_owned(),
    };
    let numbers = evidence.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let numbers: Vec<u64> = numbers.map(str::parse).collect::<std::result::Result<_, _>>().ok()?;
    let [runs, many, one, none, lazy] = numbers[..] else {
        return None;
    };
    let small = |number: u64| u32::try_from(number).ok().filter(|number| *number < u32::MAX / 2);
    let (runs, many, one, none) = (small(runs)?, small(many)?, small(one)?, small(none)?);
    if runs == 0 || u64::from(runs) != u64::from(many) + u64::from(one) + u64::from(none) {
        return None;
    }
    let mut steps = way.split('/').map(step).collect::<Option<Vec<_>>>()?;
    let (last, None) = steps.pop()? else {
        return None;
    };
    let (mut way, above): (Way, Vec<_>) = steps.into_iter().unzip();
    way.push(last);
    Some((query, build.to_owned(), way, Record { runs, many, one, lazy, above }))
}

/// Reads `Customer::ORDERS`, or with the strategy that the program writes, `selectin(Customer::ORDERS)`.
fn step(text: &str) -> Option<(String, Option<Strategy>)> {
    let (relation, strategy) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((strategy, relation)) => (relation, Some(strategy.parse().ok()?)),
        None => (text, None),
    };
    // A line to write into the program is made from it.
    let (entity, constant) = relation.strip_suffix(".…").unwrap_or(relation).split_once("::")?;
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name(entity) && is_name(constant)).then(|| (relation.to_owned(), strategy))
}
