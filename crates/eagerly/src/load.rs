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

use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::error::Result;
use crate::relation::{Relation, RelationKind};
use crate::sql::SelectSql;
use crate::strategy::joined::{self, JoinReader};
use crate::strategy::{Strategy, selectin};

/// The relations of the entity `P` that a query loads, and what it loads below each.
pub struct Loads<P>(Vec<Box<dyn Load<P>>>);

impl<P> Default for Loads<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Entity> Loads<P> {
    /// Adds a relation, or adds to it if it is there: two paths with a common beginning share it.
    pub(crate) fn add<R: Relation<Parent = P>>(&mut self, strategy: Strategy, below: Loads<R::Target>) {
        let present = self.0.iter_mut().find_map(|load| load.as_any().downcast_mut());
        match present {
            Some(step) => {
                let step: &mut Step<R> = step;
                step.strategy = strategy;
                for load in below.0 {
                    load.merge_into(&mut step.below);
                }
            }
            None => self.0.push(Box::new(Step::<R> {
                strategy,
                below,
                relation: PhantomData,
            })),
        }
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

    /// Loads, for rows that have been read, every relation that takes statements of its own.
    pub(crate) fn load(&self, parents: &[P]) -> Result<()> {
        self.0.iter().try_for_each(|load| load.load(parents))
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

/// One relation of the entity `P` to load; which one is known to the implementation alone.
trait Load<P> {
    fn strategy(&self) -> Strategy;
    fn joins_collection(&self) -> bool;
    fn sends_statements(&self) -> bool;
    fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<Box<dyn JoinReader<P> + 'l>>>;
    fn load(&self, parents: &[P]) -> Result<()>;
    fn merge_into(self: Box<Self>, loads: &mut Loads<P>);
    fn as_any(&mut self) -> &mut dyn Any;
}

/// The relation `R`, how it is loaded, and what is loaded below it.
struct Step<R: Relation> {
    strategy: Strategy,
    below: Loads<R::Target>,
    relation: PhantomData<R>,
}

impl<R: Relation> Load<R::Parent> for Step<R> {
    fn strategy(&self) -> Strategy {
        self.strategy
    }

    fn joins_collection(&self) -> bool {
        self.strategy == Strategy::Joined
            && (R::INFO.kind == RelationKind::HasMany || self.below.joins_collection())
    }

    fn sends_statements(&self) -> bool {
        self.strategy == Strategy::Selectin || self.below.sends_statements()
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

    fn load(&self, parents: &[R::Parent]) -> Result<()> {
        match self.strategy {
            Strategy::Selectin => selectin::load::<R>(parents, &self.below),
            // Joined rows came with the parents' own; lazy ones come when they are accessed.
            Strategy::Joined | Strategy::Lazy => Ok(()),
        }
    }

    fn merge_into(self: Box<Self>, loads: &mut Loads<R::Parent>) {
        loads.add::<R>(self.strategy, self.below);
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
