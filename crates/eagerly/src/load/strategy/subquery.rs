//! `subquery`: related rows are loaded up front, for the whole cohort, by a statement that repeats the
//! parents' own query instead of listing their keys.
//!
//! ```sql
//! SELECT "id", "first_name", "last_name", "email" FROM "customers" WHERE "last_name" = ?1 ORDER BY "id"
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders"
//!     WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1)
//!     ORDER BY "customer_id", "id"
//! SELECT "id", "order_id", "product", "quantity", "unit_price" FROM "order_items"
//!     WHERE "order_id" IN (SELECT "id" FROM "orders"
//!         WHERE "customer_id" IN (SELECT "id" FROM "customers" WHERE "last_name" = ?1))
//!     ORDER BY "order_id", "id"
//! ```
//!
//! Statements: 3, as for `selectin`. No keys are sent. The parents' query runs again at each level, so the
//! cost of an expensive query is paid several times.
//!
//! If the parents' query selects the whole table, there is nothing to repeat. All children are read, in the order in
//! which they are stored:
//!
//! ```sql
//! SELECT "id", "customer_id", "placed_on", "status" FROM "orders" ORDER BY "id"
//! ```
//!
//! That is the fastest way to load everything: no index is searched, and the table is read from its first page to its
//! last. The children are then moved to their parents (`matching/scatter.rs`).
//!
//! Keys that are not integers are listed, as by `selectin`. Without the list, the database could not return
//! which of the parents' keys it matched. In `chunks`, or if the query has a limit and the entity no key,
//! `subquery` lists the keys, too.

use crate::database::Row;
use crate::error::Result;
use crate::gate::Gate;
use crate::load::fetch::fetch;
use crate::load::matching::Matching;
use crate::load::matching::parent_keys::ParentKeys;
use crate::load::path::{After, Path, Selectable, Start, StepFrom, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, Step, keys, related};
use crate::load::strategy::selectin;
use crate::model::{Collection, Relation};
use crate::query::{Children, ParentFilter, PartSpec, Query};
use crate::trace::{RelationInfo, Strategy};

/// Begins a load path: the relation is loaded for all parents by one more statement, which repeats the
/// parents' query.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(subquery(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1 + 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1 + 1);
/// # Ok::<(), Error>(())
/// ```
pub fn subquery<R: Relation>(relation: R) -> Start<R> {
    Path::start(relation, Strategy::Subquery)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation that is loaded by one more statement, which repeats the parents' query.
    pub fn subquery<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<Start<N>>> {
        self.then(subquery(relation))
    }
}

pub(super) struct Subquery;

impl<R: Relation> LoadingStrategy<R> for Subquery {
    fn restates(&self) -> bool {
        true
    }

    fn load(&self, step: &Step<R>, parents: &[R::Parent], query: Option<&Query>) -> Result<()> {
        let Some(related) = related::<R>(parents) else {
            return Ok(());
        };
        let gate = &related.parents.gate;
        let types = gate.key_types(R::INFO)?;
        let Some(query) = query.filter(|_| types.are_integers()) else {
            return selectin::load(step, parents);
        };
        let keys = keys::<R>(parents.iter());
        let index = ParentKeys::new(&keys, true);
        if index.is_empty() {
            related.keep_whole(Collection::empty(keys));
            return Ok(());
        }
        let below = &*step.below;
        let restated = below.restates().then(|| statement(gate, R::INFO, query, false)).transpose()?;
        let restated = restated.map(|children| children.query);
        let statement = statement(gate, R::INFO, query, below.joins())?;
        let mut matching = match statement.query.select.has_orphans {
            true => Matching::mixed(index, statement.place),
            false => Matching::together(index, statement.place),
        };
        let cause = step.cause(&related.parents, None);
        let to = related.parents.reached(R::INFO, Strategy::Subquery, cause);
        let mut each = |row: &Row<'_>, position| matching.row(row, position);
        let children = fetch(to, statement.query, restated, below, cause, Some(&mut each))?;
        let (children, ranges) =
            matching.assigned(children, R::INFO).map_err(|error| gate.redacted(error))?;
        related.keep_whole(Collection::new(children, ranges, keys));
        Ok(())
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, query: Option<&Query>) {
        let types = match plan.parents.gate.key_types(R::INFO) {
            Ok(types) => types,
            Err(error) => return plan.fail(error),
        };
        let Some(query) = query.filter(|_| types.are_integers()) else {
            return selectin::plan_listed(step, plan, "");
        };
        step.plan_statement(
            plan,
            format!("{}, by subquery", R::INFO),
            format!("the query for {:?}, repeated", R::INFO.parent.full_name),
            &|gate, is_joined| Ok(statement(gate, R::INFO, query, is_joined)?.query),
        );
    }
}

/// Returns whether all children are read. Returns false for a belongs-to, where many parents may lead to few
/// rows, and for a relation through others, whose rows do not say to whom they belong.
fn reads_whole_table(relation: &RelationInfo, query: &Query) -> bool {
    relation.kind.points_here() && !relation.is_through() && query.is_whole_table()
}

fn statement(
    gate: &Gate,
    relation: &'static RelationInfo,
    query: &Query,
    is_joined: bool,
) -> Result<Children> {
    let (filter, values) = match reads_whole_table(relation, query) {
        true => (ParentFilter::AllRows, Vec::new()),
        false => (ParentFilter::RowsOf(query), query.values.clone()),
    };
    let values = PartSpec::bindings(None, relation, gate, values)?;
    let mut children = Children::of(relation, filter, values, None, is_joined);
    // The children of orphans are orphans, too.
    children.query.select.has_orphans |= query.select.has_orphans;
    Ok(children)
}
