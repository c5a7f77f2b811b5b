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
//!
//! A relation through others is a `LEFT JOIN` for each relation on the way. Only the rows of the last become objects.

use std::collections::BTreeMap;

use crate::database::{Row, quote};
use crate::error::{Error, Result};
use crate::load::fetch::build;
use crate::load::path::{After, Path, Selectable, Start, StepFrom, Steps};
use crate::load::plan::Plan;
use crate::load::strategy::contract::{LoadingStrategy, Step, keys, related};
use crate::load::tree::{BoxedJoinReader, JoinReader, JoinSite, LoadTree};
use crate::model::{Collection, Entity, Key, Parents, Range, Relation, make_room};
use crate::query::{Compared, Query, SelectSql, match_condition, sql};
use crate::trace::{RelationInfo, RelationKind, Strategy, next_position};

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
    pub fn joined<N: Relation + StepFrom<Next::Last> + After<Next>>(
        self,
        relation: N,
    ) -> Path<S, Next::Then<Start<N>>> {
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
        let (columns, alias) = Columns::join(R::INFO, select, site, step.below.joins_collection())?;
        let rows_of = site.parents.reached(R::INFO, Strategy::Joined, step.cause(site.parents, None));
        let below_site = JoinSite {
            alias: &alias,
            parents: &rows_of,
            repeats: site.repeats || R::INFO.kind == RelationKind::BelongsTo || R::INFO.is_through(),
        };
        Ok(Some(Box::new(JoinedRows::<R> {
            columns,
            readers: step.below.join(select, &below_site)?,
            below: &step.below,
            related: R::Target::related(&rows_of),
            rows_of,
            children: Vec::new(),
        })))
    }

    /// Loads nothing, because the rows came with the parents' own.
    fn load(&self, _: &Step<R>, _: &[R::Parent], _: Option<&Query>) -> Result<()> {
        Ok(())
    }

    fn plan(&self, step: &Step<R>, plan: &mut Plan, query: Option<&Query>) {
        plan.remark(R::INFO, &format!("by joined{}: in the statement of its parents", step.learned()));
        match Compared::along(&plan.parents.gate, R::INFO) {
            Ok(compared) => {
                step.below.plan(plan, query.map(|query| query.related(R::INFO, &compared)).as_ref())
            }
            Err(error) => plan.fail(error),
        }
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
    fn of(relation: &RelationInfo, repeats: bool, has_collection_below: bool) -> Result<Self> {
        let identity = match relation.kind {
            // The row that many parents point to comes with each of them, and is built once.
            RelationKind::BelongsTo => Self::Remembered,
            _ if repeats => Self::Remembered,
            _ if has_collection_below || relation.is_through() => Self::Consecutive,
            _ => Self::EveryRow,
        };
        if identity != Self::EveryRow && relation.target.key.is_empty() {
            return Err(Error::JoinNeedsKey { entity: relation.target.name });
        }
        Ok(identity)
    }
}

/// The columns of one joined relation, and the children that were found in them. Nothing here depends on the entity's
/// type, so this code exists once.
struct Columns {
    relation: &'static RelationInfo,
    compared: Compared,
    identity: Identity,
    /// The place of the children's first column.
    first: usize,
    /// The places of the columns that are matched with the parent. They are null where no child matches.
    matched: Vec<usize>,
    /// The places of the children's key.
    key: Vec<usize>,
    /// The children of each parent.
    ranges: Vec<Range>,
    /// The child of the row before.
    last: Option<(ChildId, u32)>,
    seen: BTreeMap<ChildId, u32>,
}

