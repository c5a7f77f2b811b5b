//! `joined`: related rows come in the parents' own statement, by a `LEFT JOIN`.
//!
//! ```sql
//! SELECT "customers"."id", "customers"."first_name", …, "orders"."id", "orders"."customer_id", …
//!     FROM "customers" LEFT JOIN "orders" AS "orders" ON "orders"."customer_id" = "customers"."id"
//!     ORDER BY "customers"."id", "orders"."id"
//! ```
//!
//! Statements: none but the parents' own. The price is in the rows: a parent's columns are sent again with
//! each of its children, and two collections side by side multiply (3 orders × 4 addresses = 12 rows). So it
//! suits relations that lead to one row, and single collections of narrow rows.
//!
//! Three things are easily got wrong, and are seen to here:
//! - a parent without children comes as one row of nulls: that is no child;
//! - `LIMIT` must count parents: with one, they are chosen in a sub-select (`select.rs`);
//! - repeated rows must not repeat objects: rows are told apart by their keys.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::cohort::{Cohort, count, make_room};
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::link;
use crate::load::{JoinSite, LoadTree};
use crate::related::{Collection, Range};
use crate::relation::{Relation, RelationKind};
use crate::source::Source;
use crate::sql::{self, SelectSql};
use crate::strategy::Strategy;
use crate::strategy::comparison::as_value;

/// Begins a load path: the relation is loaded in the parents' own statement, by a `LEFT JOIN`.
///
/// ```
/// # use eagerly::joined;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(joined(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     customer.orders()?;
/// }
/// assert_eq!(tally.statements(), 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn joined<R: Relation>(relation: R) -> crate::path::Start<R> {
    crate::path::Path::new(relation, Strategy::Joined)
}

/// Reads the columns of one joined relation, row by row.
pub(crate) trait JoinReader<P> {
    /// Takes from a row what belongs to the parent at `parent`.
    fn read(&mut self, row: &Row<'_>, parent: u32) -> Result<()>;

    /// Hands the children to their parents, once all rows are read. `source` is the parents' own query, if
    /// anything re-states it.
    fn finish(self: Box<Self>, parents: &[P], source: Option<&Source>) -> Result<()>;
}

/// Joins a relation to a statement, and what is joined `below` it.
pub(crate) fn join<'l, R: Relation>(
    below: &'l LoadTree<R::Target>,
    select: &mut SelectSql,
    site: &JoinSite<'_>,
) -> Result<Box<dyn JoinReader<R::Parent> + 'l>> {
    let alias = select.fresh_alias(R::INFO.field);
    select.joins.push(join_clause::<R>(site, &alias));
    let first = select.columns.len();
    for column in R::Target::COLUMNS {
        select.columns.push(sql::column(Some(&alias), column));
    }
    let mut place = |column: &&str| select.place(sql::column(Some(&alias), column));
    let matched = R::INFO.target_columns.iter().map(&mut place).collect();
    let key = R::Target::KEY.iter().map(&mut place).collect();

    let many = R::INFO.kind.points_here();
    let identity = Identity::of::<R>(site.repeats, below.joins_collection())?;
    if many {
        for column in R::Target::KEY {
            select.then_by(sql::column(Some(&alias), column));
        }
    }
    let cohort = Cohort::reached::<R>(site.parents, Strategy::Joined, false);
    let below_site = JoinSite {
        alias: &alias,
        parents: &cohort,
        repeats: site.repeats || R::INFO.kind == RelationKind::BelongsTo,
    };
    Ok(Box::new(Joined::<R> {
        first,
        matched,
        key,
        identity,
        readers: below.join(select, &below_site)?,
        below,
        related: R::Target::related(&cohort),
        cohort,
        children: Vec::new(),
        ranges: Vec::new(),
        last: None,
        seen: BTreeMap::new(),
    }))
}

