//! The load tree: what a query loads with its rows. It merges the load paths given to `.with(…)`.
//!
//! ```text
//! .with(selectin(Customer::ORDERS).selectin(Order::ITEMS))        Customer
//! .with(selectin(Customer::ORDERS).joined(Order::CUSTOMER))       └─ orders: selectin
//!                                                                    ├─ items: selectin
//!                                                                    └─ customer: joined
//! ```
//!
//! Loading walks the tree from the top. The rows of an entity are read, with everything that is joined to
//! their statement. Then each other relation is loaded for all of them at once, which returns the rows of the
//! next level. Except for `immediate` and `lazy`, the number of statements does not grow with the number of
//! rows.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use crate::call_site::CallSite;
use crate::database::{Dialect, Row};
use crate::error::Result;
use crate::gate::{Bracket, Gate};
use crate::load::defaults::AddDefaults;
use crate::load::plan::Plan;
use crate::model::Parents;
use crate::query::{Query, SelectSql};
use crate::trace::{Defaults, When};

/// The relations of the entity `P` that a query loads, and what it loads below each.
pub struct LoadTree<P>(pub(crate) Vec<Box<dyn Load<P>>>);

impl<P> Default for LoadTree<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One relation to load for the entity `P`. Only `Step<R>` (`steps.rs`) has the relation's type.
pub(crate) trait Load<P> {
    /// Returns when the relation is loaded.
    fn when(&self) -> When;
    /// Returns whether the relation is joined and leads to many rows, so that the parents' rows repeat.
    fn joins_collection(&self) -> bool;
    /// Returns whether the relation, or one below it, is loaded up front by statements of its own.
    fn sends_statements(&self) -> bool;
    /// Returns whether the relation, or one that is joined to it, is loaded by repeating the parents' query.
    fn restates(&self) -> bool;
    /// Returns an error if a part, here or below, cannot be loaded.
    fn check(&self, dialect: Dialect) -> Result<()>;
    /// Joins the relation to the parents' statement; returns `None` if its strategy does not.
    fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<BoxedJoinReader<'l, P>>>;
    /// Loads the relation for parents that have been read. `query` is the parents' own query, if anything repeats it.
    fn load(&self, parents: &[P], query: Option<&Query>) -> Result<()>;
    /// Loads the relation for rows that are there already, unless it is loaded.
    fn preload(&self, rows: &[&P], call: &PreloadCall<'_>) -> Result<()>;
    /// Returns whether preloading the relation may send several statements.
    fn preloads_in_several(&self) -> bool;
    /// Returns the default strategies of the query for the rows.
    fn defaults_of(&self, rows: &[&P]) -> Option<Defaults>;
    /// Adds what loading will send to a plan.
    fn plan(&self, plan: &mut Plan, query: Option<&Query>);
    /// Adds the default strategies below this relation.
    fn add_defaults(&mut self, adding: &mut AddDefaults);
    /// Adds this relation to another tree.
    fn merge_into(self: Box<Self>, tree: &mut LoadTree<P>);
    fn as_any(&mut self) -> &mut dyn Any;
}

/// Reads the columns of one joined relation, row by row.
pub(crate) trait JoinReader<P> {
    /// Reads from a row what belongs to the parent at the position `parent`.
    fn read(&mut self, row: &Row<'_>, parent: u32) -> Result<()>;

    /// Assigns the children to their parents, once all rows are read.
    fn finish(self: Box<Self>, parents: &[P], query: Option<&Query>) -> Result<()>;
}

/// The reader of a joined relation.
pub(crate) type BoxedJoinReader<'l, P> = Box<dyn JoinReader<P> + 'l>;

/// A call of `session.preload`, which loads relations of rows that are there already (`preload.rs`).
pub(crate) struct PreloadCall<'g> {
    pub(crate) gate: &'g Rc<Gate>,
    pub(crate) at: CallSite,
    /// Whether several statements may be sent, which must then see one state.
    pub(crate) needs_snapshot: bool,
    /// Begun before the first statement. If everything is loaded already, nothing is sent.
    pub(crate) snapshot: OnceCell<Bracket<'g>>,
}

/// Where in a statement a join is made.
#[derive(Clone, Copy)]
pub(crate) struct JoinSite<'a> {
    /// The name of the parents' table in the statement.
    pub(crate) alias: &'a str,
    pub(crate) parents: &'a Parents,
    /// Whether a row that is joined here may repeat after other rows.
    pub(crate) repeats: bool,
}

impl<P> LoadTree<P> {
    /// Returns whether any relation is joined to the rows' own statement.
    pub(crate) fn joins(&self) -> bool {
        self.0.iter().any(|load| load.when() == When::WithParents)
    }

    /// Returns whether a joined relation leads to many rows, so that the parents' rows repeat.
    pub(crate) fn joins_collection(&self) -> bool {
        self.0.iter().any(|load| load.joins_collection())
    }

    /// Returns whether more statements follow that of the rows themselves.
    pub(crate) fn sends_statements(&self) -> bool {
        self.0.iter().any(|load| load.sends_statements())
    }

    /// Returns whether anything repeats the rows' own query.
    pub(crate) fn restates(&self) -> bool {
        self.0.iter().any(|load| load.restates())
    }

    /// Returns an error if a part cannot be loaded. It is called before anything is sent.
    pub(crate) fn check(&self, dialect: Dialect) -> Result<()> {
        self.0.iter().try_for_each(|load| load.check(dialect))
    }

    /// Joins every relation that is to be joined. Returns their readers.
    pub(crate) fn join<'l>(
        &'l self,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Vec<BoxedJoinReader<'l, P>>> {
        let collections = self.0.iter().filter(|load| load.joins_collection()).count();
        let mut readers = Vec::new();
        for load in &self.0 {
            let others = collections - usize::from(load.joins_collection());
            let site = JoinSite { repeats: site.repeats || others > 0, ..*site };
            readers.extend(load.join(select, &site)?);
        }
        Ok(readers)
    }

    /// Loads, for rows that have been read, every relation that is not joined.
    pub(crate) fn load(&self, parents: &[P], query: Option<&Query>) -> Result<()> {
        self.0.iter().try_for_each(|load| load.load(parents, query))
    }

    /// Adds what loading will send to a plan.
    pub(crate) fn plan(&self, plan: &mut Plan, query: Option<&Query>) {
        self.0.iter().for_each(|load| load.plan(plan, query));
    }
}