/// The parent's position and the child's key. The position is 0 for a belongs-to, because parents share such rows.
type ChildId = (u32, Key<'static>);

impl Columns {
    /// Joins the relation to a statement. Returns its columns, and the name of its table there.
    fn join(
        relation: &'static RelationInfo,
        select: &mut SelectSql,
        site: &JoinSite<'_>,
        has_collection_below: bool,
    ) -> Result<(Self, String)> {
        let compared = Compared::along(&site.parents.gate, relation)?;
        let hops = relation.hops();
        let mut alias = site.alias.to_owned();
        for (number, hop) in (1..).zip(&hops) {
            let wanted = if number == hops.len() { relation.field } else { hop.field };
            let before = std::mem::replace(&mut alias, select.fresh_alias(wanted));
            select.joins.push(format!(
                "LEFT JOIN {} AS {} ON {}",
                hop.target.sql_name(),
                quote(&alias),
                match_condition(hop, &alias, &before, select.dialect, &compared.types(hop))
            ));
        }
        let first = select.columns.len();
        let column = |name: &&str| sql::column(Some(&alias), name);
        select.columns.extend(relation.target.columns.iter().map(column));
        let matched = hops.last().map_or(&[][..], |last| last.target_columns);
        let matched = matched.iter().map(|name| select.place(column(name))).collect();
        let key = relation.target.key.iter().map(|name| select.place(column(name))).collect();
        let identity = Identity::of(relation, site.repeats, has_collection_below)?;
        if relation.may_match_several() {
            relation.order.iter().for_each(|term| select.then_by(term.render(Some(&alias), select.dialect)));
            select.then_by_key(Some(&alias), relation.target, identity != Identity::EveryRow);
        }
        let columns = Self {
            relation,
            compared,
            identity,
            first,
            matched,
            key,
            ranges: Vec::new(),
            last: None,
            seen: BTreeMap::new(),
        };
        Ok((columns, alias))
    }

    /// Returns the position of the row's child; `None` if the row has none. If the position is `next`, the child is new
    /// and must be built.
    fn child(&mut self, row: &Row<'_>, parent: u32, next: u32) -> Result<Option<u32>> {
        if self.has_no_child(row) {
            return Ok(None);
        }
        let child = self.known(row, parent)?.unwrap_or(next);
        let parent = parent as usize;
        if self.ranges.len() <= parent {
            self.ranges.resize(parent + 1, Range::default());
        }
        let range = &mut self.ranges[parent];
        match range.is_empty() {
            true => *range = Range { start: child, end: child + 1 },
            false => range.end = range.end.max(child + 1),
        }
        if child == next && self.identity != Identity::EveryRow {
            self.remember(row, parent as u32, child);
        }
        Ok(Some(child))
    }

    /// Returns whether the row has only nulls for this relation. The key decides. SQLite allows null keys, so then the
    /// matched columns decide.
    fn has_no_child(&self, row: &Row<'_>) -> bool {
        let has_key = matches!(self.key.as_slice(), [key] if !row.key_cell(*key).is_null());
        !has_key && self.matched.iter().any(|place| row.cell(*place).is_null())
    }

    /// Returns the position of the row's child, if a row before brought it. A null key equals nothing: below it there is
    /// no collection, so its child comes once, but beside other rows it cannot be recognised.
    fn known(&mut self, row: &Row<'_>, parent: u32) -> Result<Option<u32>> {
        let owner = self.owner(parent);
        if let Some(((last_owner, last_key), position)) = &self.last
            && *last_owner == owner
            && last_key.is_in(row, &self.key)
        {
            return Ok(Some(*position));
        }
        if self.identity != Identity::Remembered && !self.relation.is_through() {
            return Ok(None);
        }
        let id = (owner, Key::read(row, &self.key).into_owned());
        if id.1.is_null() {
            let entity = self.relation.target.name;
            return Err(match self.relation.is_through() {
                true => Error::ThroughNeedsKey { entity },
                false => Error::JoinNeedsKey { entity },
            });
        }
        let position = self.seen.get(&id).copied();
        self.last = position.map(|position| (id, position));
        Ok(position)
    }

    fn remember(&mut self, row: &Row<'_>, parent: u32, position: u32) {
        let id = (self.owner(parent), Key::read(row, &self.key).into_owned());
        if self.identity == Identity::Remembered {
            self.seen.insert(id.clone(), position);
        }
        self.last = Some((id, position));
    }

    /// Returns the children of each parent, and how keys are compared. Not inlined, so that the code that frees
    /// the rest exists once.
    #[inline(never)]
    fn finish(self) -> (Vec<Range>, Compared) {
        (self.ranges, self.compared)
    }

    fn owner(&self, parent: u32) -> u32 {
        if self.relation.kind.points_here() { parent } else { 0 }
    }
}

/// Reads the rows of one joined relation.
struct JoinedRows<'l, R: Relation> {
    columns: Columns,
    readers: Vec<BoxedJoinReader<'l, R::Target>>,
    below: &'l LoadTree<R::Target>,
    rows_of: Parents,
    related: <R::Target as Entity>::Related,
    children: Vec<R::Target>,
}

impl<R: Relation> JoinReader<R::Parent> for JoinedRows<'_, R> {
    fn read(&mut self, row: &Row<'_>, parent: u32) -> Result<()> {
        let next = next_position(self.children.len(), R::INFO.target)?;
        let Some(child) = self.columns.child(row, parent, next)? else {
            return Ok(());
        };
        if child == next {
            make_room(&mut self.children);
            self.children.push(build(&self.rows_of, row, self.columns.first, &self.related, child)?);
        }
        for reader in &mut self.readers {
            reader.read(row, child)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, parents: &[R::Parent], query: Option<&Query>) -> Result<()> {
        let Self { columns, readers, below, rows_of, children, .. } = *self;
        let (ranges, compared) = columns.finish();
        rows_of.gate.complete(&rows_of.cohort, children.len())?;
        let query = query.filter(|_| below.restates()).map(|query| query.related(R::INFO, &compared));
        for reader in readers {
            reader.finish(&children, query.as_ref())?;
        }
        below.load(&children, query.as_ref())?;
        if let Some(related) = related::<R>(parents) {
            related.keep_whole(Collection::new(children, ranges, keys::<R>(parents.iter())));
        }
        Ok(())
    }
}
