//! Writing: insert, update, delete.
//!
//! ```sql
//! INSERT INTO "customers" ("id", "first_name", "last_name", "email") VALUES (?1, ?2, ?3, ?4) RETURNING "id"
//! UPDATE "customers" SET "first_name" = ?1, "last_name" = ?2, "email" = ?3 WHERE "id" = ?4
//! DELETE FROM "customers" WHERE "id" = ?1
//! ```
//!
//! Each writes the columns of one entity and nothing else: related entities are rows of their own.

use crate::entity::{Entity, Keyed, column_index};
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause};
use crate::session::Session;
use crate::sql::quote;
use crate::value::Value;

impl Session {
    /// Inserts a row and gives its key. An integer key of 0 asks the database to choose one.
    ///
    /// ```
    /// # use shop::{OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let mut another = session.get::<OrderItem>(1)?;
    /// another.id = 0;
    /// let key = session.insert(&another)?;
    /// assert_eq!(key, 151);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the schema refuses the row.
    #[track_caller]
    pub fn insert<E: Keyed>(&self, entity: &E) -> Result<E::Key> {
        let cause = explicit("insert", CallSite::caller());
        let returning: Vec<_> = E::KEY.iter().map(|column| quote(column)).collect();
        let sql = format!("{} RETURNING {}", insert_sql::<E>(), returning.join(", "));
        let mut key = None;
        self.core.query(&sql, &inserted_values(entity), cause, |row| {
            key = Some(E::read_key(row)?);
            Ok(())
        })?;
        key.ok_or_else(|| Error::NotFound {
            doing: format!("inserting a {}", E::NAME),
            table: E::TABLE,
            sought: "was inserted".to_owned(),
            advice: "look for a trigger that ignores the row",
        })
    }

    /// Inserts many rows in one transaction, by one prepared statement. Gives how many.
    ///
    /// All of them are inserted or, if one is refused, none. The rows may come from anything that can be
    /// iterated over, so that they need not be in memory together. An integer key of 0 asks the database to
    /// choose one.
    ///
    /// ```
    /// # use shop::{OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let items = session.all(OrderItem::select().filter(OrderItem::ORDER_ID.eq(33)))?;
    /// let again = items.into_iter().map(|item| OrderItem { id: 0, ..item });
    /// assert_eq!(session.insert_all(again)?, 2);
    /// assert_eq!(session.count(OrderItem::select())?, 152);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the schema refuses a row.
    #[track_caller]
    pub fn insert_all<E: Entity>(&self, entities: impl IntoIterator<Item = E>) -> Result<u64> {
        let at = CallSite::caller();
        let cause = explicit("insert_all", at);
        let sql = insert_sql::<E>();
        self.core.in_transaction(at, || {
            self.core.execute_each(&sql, entities, inserted_values, cause)
        })
    }

    /// Writes all columns of an entity back to its row.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let mut ada = session.get::<Customer>(1)?;
    /// ada.email = "ada@example.org".to_owned();
    /// session.update(&ada)?;
    /// assert_eq!(session.get::<Customer>(1)?.email, "ada@example.org");
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if the row is gone, [`Error::Statement`] if the schema refuses the change.
    #[track_caller]
    pub fn update<E: Keyed>(&self, entity: &E) -> Result<()> {
        let at = CallSite::caller();
        let is_key = |column: &&str| E::KEY.contains(column);
        let (mut values, mut assignments) = (Vec::new(), Vec::new());
        for (column, value) in E::COLUMNS.iter().zip(entity.values()) {
            if !is_key(column) {
                values.push(value);
                assignments.push(format!("{} = ?{}", quote(column), values.len()));
            }
        }
        if assignments.is_empty() {
            // Nothing but a key: there is nothing to write, as long as the row is there.
            assignments.push(format!("{0} = {0}", quote(E::KEY[0])));
        }
        let condition = key_condition::<E>(values.len() + 1);
        let key = entity.key();
        values.extend(key.values().iter().cloned());
        let sql = format!(
            "UPDATE {} SET {} WHERE {condition}",
            quote(E::TABLE),
            assignments.join(", ")
        );
        let changed = self.core.execute(&sql, &values, explicit("update", at))?;
        found::<E>(changed, "updating", entity, at)
    }

    /// Deletes an entity's row.
    ///
    /// ```
    /// # use eagerly::Error;
    /// # use shop::{OrderItem, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let item = session.get::<OrderItem>(1)?;
    /// session.delete(&item)?;
    /// assert_eq!(session.count(OrderItem::select())?, 149);
    /// assert!(matches!(session.delete(&item), Err(Error::NotFound { .. })));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if the row is gone, [`Error::Statement`] if other rows still point to it.
    #[track_caller]
    pub fn delete<E: Keyed>(&self, entity: &E) -> Result<()> {
        let at = CallSite::caller();
        let sql = format!("DELETE FROM {} WHERE {}", quote(E::TABLE), key_condition::<E>(1));
        let key = entity.key();
        let changed = self.core.execute(&sql, key.values(), explicit("delete", at))?;
        found::<E>(changed, "deleting", entity, at)
    }
}

fn explicit(call: &'static str, at: CallSite) -> Cause<'static> {
    Cause::Explicit { call, at }
}

/// The values of a row to insert: null for a key that the database is to choose.
fn inserted_values<E: Entity>(entity: &E) -> Vec<Value<'_>> {
    let mut values = entity.values();
    if let [key] = E::KEY
        && let Some(place) = column_index::<E>(key)
        && matches!(values[place], Value::Integer(0))
    {
        values[place] = Value::Null;
    }
    values
}

fn insert_sql<E: Entity>() -> String {
    let columns: Vec<_> = E::COLUMNS.iter().map(|column| quote(column)).collect();
    let parameters: Vec<_> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quote(E::TABLE),
        columns.join(", "),
        parameters.join(", ")
    )
}

fn key_condition<E: Keyed>(first: usize) -> String {
    let conditions: Vec<_> = E::KEY
        .iter()
        .zip(first..)
        .map(|(column, number)| format!("{} = ?{number}", quote(column)))
        .collect();
    conditions.join(" AND ")
}

fn found<E: Keyed>(changed: u64, doing: &str, entity: &E, at: CallSite) -> Result<()> {
    if changed > 0 {
        return Ok(());
    }
    Err(Error::NotFound {
        doing: format!("{doing} a {} at {at}", E::NAME),
        table: E::TABLE,
        sought: format!("has the key {}", entity.key()),
        advice: "somebody may have deleted it: load it again",
    })
}
