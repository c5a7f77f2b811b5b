//! Defaults: the strategy of a relation that no load path mentions.
//!
//! The first of these decides that has a strategy for it: the query (`Customer::select().default(…)`), the entity
//! (`#[entity(strategy = "batch")]`), an advisor (`session.advise(…)`), and the session (`session.default_strategy(…)`).
//!
//! A load tree gets its defaults before it loads anything. Below a relation that waits for an access, they are added at
//! the access. Adding them earlier could recurse without end.

use std::any::TypeId;
use std::rc::Rc;

use crate::model::{Entity, Parents, Relation};
use crate::trace::{Defaults, Question, Run, Strategy, WAY, WayStep};

/// Who chose the strategy of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChosenBy {
    /// A load path.
    Path,
    /// The default of the query, the entity or the session.
    Default,
    /// An advisor, from this number of runs of the query.
    Advisor { runs: u32 },
}

impl ChosenBy {
    /// Returns the number of runs from which an advisor learned the strategy; `None` if none did.
    pub(crate) fn learned_from(self) -> Option<u32> {
        match self {
            Self::Advisor { runs } => Some(runs),
            Self::Path | Self::Default => None,
        }
    }
}

/// Adds defaults to a load tree, from the top down (`steps.rs`).
pub(crate) struct AddDefaults {
    defaults: Defaults,
    /// Advises on relations for which nothing else decides.
    run: Option<Rc<dyn Run>>,
    /// The entities on the way.
    above: Vec<TypeId>,
    /// The steps that led here from the rows of the query.
    way: Vec<WayStep>,
}

impl AddDefaults {
    /// Adds the defaults of a query for the rows of a cohort.
    pub(crate) fn of_query(rows: &Parents) -> Self {
        let run = rows.cohort.run();
        Self { defaults: rows.defaults(), run, above: Vec::new(), way: Vec::new() }
    }

    /// Adds the defaults below a relation that an access loads for a cohort.
    pub(crate) fn of_access(parents: &Parents, accessed: WayStep) -> Self {
        let run = parents.cohort.run();
        let way = run.as_ref().and_then(|_| parents.cohort.way());
        Self {
            defaults: parents.defaults(),
            run: run.filter(|_| way.is_some()),
            above: parents.cohort.entities().to_vec(),
            way: way.into_iter().flatten().chain([accessed]).collect(),
        }
    }

    /// Adds the defaults of what is loaded below a path that is preloaded for rows of one entity. The rows can come from
    /// several queries, so no advisor is asked.
    pub(crate) fn of_preload<E: Entity>(defaults: Defaults) -> Self {
        Self { defaults, run: None, above: vec![TypeId::of::<E>()], way: Vec::new() }
    }

    /// Adds the defaults of the relations of one entity, and below them.
    pub(crate) fn at<P: Entity>(&mut self, add: impl FnOnce(&mut Self)) {
        self.above.push(TypeId::of::<P>());
        add(self);
        self.above.pop();
    }

    /// Goes one step down.
    pub(crate) fn below(&mut self, step: WayStep, add: impl FnOnce(&mut Self)) {
        self.way.push(step);
        add(self);
        self.way.pop();
    }

    /// Returns the strategy of a relation that no load path mentions, and who chooses it; `None` if it stays lazy.
    pub(crate) fn strategy<R: Relation>(&self) -> Option<(Strategy, ChosenBy)> {
        let entity = R::INFO.strategy;
        let nothing_else_decides = self.defaults.query.or(entity).is_none() && self.way.len() <= WAY;
        let advised = self
            .run
            .as_ref()
            .filter(|_| nothing_else_decides)
            .and_then(|run| run.strategy(&Question { way: &self.way, relation: R::INFO }));
        if let Some(advised) = advised {
            // Advice may lead back to an entity on the way. The length of the way is limited, so this ends.
            return Some((advised.strategy, ChosenBy::Advisor { runs: advised.runs }));
        }
        let strategy = self.defaults.of(entity);
        // An eager default may lead back to an entity on the way. Following it would never end, so the
        // relation stays lazy.
        let leads_back = self.above.contains(&TypeId::of::<R::Target>());
        (!strategy.is_eager() || !leads_back).then_some((strategy, ChosenBy::Default))
    }
}
