//! From a statement to objects: the loop in which the rows of a statement become entities.
//!
//! A query, a lazy access and a `selectin` differ in their SQL and in what they do with the rows. Reading the
//! rows is the same. Only joined children are built elsewhere, in `strategy/joined.rs`, which this loop calls
//! for each row.

use crate::database::{Row, Value};
use crate::error::{Error, Result};
use crate::load::plan::Plan;
use crate::load::tree::{BoxedJoinReader, JoinSite, LoadTree};
use crate::model::{Entity, Key, Parents, make_room, with_parent};
use crate::query::{Query, SelectSql};
use crate::trace::{Cause, next_position};

/// Called with each row that starts an object, and the object's position. It returns whether the object is wanted.
pub(crate) type EachRow<'e> = &'e mut dyn FnMut(&Row<'_>, u32) -> bool;

/// Sends a query for the rows of a new cohort, and loads the relations in `loads`. `restated` is the query
/// for the same rows and nothing else, if anything below repeats it.
pub(crate) fn fetch<'l, E: Entity>(
    rows_of: Parents,
    mut query: Query,
    restated: Option<Query>,
    loads: &'l LoadTree<E>,
    cause: Cause<'_>,
    each: Option<EachRow<'l>>,
) -> Result<Vec<E>> {
    let reader = Reader::joining(rows_of, &mut query.select, loads, each)?;
    reader.run(&query.select.text(), &query.values, cause, loads, restated.as_ref())
}

/// Sends a statement whose text is ready, because nothing is joined to it or repeats it.
pub(crate) fn fetch_text<E: Entity>(
    rows_of: Parents,
    sql: &str,
    values: &[Value<'_>],
    loads: &LoadTree<E>,
    cause: Cause<'_>,
) -> Result<Vec<E>> {
    Reader::plain(rows_of, None).run(sql, values, cause, loads, None)
}

/// Turns the rows of a statement into the entities of a cohort.
pub(crate) struct Reader<'l, E: Entity> {
    rows_of: Parents,
    related: E::Related,
    rows: Vec<E>,
    joins: Vec<BoxedJoinReader<'l, E>>,
    /// The places of the key, if the rows of an entity may repeat. A repeated row is recognised by its key.
    key: Option<Vec<usize>>,
    /// Whether a null key is an error, because a repeated row could not be recognised.
    needs_key: bool,
    last: Option<Key<'static>>,
    each: Option<EachRow<'l>>,
    /// Whether the rows of an object that is not wanted are passing.
    skips: bool,
}

impl<'l, E: Entity> Reader<'l, E> {
    fn plain(rows_of: Parents, each: Option<EachRow<'l>>) -> Self {
        Self {
            related: E::related(&rows_of),
            rows_of,
            rows: Vec::new(),
            joins: Vec::new(),
            key: None,
            needs_key: false,
            last: None,
            each,
            skips: false,
        }
    }

    /// Returns a reader, and adds the joins of `loads` to the statement. The statement sorts by the entity's
    /// key, after the program's own order, and then by the keys of what is joined. That keeps the rows of an
    /// entity together.
    pub(crate) fn joining(
        rows_of: Parents,
        select: &mut SelectSql,
        loads: &'l LoadTree<E>,
        each: Option<EachRow<'l>>,
    ) -> Result<Self> {
        let mut reader = Self::plain(rows_of, each);
        reader.needs_key = select.may_repeat;
        if loads.joins_collection() || select.may_repeat {
            let key = E::INFO.key.iter().map(|name| select.own(name));
            let key = select.owner.clone().into_iter().chain(key).collect::<Vec<_>>();
            reader.key = Some(key.into_iter().map(|column| select.place(column)).collect());
        }
        reader.joins = join(&reader.rows_of, select, loads)?;
        Ok(reader)
    }

