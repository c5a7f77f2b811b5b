//! `joined`: related rows come in the parents' own statement, by a `LEFT JOIN`.
//!
//! ```sql
//! SELECT "customers"."id", "customers"."first_name", …, "orders"."id", "orders"."customer_id", …
//!     FROM "customers" LEFT JOIN "orders" AS "orders" ON "orders"."customer_id" = "customers"."id"
//!     ORDER BY "customers"."id", "orders"."id"
//! ```
//!
//! Statements: only the parents' own. The cost is in the rows. A parent's columns are sent again with each of its
//! children, and two collections side by side multiply (3 orders × 4 addresses = 12 rows). So it suits relations that
//! lead to one row, and single collections of narrow rows.
//!
//! Three things are easy to get wrong:
//! - a parent without children comes as one row of nulls, which must not become a child;
//! - `LIMIT` must count parents, so the parents are selected in a sub-select (`query/selection.rs`);
//! - repeated rows must not repeat objects, so rows are identified by their keys.

use std::collections::BTreeMap;

use crate::database::Row;
use crate::error::{Error, Result};
use crate::load::fetch::build;
use crate::load::path::{Path, Selectable, Start, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, Step, related};
use crate::load::tree::{BoxedJoinReader, JoinReader, JoinSite, LoadTree};
use crate::model::{Collection, Entity, Key, Parents, Range, Relation, make_room};
use crate::query::{Query, SelectSql, match_condition, sql};
use crate::trace::{RelationKind, Strategy, next_position};

/// Begins a load path: the relation is loaded in the parents' own statement, by a `LEFT JOIN`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let tally = session.tally();
/// let customers = session.all(Customer::select().with(joined(Customer::ORDERS)))?;
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1);
/// # Ok::<(), Error>(())
/// ```
pub fn joined<R: Relation>(relation: R) -> Start<R> {
    Path::start(relation, Strategy::Joined)
}

impl<S: Selectable, Next: Steps<First = S::Target>> Path<S, Next> {
    /// Continues along a relation that is loaded in the parents' own statement, by a `LEFT JOIN`.
    pub fn joined<N: Relation<Parent = Next::Last>>(self, relation: N) -> Path<S, Next::Then<Start<N>>> {
        self.then(joined(relation))
    }
}

pub(super) struct Joined;

impl<R: Relation> LoadingStrategy<R> for Joined {
    fn join<'l>(
        &self,
        step: &'l Step<R>,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
    ) -> Result<Option<BoxedJoinReader<'l, R::Parent>>> {
        let alias = select.fresh_alias(R::INFO.field);
        let are_integers = site.parents.gate.compares_integers(R::INFO);
        select.joins.push(format!(
            "LEFT JOIN {} AS {} ON {}",
            sql::quote(R::INFO.target.table),
            sql::quote(&alias),
            match_condition(R::INFO, &alias, site.alias, are_integers)
        ));
        let first = select.columns.len();
        let column = |name: &&str| sql::column(Some(&alias), name);
        select.columns.extend(R::INFO.target.columns.iter().map(column));
        let matched = R::INFO.target_columns.iter().map(|name| select.place(column(name))).collect();
        let key = R::INFO.target.key.iter().map(|name| select.place(column(name))).collect();
        let identity = Identity::of::<R>(site.repeats, step.below.joins_collection())?;
        if R::INFO.kind.points_here() {
            select.then_by_key(Some(&alias), R::INFO.target, identity != Identity::EveryRow);
        }
        let rows_of = site.parents.reached(R::INFO, Strategy::Joined, false);
        let below_site = JoinSite {
            alias: &alias,
            parents: &rows_of,
            repeats: site.repeats || R::INFO.kind == RelationKind::BelongsTo,
        };
        Ok(Some(Box::new(JoinedRows::<R> {
            first,
            matched,
            key,
            identity,
            are_integers,
            readers: step.below.join(select, &below_site)?,
            below: &step.below,
            related: R::Target::related(&rows_of),
            rows_of,
            children: Vec::new(),
            ranges: Vec::new(),
            last: None,
            seen: BTreeMap::new(),
        })))
    }

    /// Loads nothing, because the rows came with the parents' own.
    fn load(&self, _: &Step<R>, _: &[R::Parent], _: Option<&Query>) -> Result<()> {
        Ok(())
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, query: Option<&Query>) {
        plan.remark(R::INFO, "by joined: in the statement of its parents");
        let are_integers = plan.parents.gate.compares_integers(R::INFO);
        let own = query.map(|query| query.related(R::INFO, are_integers));
        step.below.plan(plan, own.as_ref());
    }
}

/// How to tell whether a row brings a new child or one that came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// Every row brings a new child.
    EveryRow,
    /// A child's rows follow each other. A child is new if its key is not that of the row before.
    Consecutive,
    /// A child may come again later, beside a sibling's or for another parent. All keys are remembered.
    Remembered,
}

