//! What a query loads along with its rows: the load paths given to `.with(…)`, merged into a tree.
//!
//! ```text
//! .with(selectin(Customer::ORDERS).selectin(Order::ITEMS))        Customer
//! .with(selectin(Customer::ORDERS).joined(Order::CUSTOMER))       └─ orders: selectin
//!                                                                    ├─ items: selectin
//!                                                                    └─ customer: joined
//! ```
//!
//! Loading walks the tree from the top: the rows of an entity are read, along with everything that is joined
//! to their statement; then each other relation is loaded for all of them at once, which gives the rows of the
//! next level. So the number of statements depends on the tree and not on the number of rows.
//!
//! A relation that no path mentions has its default: what the entity says (`#[entity(strategy = "batch")]`), else
//! what the session says (`session.default_strategy(…)`), else lazy.

use std::any::{Any, TypeId};
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::error::Result;
use crate::link;
use crate::plan::Plan;
use crate::related::Policy;
use crate::relation::{Relation, RelationVisitor};
use crate::source::Source;
use crate::sql::SelectSql;
use crate::strategy::joined::{self, JoinReader};
use crate::strategy::{Strategy, batch, immediate, selectin, subquery};

/// The relations of the entity `P` that a query loads, and what it loads below each.
pub struct LoadTree<P>(Vec<Box<dyn Load<P>>>);

impl<P> Default for LoadTree<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Entity> LoadTree<P> {
    /// Adds a relation, or adds to it if it is there: two paths with a common beginning share it.
    pub(crate) fn add<R: Relation<Parent = P>>(&mut self, strategy: Strategy, below: LoadTree<R::Target>) {
        match self.find::<Step<R>>() {
            Some(step) => {
                step.strategy = strategy;
                if let Some(present) = Rc::get_mut(&mut step.below) {
                    below.0.into_iter().for_each(|load| load.merge_into(present));
                }
            }
            None => self.push(Step::<R> {
                strategy,
                below: Rc::new(below),
                is_default: false,
            }),
        }
    }

    pub(crate) fn push(&mut self, load: impl Load<P> + 'static) {
        self.0.push(Box::new(load));
    }

    /// The load of a given type, if it is there.
    pub(crate) fn find<L: 'static>(&mut self) -> Option<&mut L> {
        self.0.iter_mut().find_map(|load| load.as_any().downcast_mut())
    }

    /// Adds the relations that are not mentioned and whose default is not lazy, here and below. `above` is what
    /// the path has come through.
    pub(crate) fn add_defaults(&mut self, session: Strategy, above: &mut Vec<TypeId>) {
        above.push(TypeId::of::<P>());
        P::each_relation(&mut DefaultAdder {
            loads: self,
            session,
            above,
        });
        for load in &mut self.0 {
            load.add_defaults(session, above);
        }
        above.pop();
    }

    /// Whether any relation is joined to the rows' own statement.
    pub(crate) fn joins(&self) -> bool {
        self.0.iter().any(|load| load.strategy() == Strategy::Joined)
    }

    /// Whether a joined relation leads to many rows, so that the parents' rows repeat.
    pub(crate) fn joins_collection(&self) -> bool {
        self.0.iter().any(|load| load.joins_collection())
    }

    /// Whether more statements follow that of the rows themselves.
    pub(crate) fn sends_statements(&self) -> bool {
        self.0.iter().any(|load| load.sends_statements())
    }

    /// Whether a relation here or joined here is loaded by re-stating the rows' own query.
    pub(crate) fn restates(&self) -> bool {
        self.0.iter().any(|load| load.restates())
    }

    /// Joins what is to be joined; gives the readers of the joined columns.
    pub(crate) fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Vec<Box<dyn JoinReader<P> + 'l>>> {
        let collections = self.0.iter().filter(|load| load.joins_collection()).count();
        let mut readers = Vec::new();
        for load in &self.0 {
            let others = collections - usize::from(load.joins_collection());
            let site = JoinSite {
                repeats: site.repeats || others > 0,
                ..*site
            };
            readers.extend(load.join(select, &site)?);
        }
        Ok(readers)
    }

    /// Loads, for rows that have been read, every relation that takes statements of its own. `source` is the
    /// rows' own query, if anything re-states it.
    pub(crate) fn load(&self, parents: &[P], source: Option<&Source>) -> Result<()> {
        self.0.iter().try_for_each(|load| load.load(parents, source))
    }

    /// Says what loading will send.
    pub(crate) fn plan(&self, plan: &mut Plan, source: Option<&Source>) {
        self.0.iter().for_each(|load| load.plan(plan, source));
    }
}

/// Adds the default of each relation that is not mentioned.
struct DefaultAdder<'a, P> {
    loads: &'a mut LoadTree<P>,
    session: Strategy,
    above: &'a [TypeId],
}

