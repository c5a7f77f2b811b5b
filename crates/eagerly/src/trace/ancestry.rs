//! Skip at first. The ancestry of a cohort: the cohorts and relations that lead to it.
//!
//! By it, an error names the load path to write at the origin, and the detector recognises cohorts that were reached
//! through the same relations.

use std::any::TypeId;
use std::cell::OnceCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use crate::trace::cohort::{Cohort, Details};
use crate::trace::relation_info::RelationInfo;
use crate::trace::strategy::Strategy;

impl Cohort {
    /// Returns this cohort and those that led to it, up to the root.
    fn ancestry(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |cohort| cohort.parents())
    }

    /// Returns the load path that loads `relation` too, to be written at the origin:
    /// `selectin(Customer::ORDERS).selectin(Order::ITEMS)`. Relations that are loaded eagerly on the way keep their
    /// strategy.
    pub fn load_path(&self, relation: &RelationInfo) -> String {
        let last = format!("selectin({})", relation.constant());
        // Rows that were loaded one by one are loaded together instead, or the rest of the path saves little.
        let together = |strategy| match strategy {
            Strategy::Lazy | Strategy::Immediate => Strategy::Selectin,
            other => other,
        };
        match self.path_by(together) {
            path if path.is_empty() => last,
            path => format!("{path}.{last}"),
        }
    }

    /// Returns the load path that leads to these rows, each step by the strategy that loaded it. It is empty for rows
    /// that the program queried.
    pub fn path(&self) -> String {
        self.path_by(|strategy| strategy)
    }

    fn path_by(&self, strategy: impl Fn(Strategy) -> Strategy) -> String {
        let step = |cohort: &Self| {
            // The cohort does not hold the filter or the limit of a part.
            let part = if cohort.is_part() { ".…" } else { "" };
            Some(format!("{}({}{part})", strategy(cohort.strategy()?), cohort.relation()?.constant()))
        };
        let mut steps: Vec<_> = self.ancestry().filter_map(step).collect();
        steps.reverse();
        steps.join(".")
    }

    /// Returns a number for the relations that lead from the root to here. Cohorts that were reached through the same
    /// relations have the same number.
    pub fn lineage(&self) -> u64 {
        self.inherited(
            0,
            |details| &details.lineage,
            |cohort, lineage| {
                let Some(relation) = cohort.relation() else {
                    return lineage;
                };
                let mut hasher = DefaultHasher::new();
                (lineage, relation, cohort.is_part()).hash(&mut hasher);
                hasher.finish()
            },
        )
    }

    /// Returns the entities on the way from the root to here, each once.
    pub(crate) fn entities(&self) -> Rc<[TypeId]> {
        self.inherited(
            Rc::default(),
            |details| &details.entities,
            |cohort, known| {
                let entity = (cohort.entity_info().type_id)();
                match known.contains(&entity) {
                    true => known,
                    false => known.iter().copied().chain([entity]).collect(),
                }
            },
        )
    }

    /// Returns a fact that each cohort derives from the same fact about its parents. Each cohort on the way keeps it, so
    /// that a long chain is not followed again from each of its links.
    fn inherited<T: Clone>(
        &self,
        mut fact: T,
        kept: impl Fn(&Details) -> &OnceCell<T>,
        derive: impl Fn(&Self, T) -> T,
    ) -> T {
        let mut unknown = Vec::new();
        for cohort in self.ancestry() {
            if let Some(known) = kept(cohort.details()).get() {
                fact = known.clone();
                break;
            }
            unknown.push(cohort);
        }
        for cohort in unknown.into_iter().rev() {
            fact = derive(cohort, fact);
            let _ = kept(cohort.details()).set(fact.clone());
        }
        fact
    }
}
