//! Writing: insert, update, delete.
//!
//! ```sql
//! INSERT INTO "customers" ("id", "first_name", "last_name", "email") VALUES (?1, ?2, ?3, ?4) RETURNING "id"
//! UPDATE "customers" SET "first_name" = ?1, "last_name" = ?2, "email" = ?3 WHERE "id" = ?4
//! DELETE FROM "customers" WHERE "id" = ?1
//! ```
//!
//! Each writes the columns of one entity, except those that are read only. Related entities are rows of their own.

use std::cell::OnceCell;

use crate::call_site::CallSite;
use crate::database::{Connection, Dialect, Row, Value, quote};
use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::model::{AsEntity, Entity, Keyed};
use crate::query::all_equal;
use crate::session::open::Session;
use crate::trace::{Cause, EntityInfo};

impl Session {
    /// Inserts a row and returns its key. For an integer key of 0, the database chooses one. The entity itself is not
    /// changed. To read what the database chose for read-only columns, load the row.
    ///
    /// In SQLite, the database chooses a key only for a column that is declared `INTEGER PRIMARY KEY`. In any other column,
    /// 0 is written as 0. PostgreSQL uses the column's default or identity, or a trigger.
    ///
    /// The returned key is the one that the row had when it was inserted. If an `AFTER` trigger changes the key later, no
    /// database reports that.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let mut another = session.get::<OrderItem>(1)?;
    /// another.id = 0;
    /// assert_eq!(session.insert(&another)?, 151);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// A new entity that derives `Default` needs neither a key nor its relations:
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let (first_name, last_name) = ("Emmy".to_owned(), "Noether".to_owned());
    /// assert_eq!(session.insert(&Customer { first_name, last_name, ..Customer::default() })?, 6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the schema refuses the row, [`Error::NotFound`] if a trigger ignores it.
    /// [`Error::KeyNotReported`] if the database cannot report the key, as for a view in SQLite. [`Error::Decode`] if the
    /// key does not fit its field. After the last two, the row is not kept, and an open transaction is undone. On
    /// PostgreSQL outside of a transaction, only the first insert into a table is sure to be undone.
    #[track_caller]
    pub fn insert<E: Keyed>(&self, entity: &E) -> Result<E::Key> {
        let at = CallSite::caller();
        if self
            .gate
            .with_connection(|open| open.misreports_keys(E::INFO.schema, E::INFO.table, E::INFO.key[0]))
            == Some(true)
        {
            return Err(key_not_reported(
                E::INFO,
                at,
                "SQLite does not report which key the trigger of a view gave the row",
                "insert into the table behind the view, or use `insert_all`, which returns no key",
            ));
        }
        let returning: Vec<_> = E::INFO.key.iter().map(|name| quote(name)).collect();
        let insert = Insert::of(E::INFO, &self.gate);
        let (text, values) = insert.row(entity);
        let sql = format!("{text} RETURNING {}", returning.join(", "));
        let is_chosen = insert.chooses_key(&entity.values());
        let mut key = None;
        self.gate.insert(&sql, &values, Cause::explicit("insert", at), &mut |row| {
            if is_chosen {
                self.confirm_chosen(row, E::INFO, at)?;
            }
            key = Some(E::read_key(row)?);
            Ok(())
        })?;
        key.ok_or_else(|| Error::NotFound {
            doing: format!("inserting `{}` at {at}", E::INFO.name),
            table: E::INFO.full_name,
            sought: "was inserted".to_owned(),
            advice: "look for a trigger, a rule or an `ON CONFLICT IGNORE` that ignores the row",
        })
    }

    /// Returns an error if a row does not hold the key that the database chose.
    fn confirm_chosen(&self, row: &Row<'_>, entity: &EntityInfo, at: CallSite) -> Result<()> {
        let confirms = |open: &Connection| open.confirms_chosen(row.cell(0));
        match self.gate.with_connection(confirms) {
            Some(false) => Err(key_not_reported(
                entity,
                at,
                "the key is 0, and the database does not report a key that it chose instead",
                "give the entity a key other than 0, or give the column a default; `insert_all` returns no key",
            )),
            _ => Ok(()),
        }
    }

