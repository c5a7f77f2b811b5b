//! Skip at first. The ancestry of a cohort: the cohorts and relations that lead to it.
//!
//! Errors use it to name the load path to write at the origin. The detector uses it to group cohorts that
//! were reached through the same relations.

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

    /// Returns the load path to write at the origin so that `relation` is loaded too:
    /// `selectin(Customer::ORDERS).selectin(Order::ITEMS)`. Steps by `lazy` and `immediate` become
    /// `selectin`. Other steps keep their strategy.
    pub fn load_path(&self, relation: &RelationInfo) -> String {
        let last = format!("selectin({})", relation.constant());
        // Otherwise these steps would still send a statement for each row.
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

    /// Returns a hash of the relations that lead from the root to here. Cohorts that were reached through the
    /// same relations have the same hash.
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

    /// Computes a value from each cohort and its parents' value, and caches it in every cohort on the way. So
    /// a long chain is not followed again from each of its links.
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
