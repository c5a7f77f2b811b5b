//! The lanes of a recording: one for each query of the program, and below it one for each relation that is
//! loaded from its rows.
//!
//! A lane combines cohorts (rows that were loaded together):
//!
//! ```text
//! Customer at src/page.rs:12              1 cohort
//! └─ Customer.orders                      with lazy, a cohort for each customer
//!    └─ Order.items                       with lazy, a cohort for each order
//! ```

use std::collections::HashMap;

use eagerly::Cohort;
use eagerly::RelationInfo;
use eagerly::{CallSite, Cause, Event, Kind, Strategy};

use super::DISTINCT;

/// All lanes, numbered in the order of their first statement.
#[derive(Default)]
pub(crate) struct Lanes {
    all: Vec<Lane>,
    queries: HashMap<CallSite, usize>,
    /// A cache of two cohort ids and their lanes. The next statement is usually for one of these cohorts.
    ///
    /// The first is the cohort that was completed last. The second is the parents' cohort of the last
    /// statement.
    met: [(u64, usize); 2],
}

/// A query of the program, or a relation that is loaded from the rows of another lane.
pub(crate) struct Lane {
    /// The number of the parents' lane; `None` for a query.
    pub(crate) parent: Option<usize>,
    below: Vec<usize>,
    /// The relation from the parents' lane; `None` for a query.
    pub(crate) relation: Option<&'static RelationInfo>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) is_part: bool,
    pub(crate) origin: CallSite,
    /// The entity of the rows; `None` before the first cohort.
    pub(crate) entity: Option<&'static str>,
    pub(crate) statements: u64,
    pub(crate) cohorts: u64,
    /// The number of rows that were loaded as objects.
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Whether one line of the program sent queries for different entities.
    pub(crate) is_mixed: bool,
    /// Whether this is the overflow lane, for all statements above the maximum number of lanes.
    pub(crate) is_other: bool,
}

impl Lanes {
    pub(crate) fn all(&self) -> &[Lane] {
        &self.all
    }

    /// Records a statement, and returns the number of its lane.
    pub(super) fn statement(&mut self, event: &Event<'_>) -> usize {
        let lane = match (event.cause.parents(), event.cause.relation()) {
            (Some(parents), Some(relation)) => {
                let parent = self.of(parents);
                self.met[1] = (parents.id(), parent);
                let is_part = matches!(event.cause, Cause::Eager { is_part: true, .. });
                self.below(parent, relation, is_part)
            }
            _ => self.of_query(event.cause.at()),
        };
        if event.cause.kind() != Kind::Control {
            self.all[lane].statements += 1;
        }
        lane
    }

    /// Records a completely loaded cohort.
    pub(super) fn cohort(&mut self, cohort: &Cohort) {
        let number = self.of(cohort);
        self.met[0] = (cohort.id(), number);
        let lane = &mut self.all[number];
        lane.is_mixed |= lane.entity.is_some_and(|entity| entity != cohort.entity());
        lane.entity = Some(cohort.entity());
        lane.strategy = cohort.strategy();
        lane.cohorts += 1;
        lane.rows += u64::from(cohort.size());
        lane.bytes += cohort.bytes();
    }

    /// Returns the lane of a cohort.
    ///
    /// Walks up to a cohort in the cache, or to the query, and then down again through the lanes.
    fn of(&mut self, cohort: &Cohort) -> usize {
        let mut steps = Vec::new();
        let mut next = cohort;
        let mut lane = loop {
            if let Some((_, lane)) = self.met.iter().find(|(id, _)| *id == next.id()) {
                break *lane;
            }
            match (next.parents(), next.relation()) {
                (Some(parents), Some(relation)) => {
                    steps.push((relation, next.is_part()));
                    next = parents;
                }
                _ => break self.of_query(next.origin()),
            }
        };
        for (relation, is_part) in steps.into_iter().rev() {
            lane = self.below(lane, relation, is_part);
        }
        lane
    }

    /// Returns the lane of a relation below another lane, and creates it if it is missing.
    fn below(&mut self, parent: usize, relation: &'static RelationInfo, is_part: bool) -> usize {
        let is_it = |lane: &&usize| {
            let lane = &self.all[**lane];
            lane.relation == Some(relation) && lane.is_part == is_part
        };
        match self.all[parent].below.iter().find(is_it) {
            Some(lane) => *lane,
            None if self.all[parent].is_other => parent,
            None if self.all.len() >= DISTINCT => self.other(),
            None => {
                let lane = Lane {
                    relation: Some(relation),
                    is_part,
                    ..Lane::new(Some(parent), self.all[parent].origin)
                };
                self.all.push(lane);
                let number = self.all.len() - 1;
                self.all[parent].below.push(number);
                number
            }
        }
    }

    /// Returns the lane of a query, and creates it if it is missing.
    fn of_query(&mut self, at: CallSite) -> usize {
        match self.queries.get(&at) {
            Some(lane) => *lane,
            None if self.all.len() >= DISTINCT => self.other(),
            None => {
                self.all.push(Lane::new(None, at));
                self.queries.insert(at, self.all.len() - 1);
                self.all.len() - 1
            }
        }
    }

    /// Returns the overflow lane, and creates it if it is missing.
    fn other(&mut self) -> usize {
        if self.all.len() == DISTINCT {
            let other = Lane { is_other: true, ..Lane::new(None, self.all[0].origin) };
            self.all.push(other);
        }
        DISTINCT
    }
}

impl Lane {
    fn new(parent: Option<usize>, origin: CallSite) -> Self {
        Self {
            parent,
            below: Vec::new(),
            relation: None,
            strategy: None,
            is_part: false,
            origin,
            entity: None,
            statements: 0,
            cohorts: 0,
            rows: 0,
            bytes: 0,
            is_mixed: false,
            is_other: false,
        }
    }

    /// Returns the label of the lane: `Customer.orders`, or the entity and the line of a query.
    pub(super) fn label(&self) -> String {
        match (self.relation, self.entity) {
            _ if self.is_other => "other statements".to_owned(),
            _ if self.is_mixed => format!("several entities at {}", self.origin),
            (Some(relation), _) if self.is_part => format!("part of {relation}"),
            (Some(relation), _) => relation.to_string(),
            (None, Some(entity)) => format!("{entity} at {}", self.origin),
            (None, None) => format!("at {}", self.origin),
        }
    }
}
