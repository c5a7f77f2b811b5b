//! What the learner knows: how often each relation of a query was read, and the strategy that follows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use eagerly::{Accessed, Advised, QueryFacts, Strategy};

/// The number of runs after which the numbers are halved. So old runs count less and less, and the learner adapts to a
/// page that changes within about as many runs.
const RUNS: u32 = 64;

/// The maximum number of decisions. In practice there are far fewer, because each is a place in the program.
const DECISIONS: usize = 10_000;

/// What identifies a query of the program, also in another process.
///
/// The line comes last in the order, so queries that differ only in the line are neighbours (`moved_from`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Query {
    pub(super) file: String,
    pub(super) entity: String,
    /// A hash of the SQL for the rows alone, or [`BY_KEY`](Query::BY_KEY).
    pub(super) sql: String,
    /// Empty outside a scope.
    pub(super) scope: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Query {
    /// Stands for the SQL of a `get`, which takes no load path.
    pub(super) const BY_KEY: &str = "get";

    pub(super) fn of(facts: &QueryFacts<'_>) -> Self {
        Self {
            file: in_one_cell(facts.origin.file()),
            line: facts.origin.line(),
            column: facts.origin.column(),
            entity: facts.entity.name.to_owned(),
            sql: match facts.is_by_key {
                true => Self::BY_KEY.to_owned(),
                false => format!("{:08x}", crc32fast::hash(facts.sql.as_bytes())),
            },
            scope: facts.scope.map(in_one_cell).unwrap_or_default(),
        }
    }

    /// Returns the query at another line of its file.
    fn at(&self, line: u32, column: u32) -> Self {
        Self { line, column, ..self.clone() }
    }

    /// Returns where the query is: its file, line and column.
    pub(super) fn place(&self) -> (&str, u32, u32) {
        (&self.file, self.line, self.column)
    }
}

/// Removes tabs and line breaks, which separate the cells of the file.
fn in_one_cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The relations that lead from a query's rows to the one that is decided on, which is the last: `Customer::ORDERS`,
/// `Order::ITEMS`.
pub(super) type Way = Vec<String>;

/// What was seen of a relation.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The number of runs that brought rows with the relation.
    pub(super) runs: u32,
    /// The number of runs that read it of several rows, and of one row.
    pub(super) many: u32,
    pub(super) one: u32,
    /// The most statements that `lazy` sent for it in one run.
    pub(super) lazy: u64,
    /// The strategies of the steps above it that the program writes itself; `None` for steps that are learned.
    pub(super) above: Vec<Option<Strategy>>,
}

impl Record {
    pub(super) fn strategy(&self) -> Strategy {
        match self {
            Self { many: 0, .. } => Strategy::Lazy,
            Self { runs, many, .. } if *many >= runs.div_ceil(2) => Strategy::Selectin,
            _ => Strategy::Batch,
        }
    }

    /// Returns the number of runs that did not read the relation.
    pub(super) fn none(&self) -> u32 {
        self.runs.saturating_sub(self.many).saturating_sub(self.one)
    }

    fn add(&mut self, accessed: Accessed, lazy: u64) {
        if self.runs >= RUNS {
            (self.runs, self.many, self.one) = (self.runs / 2, self.many / 2, self.one / 2);
        }
        self.runs += 1;
        match accessed {
            Accessed::Never => (),
            Accessed::OfOne => self.one += 1,
            Accessed::OfSeveral => self.many += 1,
        }
        self.lazy = self.lazy.max(lazy);
    }
}

/// A fact that changes what is known. Processes that share a file add theirs to what the others have written.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    /// A run of a query is over.
    Run { query: Query, way: Way, accessed: Accessed, lazy: u64, above: Vec<Option<Strategy>> },
    /// The program decides about the relation itself.
    Written { query: Query, way: Way },
    /// The query is where it was, in this build of the program.
    Met { query: Query },
    /// The file was edited, and the query is at another line.
    Moved { from: Query, to: Query },
}