impl<P: Entity> RelationVisitor<P> for DefaultAdder<'_, P> {
    fn relation<R: Relation<Parent = P>>(&mut self) {
        let strategy = R::INFO.strategy.unwrap_or(self.session);
        // An eager default that led back to where the path has been would never end: it ends there, lazily.
        let comes_back = self.above.contains(&TypeId::of::<R::Target>());
        let stays_lazy = strategy == Strategy::Lazy || (strategy.is_eager() && comes_back);
        if !stays_lazy && self.loads.find::<Step<R>>().is_none() {
            self.loads.push(Step::<R> {
                strategy,
                below: Rc::default(),
                is_default: true,
            });
        }
    }
}

/// Where in a statement a join is made.
#[derive(Clone, Copy)]
pub(crate) struct JoinSite<'a> {
    /// The name of the parents' table in the statement.
    pub(crate) alias: &'a str,
    /// The parents' cohort.
    pub(crate) parents: &'a Rc<Cohort>,
    /// Whether a row that was joined here may come again after others have come.
    pub(crate) repeats: bool,
}

/// Something to load for the entity `P`; which relation it is, is known to the implementation alone.
pub(crate) trait Load<P> {
    fn strategy(&self) -> Strategy;
    fn joins_collection(&self) -> bool;
    fn sends_statements(&self) -> bool;
    fn restates(&self) -> bool;
    fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<Box<dyn JoinReader<P> + 'l>>>;
    fn load(&self, parents: &[P], source: Option<&Source>) -> Result<()>;
    fn plan(&self, plan: &mut Plan, source: Option<&Source>);
    fn add_defaults(&mut self, session: Strategy, above: &mut Vec<TypeId>);
    fn merge_into(self: Box<Self>, loads: &mut LoadTree<P>);
    fn as_any(&mut self) -> &mut dyn Any;
}

/// The relation `R`, how it is loaded, and what is loaded below it.
struct Step<R: Relation> {
    strategy: Strategy,
    below: Rc<LoadTree<R::Target>>,
    /// Whether it is there by default; then what is below an access is found out at the access.
    is_default: bool,
}

impl<R: Relation> Step<R> {
    /// Leaves word, for when the relation is accessed.
    fn on_access(&self, parents: &[R::Parent]) {
        if let Some(related) = link::shared_by::<R>(parents) {
            related.set_policy(Policy {
                strategy: self.strategy,
                below: (!self.is_default).then(|| Rc::clone(&self.below)),
                keys: (self.strategy == Strategy::Batch).then(|| batch::keys::<R>(parents)),
            });
        }
    }
}

impl<R: Relation> Load<R::Parent> for Step<R> {
    fn strategy(&self) -> Strategy {
        self.strategy
    }

    fn joins_collection(&self) -> bool {
        self.strategy == Strategy::Joined && (R::INFO.kind.points_here() || self.below.joins_collection())
    }

    fn sends_statements(&self) -> bool {
        match self.strategy {
            Strategy::Immediate | Strategy::Selectin | Strategy::Subquery => true,
            Strategy::Joined => self.below.sends_statements(),
            Strategy::Lazy | Strategy::Batch | Strategy::Raise => false,
        }
    }

    fn restates(&self) -> bool {
        match self.strategy {
            Strategy::Subquery => true,
            Strategy::Joined => self.below.restates(),
            _ => false,
        }
    }

    fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<Box<dyn JoinReader<R::Parent> + 'l>>> {
        match self.strategy {
            Strategy::Joined => joined::join::<R>(&self.below, select, site).map(Some),
            _ => Ok(None),
        }
    }

    fn load(&self, parents: &[R::Parent], source: Option<&Source>) -> Result<()> {
        match self.strategy {
            Strategy::Lazy | Strategy::Batch | Strategy::Raise => {
                self.on_access(parents);
                Ok(())
            }
            Strategy::Immediate => immediate::load::<R>(parents, &self.below),
            Strategy::Selectin => selectin::load::<R>(parents, &self.below),
            Strategy::Subquery => subquery::load::<R>(parents, &self.below, source),
            // Joined rows came with the parents' own.
            Strategy::Joined => Ok(()),
        }
    }

    fn plan(&self, plan: &mut Plan, source: Option<&Source>) {
        plan.step::<R>(self.strategy, &self.below, source);
    }

    fn add_defaults(&mut self, session: Strategy, above: &mut Vec<TypeId>) {
        // What comes by default at an access is found out then: looking ahead from here might never end.
        let later = self.is_default && !self.strategy.is_eager();
        if !later && let Some(below) = Rc::get_mut(&mut self.below) {
            below.add_defaults(session, above);
        }
    }

    fn merge_into(self: Box<Self>, loads: &mut LoadTree<R::Parent>) {
        // While a query is being built, nobody else holds what is below.
        let below = Rc::into_inner(self.below).unwrap_or_default();
        loads.add::<R>(self.strategy, below);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
