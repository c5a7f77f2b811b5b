//! From a statement to entities: the one loop in which rows become objects.
//!
//! Every strategy ends here. The root query, a lazy access and a `selectin` differ in their SQL and in what
//! they do with the rows; reading them is the same.

use std::rc::Rc;

use crate::cohort::{Cohort, count, make_room};
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::Cause;
use crate::key::Key;
use crate::load::{JoinSite, LoadTree};
use crate::source::Source;
use crate::sql::SelectSql;
use crate::strategy::joined::JoinReader;
use crate::value::Value;

/// A statement for entities, and what it loads along.
pub(crate) struct Fetch<'a, E> {
    pub(crate) select: SelectSql,
    pub(crate) values: &'a [Value<'a>],
    pub(crate) loads: &'a LoadTree<E>,
    /// The query for the same rows and nothing else, if `loads` re-states it.
    pub(crate) source: Option<Source>,
}

impl<E: Entity> Fetch<'_, E> {
    /// Sends the statement for a new cohort, and loads what is to be loaded along. `each` sees every row that
    /// begins an entity, and the entity's position.
    pub(crate) fn run(
        mut self,
        cohort: &Rc<Cohort>,
        cause: Cause<'_>,
        mut each: impl FnMut(&Row<'_>, u32),
    ) -> Result<Vec<E>> {
        let mut reader = Reader::joining(cohort, &mut self.select, self.loads)?;
        let sql = self.select.text();
        cohort
            .core
            .query(&sql, self.values, cause, |row| reader.take(row, &mut each))?;
        reader.finish(self.loads, self.source.as_ref())
    }
}

/// Sends a statement whose text is at hand, since nothing is joined to it, and loads along what `loads` says.
pub(crate) fn unjoined<E: Entity>(
    cohort: &Rc<Cohort>,
    cause: Cause<'_>,
    sql: &str,
    values: &[Value<'_>],
    loads: &LoadTree<E>,
) -> Result<Vec<E>> {
    let mut reader = Reader::plain(cohort);
    cohort
        .core
        .query(sql, values, cause, |row| reader.take(row, &mut |_, _| {}))?;
    reader.finish(loads, None)
}

/// Turns the rows of a statement into the entities of a cohort.
pub(crate) struct Reader<'l, E: Entity> {
    cohort: Rc<Cohort>,
    related: E::Related,
    rows: Vec<E>,
    joins: Vec<Box<dyn JoinReader<E> + 'l>>,
    /// The places of the key, if the rows of an entity may repeat: by it a repeated row is recognised.
    key: Option<Vec<usize>>,
    last: Option<Key<'static>>,
}

impl<'l, E: Entity> Reader<'l, E> {
    fn plain(cohort: &Rc<Cohort>) -> Self {
        Self {
            cohort: Rc::clone(cohort),
            related: E::related(cohort),
            rows: Vec::new(),
            joins: Vec::new(),
            key: None,
            last: None,
        }
    }

    /// Adds to the statement what `loads` joins. The statement is sorted by the entity's key, after whatever
    /// else it is sorted by, and then by the keys of what is joined: that keeps an entity's rows together.
    pub(crate) fn joining(
        cohort: &Rc<Cohort>,
        select: &mut SelectSql,
        loads: &'l LoadTree<E>,
    ) -> Result<Self> {
        let mut reader = Self::plain(cohort);
        if let Some(alias) = select.alias.clone() {
            if loads.joins_collection() {
                if E::KEY.is_empty() {
                    return Err(Error::JoinNeedsKey { entity: E::NAME });
                }
                reader.key = Some(E::KEY.iter().map(|name| select.place_of(name)).collect());
            }
            let site = JoinSite {
                alias: &alias,
                parents: cohort,
                repeats: false,
            };
            reader.joins = loads.join(select, &site)?;
        }
        Ok(reader)
    }

    /// Takes a row: it begins an entity, or continues the one before with more joined rows.
    #[inline]
    pub(crate) fn take(&mut self, row: &Row<'_>, each: &mut impl FnMut(&Row<'_>, u32)) -> Result<()> {
        if self.begins_entity(row) {
            let position = count(self.rows.len(), E::NAME)?;
            each(row, position);
            make_room(&mut self.rows);
            self.rows.push(self.cohort.read(row, 0, &self.related, position)?);
        }
        if !self.joins.is_empty() {
            let position = count(self.rows.len() - 1, E::NAME)?;
            for join in &mut self.joins {
                join.read(row, position)?;
            }
        }
        Ok(())
    }

    /// Whether the row is the first of its entity. All rows of an entity come together.
    #[inline]
    fn begins_entity(&mut self, row: &Row<'_>) -> bool {
        let Some(columns) = &self.key else {
            return true;
        };
        if self
            .last
            .as_ref()
            .is_some_and(|last| last.stands_in(row, columns))
        {
            // A key that is null equals nothing, not even itself.
            return self.last.as_ref().is_some_and(Key::is_null);
        }
        self.last = Some(Key::read(row, columns).into_owned());
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether there are `size` entities, and the row would begin another.
    pub(crate) fn is_full(&self, row: &Row<'_>, size: usize) -> bool {
        let continues = self.key.as_ref().is_some_and(|columns| {
            let last = self.last.as_ref();
            last.is_some_and(|last| last.stands_in(row, columns))
        });
        self.rows.len() >= size && !continues
    }

    /// Hands out what was joined, and loads the rest.
    pub(crate) fn finish(self, loads: &LoadTree<E>, source: Option<&Source>) -> Result<Vec<E>> {
        self.cohort.complete(self.rows.len())?;
        for join in self.joins {
            join.finish(&self.rows, source)?;
        }
        loads.load(&self.rows, source)?;
        Ok(self.rows)
    }
}