    /// Sends the statement, reads its rows, and loads the rest. Not inlined, to keep the binary small.
    #[inline(never)]
    fn run(
        mut self,
        sql: &str,
        values: &[Value<'_>],
        cause: Cause<'_>,
        loads: &LoadTree<E>,
        restated: Option<&Query>,
    ) -> Result<Vec<E>> {
        let gate = self.rows_of.gate.clone();
        gate.query(sql, values, cause, &mut |row| self.take(row))?;
        self.finish(loads, restated)
    }

    /// Reads a row. It starts an entity, or continues the one before with more joined rows.
    #[inline]
    pub(crate) fn take(&mut self, row: &Row<'_>) -> Result<()> {
        if self.starts_entity(row)? {
            let position = next_position(self.rows.len(), E::INFO)?;
            if let Some(each) = &mut self.each {
                self.skips = !each(row, position);
            }
            if self.skips {
                return Ok(());
            }
            make_room(&mut self.rows);
            self.rows.push(build(&self.rows_of, row, 0, &self.related, position)?);
        }
        if !self.joins.is_empty() && !self.skips {
            let position = next_position(self.rows.len() - 1, E::INFO)?;
            for join in &mut self.joins {
                join.read(row, position)?;
            }
        }
        Ok(())
    }

    /// Returns whether the row is the first of its entity. All rows of an entity come together.
    #[inline]
    fn starts_entity(&mut self, row: &Row<'_>) -> Result<bool> {
        let Some(places) = &self.key else {
            return Ok(true);
        };
        let starts = !self.continues(row);
        if starts {
            let key = Key::read(row, places);
            if self.needs_key && key.is_null() {
                return Err(Error::ThroughNeedsKey { entity: E::INFO.name });
            }
            self.last = Some(key.into_owned());
        }
        Ok(starts)
    }

    /// Returns whether the row belongs to the entity before, because it has the same key.
    #[inline]
    fn continues(&self, row: &Row<'_>) -> bool {
        matches!((&self.key, &self.last), (Some(places), Some(last)) if last.is_in(row, places))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns whether there are `size` entities and the row would begin another.
    pub(crate) fn is_full(&self, row: &Row<'_>, size: usize) -> bool {
        self.rows.len() >= size && !self.continues(row)
    }

    /// Assigns joined children to their parents, and loads the rest.
    pub(crate) fn finish(self, loads: &LoadTree<E>, restated: Option<&Query>) -> Result<Vec<E>> {
        self.rows_of.gate.complete(&self.rows_of.cohort, self.rows.len())?;
        for join in self.joins {
            join.finish(&self.rows, restated)?;
        }
        loads.load(&self.rows, restated)?;
        Ok(self.rows)
    }
}

/// Adds the joined relations to a statement. Returns the readers of the joined columns.
fn join<'l, E: Entity>(
    rows_of: &Parents,
    select: &mut SelectSql,
    loads: &'l LoadTree<E>,
) -> Result<Vec<BoxedJoinReader<'l, E>>> {
    let Some(alias) = select.alias.filter(|_| loads.joins()) else {
        debug_assert!(!loads.joins(), "a statement to join to has names for its columns");
        return Ok(Vec::new());
    };
    if loads.joins_collection() {
        if E::INFO.key.is_empty() {
            return Err(Error::JoinNeedsKey { entity: E::INFO.name });
        }
        select.then_by_key(Some(alias), E::INFO, true);
    }
    let site = JoinSite { alias, parents: rows_of, repeats: select.may_repeat };
    loads.join(select, &site)
}

/// Adds a statement to a plan, with everything that is joined to it.
pub(crate) fn plan<E: Entity>(
    plan: &mut Plan,
    loads_what: String,
    keyed_by: String,
    mut query: Query,
    loads: &LoadTree<E>,
) {
    if let Err(error) = join(&plan.parents, &mut query.select, loads) {
        plan.fail(error);
    }
    plan.statement(loads_what, keyed_by, query.select.text());
}

/// Builds an object of a cohort from a row. The object's columns start at `first`.
#[inline(always)]
pub(crate) fn build<E: Entity>(
    rows_of: &Parents,
    row: &Row<'_>,
    first: usize,
    related: &E::Related,
    position: u32,
) -> Result<E> {
    row.begin_weighing();
    let object = E::read(row, first, related, position)
        .map_err(|error| with_parent(error, &rows_of.cohort, row, first))?;
    rows_of.gate.object_built(&rows_of.cohort, row);
    Ok(object)
}
