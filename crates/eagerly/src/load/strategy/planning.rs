//! Skip at first. Adds the statements of a step to a plan.

use crate::error::Result;
use crate::gate::Gate;
use crate::load::fetch;
use crate::load::plan::Plan;
use crate::load::strategy::contract::Step;
use crate::model::Relation;
use crate::query::Query;
use crate::trace::learned_from;

impl<R: Relation> Step<R> {
    /// Adds a statement for related rows to a plan, and those below it. `build` builds the query for the
    /// rows; with `true` it must allow joins.
    pub(crate) fn plan_statement(
        &self,
        plan: &mut Plan,
        mut loads_what: String,
        keyed_by: String,
        build: &dyn Fn(&Gate, bool) -> Result<Query>,
    ) {
        loads_what += &self.learned();
        let below = &*self.below;
        let gate = plan.parents.gate.clone();
        let restated = below.restates().then(|| build(&gate, false)).transpose();
        match (build(&gate, below.joins()), restated) {
            (Ok(query), Ok(restated)) => {
                fetch::plan(plan, loads_what, keyed_by, query, below);
                below.plan(plan, restated.as_ref());
            }
            (Err(error), _) | (_, Err(error)) => plan.fail(error),
        }
    }

    /// Returns the evidence of an advisor that chose the strategy, for a plan. It is empty if none did.
    pub(crate) fn learned(&self) -> String {
        self.chosen_by.learned_from().map(learned_from).unwrap_or_default()
    }
}
