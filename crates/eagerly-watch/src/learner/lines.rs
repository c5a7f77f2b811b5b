//! Turns what was learned into load paths to write into the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use eagerly::Strategy;
use eagerly::numbers::{count, counted};

use super::file::way_text;
use super::knowledge::{Knowledge, Query, Record, Way};
use crate::fix::{Change, Fix};
use crate::report::{begins, line_to_write, whole_paths};

/// A line to write into the program: the load path that was learned for a query.
///
/// [`Display`](fmt::Display) formats it with the place and the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LearnedLine {
    /// The file of the query.
    pub file: String,
    /// The line of the query, counted from 1.
    pub line: u32,
    /// The column of the call, counted from 1.
    pub column: u32,
    /// The scope of the query; `None` outside a scope.
    pub scope: Option<String>,
    /// The entity of the query's rows: `Customer`.
    pub entity: String,
    /// The load paths: `selectin(Customer::ORDERS).selectin(Order::ITEMS)`.
    pub paths: Vec<String>,
    /// What to write: `.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))`.
    pub code: String,
    /// Whether the query is a `get`, which takes no load path. Then the line belongs to a query by the key.
    pub is_by_key: bool,
    /// Whether another query at the same line has learned something else: one in another scope, or with other SQL. Then one
    /// line cannot be right for both.
    pub is_disputed: bool,
    /// The number of runs from which the line was learned. If it differs between the relations, it is the smallest.
    pub runs: u32,
    /// The most statements that `lazy` sent in one run for the relations of the line.
    pub lazy: u64,
    /// For each path, the statements that `lazy` sent, and those that the path sends. A relation of two paths counts for the
    /// first.
    counts: Vec<(u64, u64)>,
}

impl LearnedLine {
    /// Returns the changes that write the line. There are none for a `get`, and none if scopes differ.
    pub(super) fn fixes(&self) -> Vec<Fix> {
        if self.is_by_key || self.is_disputed {
            return Vec::new();
        }
        let fix = |(path, &(lazy, needed)): (&String, &(u64, u64))| Fix {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            entity: self.entity.clone(),
            change: Change::Add,
            path: path.clone(),
            statements: lazy,
            saved: lazy.saturating_sub(needed),
            reason: format!("learned from {}", counted(self.runs.into(), "run")),
        };
        self.paths.iter().zip(&self.counts).map(fix).collect()
    }
}

/// Returns the line of each query that has one.
pub(super) fn of(knowledge: &Knowledge) -> Vec<LearnedLine> {
    let mut lines = Vec::new();
    // The lines that the queries at one place need. It is empty for a query that stays lazy.
    let mut codes: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (query, known) in knowledge.by_place() {
        let line = line(query, &known.ways);
        let is_lazy = || known.ways.values().all(|record| record.strategy() == Strategy::Lazy);
        let code = line.as_ref().map(|line| line.code.clone()).or_else(|| is_lazy().then(String::new));
        codes.entry(query.place()).or_default().extend(code);
        lines.extend(line);
    }
    for line in &mut lines {
        let place = (line.file.as_str(), line.line, line.column);
        line.is_disputed = codes.get(&place).is_some_and(|codes| codes.len() > 1);
    }
    lines
}

fn line(query: &Query, ways: &BTreeMap<Way, Record>) -> Option<LearnedLine> {
    let eager = ways.iter().filter(|(_, record)| record.strategy() != Strategy::Lazy);
    let written: Vec<_> =
        eager.filter_map(|(way, record)| Some((path(way, record, ways)?, record))).collect();
    let paths = whole_paths(written.iter().map(|(path, _)| path.as_str()));
    let mut uncounted: Vec<_> = written.iter().collect();
    let mut count = |path: &&str| {
        let is_of_path = |of: &&(String, &Record)| of.0 == **path || begins(path, &of.0);
        let (counted, rest): (Vec<_>, Vec<_>) = uncounted.drain(..).partition(is_of_path);
        uncounted = rest;
        (sum_of_lazy(counted.iter().map(|(_, record)| *record)), counted.len() as u64)
    };
    let counts = paths.iter().map(&mut count).collect();
    (!paths.is_empty()).then(|| LearnedLine {
        file: query.file.clone(),
        line: query.line,
        column: query.column,
        scope: (!query.scope.is_empty()).then(|| query.scope.clone()),
        entity: query.entity.clone(),
        code: line_to_write(&paths),
        paths: paths.into_iter().map(str::to_owned).collect(),
        is_by_key: query.sql == Query::BY_KEY,
        is_disputed: false,
        runs: written.iter().map(|(_, record)| record.runs).min().unwrap_or_default(),
        lazy: sum_of_lazy(written.iter().map(|(_, record)| *record)),
        counts,
    })
}

fn sum_of_lazy<'r>(records: impl Iterator<Item = &'r Record>) -> u64 {
    records.fold(0, |sum, record| sum.saturating_add(record.lazy))
}

/// Returns the load path to a relation; `None` if it leads through a part, whose filter is not known.
fn path(way: &Way, record: &Record, ways: &BTreeMap<Way, Record>) -> Option<String> {
    let step = |(index, relation): (usize, &String)| {
        let strategy = match record.above.get(index).copied().flatten() {
            Some(written) => written,
            None => ways.get(&way[..=index]).map_or(Strategy::Lazy, Record::strategy),
        };
        (!relation.ends_with('…')).then(|| format!("{strategy}({relation})"))
    };
    let steps: Option<Vec<_>> = way.iter().enumerate().map(step).collect();
    Some(steps?.join("."))
}

impl fmt::Display for LearnedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)?;
        if let Some(scope) = &self.scope {
            write!(f, ", in the scope {scope:?}")?;
        }
        match self.is_by_key {
            true => write!(f, "\n  session.one({}::select().filter(…){})?", self.entity, self.code)?,
            false => write!(f, "\n  {}", self.code)?,
        }
        write!(f, "\n  learned from {}", counted(self.runs.into(), "run"))?;
        if self.lazy > 0 {
            write!(f, "; without it, one run sent {}", counted(self.lazy, "statement"))?;
        }
        match self.is_disputed {
            true => write!(
                f,
                "\n  A query in another scope, or with other SQL, needs another path at this line. Write each in a query of its own."
            ),
            false => Ok(()),
        }
    }
}

/// Formats the decisions on relations that were read, with their evidence, below each query.
pub(super) fn table(knowledge: &Knowledge) -> String {
    let mut sections = Vec::new();
    for (query, known) in knowledge.by_place() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["", "", "runs", "of many", "of one", "unread"]);
        let read = known.ways.iter().filter(|(_, record)| record.many + record.one > 0);
        for (way, record) in read {
            let numbers =
                [record.runs, record.many, record.one, record.none()].map(|number| count(number.into()));
            let cells = [record.strategy().to_string(), way_text(way, record)];
            table.add_row(cells.into_iter().chain(numbers));
        }
        if table.row_count() == 0 {
            continue;
        }
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let scope = match query.scope.as_str() {
            "" => String::new(),
            scope => format!(", in the scope {scope:?}"),
        };
        let rows: Vec<_> = table.lines().map(|line| format!("\n {}", line.trim_end())).collect();
        let Query { entity, file, line, column, .. } = query;
        sections.push(format!("{entity} at {file}:{line}:{column}{scope}{}", rows.concat()));
    }
    match sections.is_empty() {
        true => "Nothing is learned yet.".to_owned(),
        false => sections.join("\n\n"),
    }
}
