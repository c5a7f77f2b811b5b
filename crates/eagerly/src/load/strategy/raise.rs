//! `raise`: accessing an unloaded relation is an error.
//!
//! Statements: 1, the parents' own. It is for a page that must not load lazily, in a test or in production.
//! Instead of an unexpected statement, the program gets an error. It names the relation, the line of the
//! access, the line where the parents were queried, and the code to add there.

use crate::error::{Error, Result};
use crate::load::path::{After, Path, Raised, Selectable, StepFrom, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, PendingLoad, Step};
use crate::load::tree::LoadTree;
use crate::model::{Access, Relation};
use crate::query::Query;

/// Makes a load path: the relation is not loaded, and an access is an error. The path ends here, because nothing can be
/// loaded below rows that are never loaded.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let customers = session.all(Customer::select().with(raise(Customer::ORDERS)))?;
/// let error = customers[0].orders().unwrap_err().to_string();
/// assert!(error.contains("help: add `.with(selectin(Customer::ORDERS))` to the query at "));
/// # Ok::<(), Error>(())
/// ```
pub fn raise<R: Relation>(relation: R) -> Raised<R> {
    Path::raised(relation)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Ends the path with a relation that is not loaded. An access is an error.
    pub fn raise<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<Raised<N>>> {
        self.then(raise(relation))
    }
}

pub(super) struct Raise;

impl<R: Relation> LoadingStrategy<R> for Raise {
    fn load(&self, step: &Step<R>, parents: &[R::Parent], _: Option<&Query>) -> Result<()> {
        step.defer(parents, None);
        Ok(())
    }

    #[cold]
    fn access<'r>(
        &self,
        _: &PendingLoad<R>,
        _: &LoadTree<R::Target>,
        access: &Access<'r, R::Target>,
    ) -> Result<&'r [R::Target]> {
        let parents = &access.related.parents.cohort;
        Err(Error::Raised { relation: R::INFO.to_string(), at: access.at, advice: parents.advice(R::INFO) })
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, _: Option<&Query>) {
        plan.remark(R::INFO, &format!("by raise{}: an access is an error", step.learned()));
    }
}
