//! Watches one run of a query: which relations the learner was asked about, and whether the page read them of one row or of
//! several.

use std::cell::RefCell;
use std::rc::Rc;

use eagerly::{Accessed, Advised, Finished, Question, RelationInfo, Run, Strategy, WayStep};

use super::State;
use super::knowledge::{Knowledge, Observation, Query, Way};

/// One run of a query.
pub(super) struct Watching {
    state: Rc<State>,
    query: Query,
    /// Where an older build had the query, if it is not known at its line.
    moved_from: Option<Query>,
    rows: RefCell<Vec<Rows>>,
}

/// The rows to which one way leads.
struct Rows {
    way: Vec<WayStep>,
    names: Way,
    /// Whether there was at least one row.
    came: bool,
    relations: Vec<Watched>,
}

/// A relation that the learner was asked about.
struct Watched {
    relation: &'static RelationInfo,
    advised: Option<Advised>,
    accessed: Accessed,
    /// The number of statements that loaded it for one row each.
    lazy: u64,
    /// Whether the program has loaded it with `session.preload`.
    is_preloaded: bool,
}

impl Rows {
    fn at(way: &[WayStep]) -> Self {
        Self { way: way.to_vec(), names: way.iter().map(name).collect(), came: false, relations: Vec::new() }
    }

    fn relation(&mut self, relation: &RelationInfo) -> Option<&mut Watched> {
        self.relations.iter_mut().find(|watched| watched.relation == relation)
    }

    fn way_to(&self, relation: &RelationInfo) -> Way {
        self.names.iter().cloned().chain([relation.constant()]).collect()
    }
}

/// Returns the name of a step. The filter of a part is not known here.
fn name(step: &WayStep) -> String {
    format!("{}{}", step.relation.constant(), if step.is_part { ".…" } else { "" })
}

/// Returns the rows to which a way leads. Its steps are the same whatever strategy loads them.
fn rows_at<'r>(rows: &'r mut Vec<Rows>, way: &[WayStep]) -> &'r mut Rows {
    let is_it = |known: &Rows| {
        known.way.len() == way.len()
            && known
                .way
                .iter()
                .zip(way)
                .all(|(one, other)| one.relation == other.relation && one.is_part == other.is_part)
    };
    let index = rows.iter().position(is_it).unwrap_or_else(|| {
        rows.push(Rows::at(way));
        rows.len() - 1
    });
    &mut rows[index]
}

impl Watching {
    pub(super) fn of(state: Rc<State>, query: Query, moved_from: Option<Query>) -> Self {
        Self { state, query, moved_from, rows: RefCell::default() }
    }

    /// Returns the query under which the decisions are known. Another run may have moved them since this one began.
    fn known_as(&self, knowledge: &Knowledge) -> &Query {
        self.moved_from.as_ref().filter(|_| !knowledge.contains(&self.query)).unwrap_or(&self.query)
    }

    /// Returns that the query is where it was or has moved, if the file does not say so for this build. A query without rows
    /// and a plan prove neither.
    fn met(&self) -> Option<Observation> {
        let (query, build) = (self.query.clone(), &self.state.build);
        match &self.moved_from {
            Some(from) => Some(Observation::Moved { from: from.clone(), to: query }),
            None if self.state.knowledge.borrow().is_met(&query, build) => None,
            None => Some(Observation::Met { query }),
        }
    }

    /// Returns what the run has shown.
    fn observations(&self) -> Vec<Observation> {
        let rows = self.rows.borrow();
        let is_learned = |way: &[WayStep]| {
            let Some((last, above)) = way.split_last().filter(|(last, _)| !last.is_part) else {
                return false;
            };
            let above: Way = above.iter().map(name).collect();
            let asked = rows.iter().filter(|rows| rows.names == above).flat_map(|rows| &rows.relations);
            asked.into_iter().any(|watched| watched.relation == last.relation)
        };
        let has_rows = rows.iter().any(|rows| rows.came);
        let mut observations: Vec<_> = self.met().filter(|_| has_rows).into_iter().collect();
        for rows in rows.iter().filter(|rows| rows.came) {
            let strategy =
                |steps: usize| (!is_learned(&rows.way[..steps])).then(|| rows.way[steps - 1].strategy);
            let above: Vec<_> = (1..=rows.way.len()).map(strategy).collect();
            for watched in rows.relations.iter().filter(|watched| !watched.is_preloaded) {
                observations.push(Observation::Run {
                    query: self.query.clone(),
                    way: rows.way_to(watched.relation),
                    accessed: watched.accessed,
                    lazy: watched.lazy,
                    above: above.clone(),
                });
            }
            // Rows with a known relation were loaded, and the learner was not asked about it. So the program decides how to load it.
            let asked: Vec<_> = rows.relations.iter().map(|watched| rows.way_to(watched.relation)).collect();
            let knowledge = self.state.knowledge.borrow();
            let known = knowledge.below(self.known_as(&knowledge), &rows.names);
            let written = known.into_iter().filter(|way| !asked.contains(way));
            observations.extend(written.map(|way| Observation::Written { query: self.query.clone(), way }));
        }
        observations
    }
}

impl Run for Watching {
    fn strategy(&self, question: &Question<'_>) -> Option<Advised> {
        let mut rows = self.rows.borrow_mut();
        let rows = rows_at(&mut rows, question.way);
        if let Some(watched) = rows.relation(question.relation) {
            return watched.advised;
        }
        let knowledge = self.state.knowledge.borrow();
        let advised = knowledge.advised(self.known_as(&knowledge), &rows.way_to(question.relation));
        rows.relations.push(Watched {
            relation: question.relation,
            advised,
            accessed: Accessed::Never,
            lazy: 0,
            is_preloaded: false,
        });
        advised
    }

    fn finished(&self, finished: &Finished<'_>) {
        let mut all = self.rows.borrow_mut();
        if let Some((last, above)) = finished.way.split_last()
            && let Some(watched) = rows_at(&mut all, above).relation(last.relation).filter(|_| !last.is_part)
        {
            watched.lazy += u64::from(last.strategy == Strategy::Lazy);
        }
        if finished.size == 0 || finished.is_preloaded {
            return;
        }
        let rows = rows_at(&mut all, finished.way);
        rows.came = true;
        for watched in &mut rows.relations {
            watched.is_preloaded |= finished.preloads(watched.relation);
            watched.accessed = match (watched.accessed, finished.accessed(watched.relation)) {
                // One row of each of two cohorts makes several rows.
                (Accessed::OfOne, Accessed::OfOne) => Accessed::OfSeveral,
                (before, now) => before.max(now),
            };
        }
    }
}

/// The run is over: nothing holds a row of the query.
impl Drop for Watching {
    fn drop(&mut self) {
        if !self.state.is_frozen && !std::thread::panicking() {
            self.state.add(self.observations());
        }
    }
}