/// `LEFT JOIN "orders" AS "orders" ON "orders"."customer_id" = "customers"."id"`
fn join_clause<R: Relation>(site: &JoinSite<'_>, alias: &str) -> String {
    let plus = as_value::<R>(&site.parents.core);
    let pairs = R::INFO.target_columns.iter().zip(R::INFO.parent_columns);
    let matches: Vec<_> = pairs
        .map(|(target, parent)| {
            let target = sql::column(Some(alias), target);
            format!("{target} = {plus}{}", sql::column(Some(site.alias), parent))
        })
        .collect();
    format!(
        "LEFT JOIN {} AS {} ON {}",
        sql::quote(R::Target::TABLE),
        sql::quote(alias),
        matches.join(" AND ")
    )
}

/// How to tell whether a row brings a new child or one that came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Identity {
    /// Every row brings a new child.
    EveryRow,
    /// A child's rows come one after another: it is new if its key is not that of the row before.
    Consecutive,
    /// A child may come again later, beside a sibling's or for another parent: all keys are remembered.
    Remembered,
}

impl Identity {
    fn of<R: Relation>(repeats: bool, collection_below: bool) -> Result<Self> {
        let identity = match R::INFO.kind {
            // The row that many point to comes with each of them, and is built once.
            RelationKind::BelongsTo => Self::Remembered,
            _ if repeats => Self::Remembered,
            _ if collection_below => Self::Consecutive,
            _ => Self::EveryRow,
        };
        if identity != Self::EveryRow && R::Target::KEY.is_empty() {
            let entity = R::Target::NAME;
            return Err(Error::JoinNeedsKey { entity });
        }
        Ok(identity)
    }
}

/// The reader of one joined relation.
struct Joined<'l, R: Relation> {
    /// Where the children's columns start.
    first: usize,
    /// Where the columns lie that are matched with the parent; null where no child matches.
    matched: Vec<usize>,
    /// Where the children's key lies.
    key: Vec<usize>,
    identity: Identity,
    readers: Vec<Box<dyn JoinReader<R::Target> + 'l>>,
    below: &'l LoadTree<R::Target>,
    cohort: Rc<Cohort>,
    related: <R::Target as Entity>::Related,
    children: Vec<R::Target>,
    ranges: Vec<Range>,
    /// The child of the row before.
    last: Option<(Owned, u32)>,
    seen: BTreeMap<Owned, u32>,
}

/// A child's key, behind its parent's position where each parent has children of its own.
type Owned = (u32, Key<'static>);

impl<R: Relation> Joined<'_, R> {
    /// Whether the row has only nulls for this relation. A key tells, unless it is null itself, which SQLite allows.
    #[inline]
    fn has_no_child(&self, row: &Row<'_>) -> bool {
        let has_key = match self.key.as_slice() {
            [key] => !row.key_cell(*key).is_null(),
            _ => false,
        };
        !has_key && self.matched.iter().any(|column| row.cell(*column).is_null())
    }

    /// The position of the row's child, which is built if it is new.
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
            && last_key.stands_in(row, &self.key)
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
        let position = count(self.children.len(), R::Target::NAME)?;
        let child = self.cohort.read(row, self.first, &self.related, position)?;
        make_room(&mut self.children);
        self.children.push(child);
        if R::INFO.kind != RelationKind::BelongsTo {
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

impl<R: Relation> JoinReader<R::Parent> for Joined<'_, R> {
    fn read(&mut self, row: &Row<'_>, parent: u32) -> Result<()> {
        if self.has_no_child(row) {
            return Ok(());
        }
        let child = self.child(row, parent)?;
        if R::INFO.kind == RelationKind::BelongsTo {
            *self.range(parent) = Range {
                start: child,
                end: child + 1,
            };
        }
        for reader in &mut self.readers {
            reader.read(row, child)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, parents: &[R::Parent], source: Option<&Source>) -> Result<()> {
        self.cohort.complete(self.children.len())?;
        let own = source.filter(|_| self.below.restates());
        let own = own.map(|source| source.related::<R>(&self.cohort.core));
        for reader in self.readers {
            reader.finish(&self.children, own.as_ref())?;
        }
        self.below.load(&self.children, own.as_ref())?;
        if let Some(related) = link::shared_by::<R>(parents) {
            related.keep_whole(Collection::new(self.children, self.ranges));
        }
        Ok(())
    }
}
