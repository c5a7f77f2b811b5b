//! The contract of a loading strategy: the five things that each strategy decides.

use std::rc::Rc;

use crate::database::Value;
use crate::error::{Error, Result};
use crate::load::defaults::ChosenBy;
use crate::load::plan::Plan;
use crate::load::tree::{BoxedJoinReader, JoinSite, LoadTree};
use crate::model::{Access, Key, Keys, Parents, Related, Relation};
use crate::query::{PartSpec, Query, SelectSql};
use crate::trace::{Cause, Strategy};

/// How one strategy loads the relation `R`. [`Strategy::when`] defines when.
pub(crate) trait LoadingStrategy<R: Relation> {
    /// Returns whether loading repeats the parents' own query.
    fn restates(&self) -> bool {
        false
    }

    /// Loads the relation for parents that have been read, or sets what an access does. `query` is the
    /// parents' own query, if anything repeats it.
    fn load(&self, step: &Step<R>, parents: &[R::Parent], query: Option<&Query>) -> Result<()>;

    /// Joins the relation to the parents' own statement.
    fn join<'l>(
        &self,
        step: &'l Step<R>,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<BoxedJoinReader<'l, R::Parent>>> {
        let _ = (step, select, site);
        Ok(None)
    }

    /// Loads the relation because the program accesses it. `below` is what to load with it. Called only for
    /// strategies whose `when` is `OnAccess`.
    fn access<'r>(
        &self,
        pending: &PendingLoad<R>,
        below: &LoadTree<R::Target>,
        access: &Access<'r, R::Target>,
    ) -> Result<&'r [R::Target]> {
        let _ = (pending, below);
        Err(Error::NotUpFront { relation: R::INFO.to_string(), at: access.at })
    }

    /// Adds what loading will send to a plan.
    fn plan(&self, step: &Step<R>, plan: &mut Plan, query: Option<&Query>);
}

/// The relation `R` in a load tree: how it is loaded, and what is loaded below it.
pub(crate) struct Step<R: Relation> {
    pub(crate) strategy: Strategy,
    /// The part of the relation that is loaded; `None` for the whole.
    pub(crate) part: Option<PartSpec>,
    pub(crate) below: Rc<LoadTree<R::Target>>,
    /// If it was not a load path, what is loaded below an access is decided at the access.
    pub(crate) chosen_by: ChosenBy,
    /// Whether the query also loads another part of the relation.
    pub(crate) has_second_part: bool,
}

/// A relation that waits for an access, and how to load it then.
pub(crate) struct PendingLoad<R: Relation> {
    pub(crate) strategy: Strategy,
    /// What to load with the children; `None` for the defaults at the time of the access.
    pub(crate) below: Option<Rc<LoadTree<R::Target>>>,
    /// The keys of all parents, if an access loads the children of all.
    pub(crate) keys: Option<Keys>,
    pub(crate) learned_from: Option<u32>,
}

impl<R: Relation> PendingLoad<R> {
    /// Loads the relation for one row, for which it is loaded again.
    pub(crate) fn again(parents: &Parents, below: Option<Rc<LoadTree<R::Target>>>) -> Self {
        let strategy = parents.defaults().again(R::INFO.strategy);
        Self { strategy, below, keys: None, learned_from: None }
    }

    /// Returns the cause of a statement that the access sends.
    pub(crate) fn cause<'r>(&self, access: &Access<'r, R::Target>) -> Cause<'r> {
        Cause::Access {
            relation: R::INFO,
            strategy: self.strategy,
            at: access.at,
            parents: &access.related.parents.cohort,
            position: access.position,
            learned_from: self.learned_from,
        }
    }
}

impl<R: Relation> Step<R> {
    /// Leaves the relation unloaded, and sets what an access does.
    pub(crate) fn defer(&self, parents: &[R::Parent], keys: Option<Keys>) {
        if let Some(related) = related::<R>(parents) {
            let below = (self.chosen_by == ChosenBy::Path).then(|| Rc::clone(&self.below));
            let (strategy, learned_from) = (self.strategy, self.chosen_by.learned_from());
            related.set_on_access(Box::new(PendingLoad::<R> { strategy, below, keys, learned_from }));
        }
    }

    /// Remembers what is loaded below the relation, for a row for which it is loaded again.
    pub(crate) fn remember(&self, related: &Related<R::Target>) {
        if self.chosen_by == ChosenBy::Path && !self.below.0.is_empty() {
            let again = PendingLoad::<R>::again(&related.parents, Some(Rc::clone(&self.below)));
            related.set_on_access(Box::new(again));
        }
    }

    /// Returns the cause of a statement that loads this step for the parent at `position`, or for all parents.
    pub(crate) fn cause<'r>(&self, parents: &'r Parents, position: Option<u32>) -> Cause<'r> {
        let parents = &*parents.cohort;
        Cause::Eager {
            relation: R::INFO,
            parents,
            strategy: self.strategy,
            is_part: self.part.is_some(),
            position,
            at: parents.preloaded_at().unwrap_or(parents.origin()),
            preloads: None,
            learned_from: self.chosen_by.learned_from(),
        }
    }
}

/// Returns the `Related` of the parents' cohort; `None` if there is no parent.
pub(crate) fn related<R: Relation>(parents: &[R::Parent]) -> Option<&Rc<Related<R::Target>>> {
    R::link(parents.first()?).related()
}

/// Returns the keys of the parents.
pub(crate) fn keys<'p, R: Relation>(parents: impl ExactSizeIterator<Item = &'p R::Parent> + Clone) -> Keys {
    if !R::INFO.has_integer_keys {
        return Keys::Others(parents.map(|parent| R::key(parent).into_owned()).collect());
    }
    let integer = |parent: &R::Parent| match R::key(parent) {
        Key::One(Value::Integer(integer)) => Some(integer),
        _ => None,
    };
    // Without a null, a key takes 8 bytes instead of 16. (`collect` could not see their number in advance.)
    let mut integers = Vec::with_capacity(parents.len());
    for parent in parents.clone() {
        match integer(parent) {
            Some(key) => integers.push(key),
            None => return Keys::Nullable(parents.map(integer).collect()),
        }
    }
    Keys::Integers(integers)
}
