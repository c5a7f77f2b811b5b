//! From a statement to entities: the one loop in which rows become objects.
//!
//! Every strategy ends here. The root query, a lazy access and a `selectin` differ in their SQL and in what
//! they do with the rows; reading them is the same.

use std::rc::Rc;

use crate::cohort::{Cohort, count};
use crate::driver::Row;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::Cause;
use crate::key::Key;
use crate::load::{JoinSite, Loads};
use crate::sql::SelectSql;
use crate::strategy::joined::JoinReader;
use crate::value::Value;

/// Sends a `SELECT` for a new cohort of `E`, with whatever `loads` joins to it, and then loads the rest of
/// `loads`. `each` sees every row that begins an entity, and the entity's position.
pub(crate) fn fetch<E: Entity>(
    cohort: &Rc<Cohort>,
    cause: Cause<'_>,
    mut select: SelectSql,
    values: &[Value<'_>],
    loads: &Loads<E>,
    each: impl FnMut(&Row<'_>, u32),
) -> Result<Vec<E>> {
    let mut joins = Joins::prepare(cohort, &mut select, loads)?;
    let rows = read(cohort, cause, &select.text(), values, &mut joins, each)?;
    for reader in joins.readers {
        reader.finish(&rows)?;
    }
    loads.load(&rows)?;
    Ok(rows)
}

/// Sends a statement whose first columns are those of `E`, and reads its rows.
pub(crate) fn read<E: Entity>(
    cohort: &Rc<Cohort>,
    cause: Cause<'_>,
    sql: &str,
    values: &[Value<'_>],
    joins: &mut Joins<'_, E>,
    mut each: impl FnMut(&Row<'_>, u32),
) -> Result<Vec<E>> {
    let related = E::related(cohort);
    let mut rows = Vec::new();
    cohort.core.query(sql, values, cause, |row| {
        if joins.begins_entity(row) {
            let position = count(rows.len(), E::NAME)?;
            each(row, position);
            rows.push(E::read(row, 0, &related, position)?);
        }
        joins.read(row, count(rows.len() - 1, E::NAME)?)
    })?;
    cohort.set_size(rows.len(), E::NAME)?;
    Ok(rows)
}

/// What is joined to a statement for rows of `E`.
pub(crate) struct Joins<'l, E> {
    readers: Vec<Box<dyn JoinReader<E> + 'l>>,
    /// The places of the key, if the rows of an entity may repeat: by it a repeated row is recognised.
    key: Option<Vec<usize>>,
    last: Option<Key<'static>>,
}

impl<E> Joins<'_, E> {
    /// Nothing is joined.
    pub(crate) fn none() -> Self {
        Self {
            readers: Vec::new(),
            key: None,
            last: None,
        }
    }

    /// Whether the row is the first of its entity. All rows of an entity come together: see `prepare`.
    #[inline]
    fn begins_entity(&mut self, row: &Row<'_>) -> bool {
        let Some(columns) = &self.key else {
            return true;
        };
        let key = Key::read(row, columns);
        let begins = self.last.as_ref() != Some(&key);
        if begins {
            self.last = Some(key.into_owned());
        }
        begins
    }

    #[inline]
    fn read(&mut self, row: &Row<'_>, position: u32) -> Result<()> {
        for reader in &mut self.readers {
            reader.read(row, position)?;
        }
        Ok(())
    }
}

impl<'l, E: Entity> Joins<'l, E> {
    /// Adds to the statement what `loads` joins. The statement is sorted by the entity's key, after whatever
    /// else it is sorted by, and then by the keys of what is joined: that keeps an entity's rows together.
    fn prepare(cohort: &Rc<Cohort>, select: &mut SelectSql, loads: &'l Loads<E>) -> Result<Self> {
        let Some(alias) = select.alias.clone() else {
            return Ok(Self::none());
        };
        let mut key = None;
        if loads.joins_collection() {
            if E::KEY.is_empty() {
                return Err(Error::JoinNeedsKey { entity: E::NAME });
            }
            key = Some(E::KEY.iter().map(|name| select.place_of(name)).collect());
        }
        let site = JoinSite {
            alias: &alias,
            parents: cohort,
            repeats: false,
        };
        Ok(Self {
            readers: loads.join(select, &site)?,
            key,
            last: None,
        })
    }
}