impl Identity {
    fn of<R: Relation>(repeats: bool, has_collection_below: bool) -> Result<Self> {
        let identity = match R::INFO.kind {
            // The row that many parents point to comes with each of them, and is built once.
            RelationKind::BelongsTo => Self::Remembered,
            _ if repeats => Self::Remembered,
            _ if has_collection_below => Self::Consecutive,
            _ => Self::EveryRow,
        };
        if identity != Self::EveryRow && R::INFO.target.key.is_empty() {
            let entity = R::INFO.target.name;
            return Err(Error::JoinNeedsKey { entity });
        }
        Ok(identity)
    }
}

/// Reads the rows of one joined relation.
struct JoinedRows<'l, R: Relation> {
    /// The place of the children's first column.
    first: usize,
    /// The places of the columns that are matched with the parent. They are null where no child matches.
    matched: Vec<usize>,
    /// The places of the children's key.
    key: Vec<usize>,
    identity: Identity,
    are_integers: bool,
    readers: Vec<BoxedJoinReader<'l, R::Target>>,
    below: &'l LoadTree<R::Target>,
    rows_of: Parents,
    related: <R::Target as Entity>::Related,
    children: Vec<R::Target>,
    ranges: Vec<Range>,
    /// The child of the row before.
    last: Option<(ChildId, u32)>,
    seen: BTreeMap<ChildId, u32>,
}

/// (parent position, child's key). The position is 0 for a belongs-to, because parents share rows.
type ChildId = (u32, Key<'static>);

impl<R: Relation> JoinedRows<'_, R> {
    /// Returns whether the row has only nulls for this relation. A key of one column decides, unless it is
    /// null, which SQLite allows. Then, and for other keys, the matched columns decide.
    #[inline]
    fn has_no_child(&self, row: &Row<'_>) -> bool {
        let has_key = match self.key.as_slice() {
            [key] => !row.key_cell(*key).is_null(),
            _ => false,
        };
        !has_key && self.matched.iter().any(|place| row.cell(*place).is_null())
    }

    /// Returns the position of the row's child, and builds it if it is new.
    fn child(&mut self, row: &Row<'_>, parent: u32) -> Result<u32> {
        if self.identity == Identity::EveryRow {
            return self.build(row, parent);
        }
        let owner = match R::INFO.kind {
            RelationKind::BelongsTo => 0,
            _ => parent,
        };
        if let Some(((last_owner, last_key), position)) = &self.last
            && *last_owner == owner
            && last_key.is_in(row, &self.key)
        {
            return Ok(*position);
        }
        let owned = (owner, Key::read(row, &self.key).into_owned());
        let position = match self.seen.get(&owned) {
            Some(position) => *position,
            None => {
                let position = self.build(row, parent)?;
                if self.identity == Identity::Remembered {
                    self.seen.insert(owned.clone(), position);
                }
                position
            }
        };
        self.last = Some((owned, position));
        Ok(position)
    }

    fn build(&mut self, row: &Row<'_>, parent: u32) -> Result<u32> {
        let position = next_position(self.children.len(), R::INFO.target)?;
        make_room(&mut self.children);
        self.children.push(build(&self.rows_of, row, self.first, &self.related, position)?);
        if R::INFO.kind.points_here() {
            let range = self.range(parent);
            if range.is_empty() {
                range.start = position;
            }
            range.end = position + 1;
        }
        Ok(position)
    }

    fn range(&mut self, parent: u32) -> &mut Range {
        let parent = parent as usize;
        if self.ranges.len() <= parent {
            self.ranges.resize(parent + 1, Range::default());
        }
        &mut self.ranges[parent]
    }
}

impl<R: Relation> JoinReader<R::Parent> for JoinedRows<'_, R> {
    fn read(&mut self, row: &Row<'_>, parent: u32) -> Result<()> {
        if self.has_no_child(row) {
            return Ok(());
        }
        let child = self.child(row, parent)?;
        if R::INFO.kind == RelationKind::BelongsTo {
            *self.range(parent) = Range { start: child, end: child + 1 };
        }
        for reader in &mut self.readers {
            reader.read(row, child)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, parents: &[R::Parent], query: Option<&Query>) -> Result<()> {
        self.rows_of.gate.complete(&self.rows_of.cohort, self.children.len())?;
        let query = query.filter(|_| self.below.restates());
        let own = query.map(|query| query.related(R::INFO, self.are_integers));
        for reader in self.readers {
            reader.finish(&self.children, own.as_ref())?;
        }
        self.below.load(&self.children, own.as_ref())?;
        if let Some(related) = related::<R>(parents) {
            related.keep_whole(Collection::new(self.children, self.ranges));
        }
        Ok(())
    }
}
