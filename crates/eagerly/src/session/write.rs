//! Writing rows that exist: update and delete.
//!
//! ```sql
//! UPDATE "customers" SET "first_name" = ?1, "last_name" = ?2, "email" = ?3 WHERE "id" = ?4
//! DELETE FROM "customers" WHERE "id" = ?1
//! ```

use crate::call_site::CallSite;
use crate::database::{Dialect, quote};
use crate::error::{Error, Result};
use crate::model::Keyed;
use crate::query::all_equal;
use crate::session::open::Session;
use crate::trace::{Cause, EntityInfo};

impl Session {
    /// Writes all columns of an entity to its row, except those that are read only.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let mut ada = session.get::<Customer>(1)?;
    /// ada.email = "ada@example.org".to_owned();
    /// session.update(&ada)?;
    /// assert_eq!(session.get::<Customer>(1)?.email, "ada@example.org");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if the row does not exist, [`Error::Ignored`] if it exists and a trigger keeps it as it is,
    /// [`Error::Statement`] if the schema refuses the change.
    #[track_caller]
    pub fn update<E: Keyed>(&self, entity: &E) -> Result<()> {
        let dialect = self.gate.dialect;
        let (mut values, mut assignments) = (Vec::new(), Vec::new());
        for (name, value) in E::INFO.written.iter().zip(entity.values()) {
            if !E::INFO.key.contains(name) {
                values.push(value);
                assignments.push(format!("{} = {}", quote(name), dialect.parameter(values.len())));
            }
        }
        if assignments.is_empty() {
            // The entity has only a key. There is nothing to write, but the row must exist.
            assignments.push(format!("{0} = {0}", quote(E::INFO.key[0])));
        }
        let condition = key_condition(E::INFO, values.len() + 1, dialect);
        let key = entity.key();
        values.extend(key.values().iter().cloned());
        let sql = format!("UPDATE {} SET {} WHERE {condition}", E::INFO.sql_name(), assignments.join(", "));
        let cause = Cause::explicit("update", CallSite::caller());
        let changed = self.gate.execute(&sql, &values, cause)?;
        self.require_changed(changed, "updating", entity, cause)
    }

    /// Deletes an entity's row.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let item = session.get::<OrderItem>(1)?;
    /// session.delete(&item)?;
    /// assert!(matches!(session.delete(&item), Err(Error::NotFound { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if the row does not exist, [`Error::Ignored`] if it exists and a trigger keeps it,
    /// [`Error::Statement`] if other rows still point to it.
    #[track_caller]
    pub fn delete<E: Keyed>(&self, entity: &E) -> Result<()> {
        let condition = key_condition(E::INFO, 1, self.gate.dialect);
        let sql = format!("DELETE FROM {} WHERE {condition}", E::INFO.sql_name());
        let cause = Cause::explicit("delete", CallSite::caller());
        let changed = self.gate.execute(&sql, entity.key().values(), cause)?;
        self.require_changed(changed, "deleting", entity, cause)
    }
}

impl Session {
    /// Returns an error if an `update` or `delete` changed no row. Only then, one more statement of the same call looks
    /// for the row, to tell whether it is missing.
    fn require_changed<E: Keyed>(
        &self,
        changed: u64,
        doing: &str,
        entity: &E,
        cause: Cause<'_>,
    ) -> Result<()> {
        if changed > 0 {
            return Ok(());
        }
        let condition = key_condition(E::INFO, 1, self.gate.dialect);
        let sql = format!("SELECT 1 FROM {} WHERE {condition} LIMIT 1", E::INFO.sql_name());
        let key = entity.key();
        let found = self.gate.query(&sql, key.values(), cause, &mut |_| Ok(()))?;
        let doing = format!("{doing} `{}` at {}", E::INFO.name, cause.at());
        Err(self.gate.redacted(match found {
            0 => Error::NotFound {
                doing,
                table: E::INFO.full_name,
                sought: format!("has the key {key}"),
                advice: "load it again: another program may have deleted it",
            },
            _ => Error::Ignored { doing, table: E::INFO.full_name, key: key.to_string() },
        }))
    }
}

/// Returns the condition that a row has a key. The key's values are bound from the parameter number `first` on.
fn key_condition(entity: &EntityInfo, first: usize, dialect: Dialect) -> String {
    let parameters = (first..).map(|number| dialect.parameter(number));
    all_equal(entity.key.iter().map(|name| quote(name)).zip(parameters))
}