    /// Inserts many rows in one transaction, by one prepared statement. Returns the number of rows.
    ///
    /// If one row is refused, none is inserted. The rows come from an iterator of entities or of references to
    /// entities, so they need not be in memory together. For an integer key of 0, the database chooses one.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let items = session.all(OrderItem::select().filter(OrderItem::ORDER_ID.eq(33)))?;
    /// session.execute("DELETE FROM order_items WHERE order_id = 33", [])?;
    /// assert_eq!(session.insert_all(&items)?, 2);
    /// let again = items.into_iter().map(|item| OrderItem { id: 0, ..item });
    /// assert_eq!(session.insert_all(again)?, 2);
    /// assert_eq!(session.count(OrderItem::select())?, 152);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the schema refuses a row.
    #[track_caller]
    pub fn insert_all<E: Entity>(
        &self,
        entities: impl IntoIterator<Item: AsEntity<Entity = E>>,
    ) -> Result<u64> {
        let at = CallSite::caller();
        let transaction = self.gate.transaction(at)?;
        let cause = Cause::explicit("insert_all", at);
        let insert = Insert::of(E::INFO, &self.gate);
        let inserted = self.gate.execute_each(entities, |entity| insert.row(entity.as_entity()), cause)?;
        transaction.complete()?;
        Ok(inserted)
    }

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
        Err(match found {
            0 => Error::NotFound {
                doing,
                table: E::INFO.full_name,
                sought: format!("has the key {key}"),
                advice: "load it again: another program may have deleted it",
            },
            _ => Error::Ignored { doing, table: E::INFO.full_name, key: key.to_string() },
        })
    }
}

/// The statement that inserts a row of an entity.
struct Insert<'g> {
    /// The text that names all columns.
    complete: String,
    /// The text without the key, for a row whose key the database chooses. SQLite needs none: there the key is null.
    keyless: Option<String>,
    /// The place of the key among the written columns, if it is one of them.
    key: Option<usize>,
    entity: &'static EntityInfo,
    gate: &'g Gate,
    /// Whether the database chooses keys for this table, looked up at the first key of 0.
    chooses: OnceCell<bool>,
}

impl<'g> Insert<'g> {
    fn of(entity: &'static EntityInfo, gate: &'g Gate) -> Self {
        let dialect = gate.dialect;
        let key = match entity.key {
            [key] => entity.written.iter().position(|name| name == key),
            _ => None,
        };
        let text = |left_out: Option<usize>| {
            let named = entity.written.iter().enumerate().filter(|(place, _)| Some(*place) != left_out);
            let columns: Vec<_> = named.map(|(_, name)| quote(name)).collect();
            let parameters: Vec<_> = (1..=columns.len()).map(|number| dialect.parameter(number)).collect();
            let table = entity.sql_name();
            match columns.is_empty() {
                true => format!("INSERT INTO {table} DEFAULT VALUES"),
                false => {
                    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), parameters.join(", "))
                }
            }
        };
        let keyless = key.filter(|_| !dialect.chooses_null_keys()).map(|key| text(Some(key)));
        Self { complete: text(None), keyless, key, entity, gate, chooses: OnceCell::new() }
    }

    /// Returns whether the database chooses the key of the row with these values: whether the key is 0, and its column is
    /// one that the database fills.
    fn chooses_key(&self, values: &[Value<'_>]) -> bool {
        let chooses =
            |open: &Connection| open.chooses_key(self.entity.schema, self.entity.table, self.entity.key[0]);
        self.key.is_some_and(|key| matches!(values[key], Value::Integer(0)))
            && *self.chooses.get_or_init(|| self.gate.with_connection(chooses).unwrap_or(true))
    }

    /// Returns the text for a row, and the values to bind. For a key of 0, the database chooses one.
    fn row<'e, E: Entity>(&self, entity: &'e E) -> (&str, Vec<Value<'e>>) {
        let mut values = entity.values();
        let chosen = self.key.filter(|_| self.chooses_key(&values));
        match (chosen, &self.keyless) {
            (None, _) => (&self.complete, values),
            (Some(key), None) => {
                values[key] = Value::Null;
                (&self.complete, values)
            }
            (Some(key), Some(keyless)) => {
                values.remove(key);
                (keyless, values)
            }
        }
    }
}

fn key_not_reported(entity: &EntityInfo, at: CallSite, reason: &'static str, advice: &'static str) -> Error {
    Error::KeyNotReported { doing: format!("inserting `{}` at {at}", entity.name), reason, advice }
}

/// Returns the condition that a row has a key. The key's values are bound from the parameter number `first` on.
fn key_condition(entity: &EntityInfo, first: usize, dialect: Dialect) -> String {
    let parameters = (first..).map(|number| dialect.parameter(number));
    all_equal(entity.key.iter().map(|name| quote(name)).zip(parameters))
}