/// What is known of one query.
#[derive(Debug, Default, Clone)]
pub(super) struct Known {
    /// The build of the program that ran it last. In that build, it is at its line. In another one, it may have moved.
    pub(super) build: String,
    pub(super) ways: BTreeMap<Way, Record>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Knowledge {
    queries: BTreeMap<Query, Known>,
    /// The number of ways of all queries. Counting them at each run would be slow.
    decisions: usize,
}

impl Knowledge {
    /// Adds what a process has observed that runs this build of the program.
    pub(super) fn add(&mut self, observation: &Observation, build: &str) {
        match observation {
            Observation::Run { query, way, accessed, lazy, above } => {
                let is_known = self.queries.get(query).is_some_and(|known| known.ways.contains_key(way));
                if is_known || self.decisions < DECISIONS {
                    let known = self.queries.entry(query.clone()).or_default();
                    build.clone_into(&mut known.build);
                    let record = known.ways.entry(way.clone()).or_default();
                    record.add(*accessed, *lazy);
                    record.above.clone_from(above);
                    self.decisions += usize::from(!is_known);
                }
            }
            Observation::Written { query, way } => {
                if let Some(known) = self.queries.get_mut(query) {
                    self.decisions -= usize::from(known.ways.remove(way).is_some());
                    if known.ways.is_empty() {
                        self.queries.remove(query);
                    }
                }
            }
            Observation::Met { query } => {
                if let Some(known) = self.queries.get_mut(query) {
                    build.clone_into(&mut known.build);
                }
            }
            Observation::Moved { from, to } => {
                // Another process with this build may have found the query where it was.
                let has_moved = self.queries.get(from).is_some_and(|known| known.build != build);
                if has_moved && let Some(known) = self.queries.remove(from) {
                    match self.queries.entry(to.clone()) {
                        Entry::Occupied(_) => self.decisions -= known.ways.len(),
                        Entry::Vacant(free) => {
                            free.insert(Known { build: build.to_owned(), ..known });
                        }
                    }
                }
            }
        }
    }

    /// Adds a decision that a file has. The last one on a relation wins.
    pub(super) fn insert(&mut self, query: Query, build: String, way: Way, record: Record) {
        let known = self.queries.entry(query).or_default();
        known.build = build;
        self.decisions += usize::from(known.ways.insert(way, record).is_none());
    }

    /// Returns what is known, in the order of the source.
    pub(super) fn by_place(&self) -> Vec<(&Query, &Known)> {
        let mut queries: Vec<_> = self.queries.iter().collect();
        queries.sort_by_key(|(query, _)| query.place());
        queries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    pub(super) fn contains(&self, query: &Query) -> bool {
        self.queries.contains_key(query)
    }

    /// Returns where an older build had a query that is not known at its line. It is the nearest query that differs only in
    /// the line.
    pub(super) fn moved_from(&self, query: &Query, build: &str) -> Option<Query> {
        if self.contains(query) {
            return None;
        }
        let like_it = self.queries.range(query.at(0, 0)..=query.at(u32::MAX, u32::MAX));
        let older = like_it.filter(|(_, known)| known.build != build).map(|(other, _)| other);
        let distance = |other: &Query| (other.line.abs_diff(query.line), other.column.abs_diff(query.column));
        older.min_by_key(|other| distance(other)).cloned()
    }

    /// Returns whether this build has run the query.
    pub(super) fn is_met(&self, query: &Query, build: &str) -> bool {
        self.queries.get(query).is_none_or(|known| known.build == build)
    }

    /// Returns the strategy that was learned for a relation.
    pub(super) fn advised(&self, query: &Query, way: &Way) -> Option<Advised> {
        let record = self.queries.get(query)?.ways.get(way)?;
        Some(Advised { strategy: record.strategy(), runs: record.runs })
    }

    /// Returns the known relations of the rows to which a way leads.
    pub(super) fn below(&self, query: &Query, way: &[String]) -> Vec<Way> {
        let is_below = |known: &&Way| known.len() == way.len() + 1 && known.starts_with(way);
        self.queries
            .get(query)
            .into_iter()
            .flat_map(|known| known.ways.keys())
            .filter(is_below)
            .cloned()
            .collect()
    }
}
