//! What the learner knows: how often each relation of a query was read, and the strategy that follows.

use std::collections::BTreeMap;

use eagerly::{Accessed, Advised, QueryFacts, Strategy};

/// The number of runs after which the numbers are halved. So old runs count less and less, and the learner adapts to a
/// page that changes within about as many runs.
const RUNS: u32 = 64;

/// The maximum number of decisions. In practice there are far fewer, because each is a place in the program.
const DECISIONS: usize = 10_000;

/// What identifies a query of the program, also in another process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Query {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) entity: String,
    /// A hash of the SQL for the rows alone, or [`BY_KEY`](Query::BY_KEY).
    pub(super) sql: String,
    /// Empty outside a scope.
    pub(super) scope: String,
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

    /// Returns whether the other query can be this one after the file was edited.
    fn may_be(&self, other: &Self) -> bool {
        (&self.file, &self.entity, &self.sql, &self.scope)
            == (&other.file, &other.entity, &other.sql, &other.scope)
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
pub(super) struct Knowledge(pub(super) BTreeMap<Query, Known>);

impl Knowledge {
    /// Adds what a process has observed that runs this build of the program.
    pub(super) fn add(&mut self, observation: &Observation, build: &str) {
        match observation {
            Observation::Run { query, way, accessed, lazy, above } => {
                let is_known = self.0.get(query).is_some_and(|known| known.ways.contains_key(way));
                if is_known || self.0.values().map(|known| known.ways.len()).sum::<usize>() < DECISIONS {
                    let known = self.0.entry(query.clone()).or_default();
                    build.clone_into(&mut known.build);
                    let record = known.ways.entry(way.clone()).or_default();
                    record.add(*accessed, *lazy);
                    record.above.clone_from(above);
                }
            }
            Observation::Written { query, way } => {
                if let Some(known) = self.0.get_mut(query) {
                    known.ways.remove(way);
                }
                self.0.retain(|_, known| !known.ways.is_empty());
            }
            Observation::Met { query } => {
                if let Some(known) = self.0.get_mut(query) {
                    build.clone_into(&mut known.build);
                }
            }
            Observation::Moved { from, to } => {
                if let Some(known) = self.0.remove(from) {
                    self.0.entry(to.clone()).or_insert(Known { build: build.to_owned(), ..known });
                }
            }
        }
    }

    /// Returns what to add when a query begins. Either the query is where it was, or it has moved there from the nearest line
    /// at which an older build had it.
    pub(super) fn met(&self, query: &Query, build: &str) -> Option<Observation> {
        if let Some(known) = self.0.get(query) {
            return (known.build != build).then(|| Observation::Met { query: query.clone() });
        }
        let may_be = self.0.iter().filter(|(other, known)| query.may_be(other) && known.build != build);
        let distance = |other: &Query| (other.line.abs_diff(query.line), other.column.abs_diff(query.column));
        let from = may_be.map(|(other, _)| other).min_by_key(|other| distance(other))?.clone();
        Some(Observation::Moved { from, to: query.clone() })
    }

    /// Returns the strategy that was learned for a relation.
    pub(super) fn advised(&self, query: &Query, way: &Way) -> Option<Advised> {
        let record = self.0.get(query)?.ways.get(way)?;
        Some(Advised { strategy: record.strategy(), runs: record.runs })
    }

    /// Returns the known relations of the rows to which a way leads.
    pub(super) fn below(&self, query: &Query, way: &[String]) -> Vec<Way> {
        let is_below = |known: &&Way| known.len() == way.len() + 1 && known.starts_with(way);
        self.0.get(query).into_iter().flat_map(|known| known.ways.keys()).filter(is_below).cloned().collect()
    }
}
