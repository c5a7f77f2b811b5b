//! Inserting: entities that become rows.
//!
//! ```sql
//! INSERT INTO "customers" ("id", "first_name", "last_name", "email") VALUES (?1, ?2, ?3, ?4) RETURNING "id"
//!
//! -- an upsert
//! INSERT INTO "customers" AS present (…) VALUES (…)
//!     ON CONFLICT ("id") DO UPDATE SET "first_name" = excluded."first_name", … RETURNING "id"
//! ```
//!
//! Each writes the columns of one entity, except those that are read only. Related entities are rows of their own.

use std::cell::OnceCell;

use crate::call_site::CallSite;
use crate::database::{Connection, Row, Value, quote, quote_all};
use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::model::{AsEntity, Entity, Keyed};
use crate::session::open::Session;
use crate::trace::{Cause, EntityInfo};

impl Session {
    /// Inserts a row and returns its key. For a key of 0 or `None`, the database chooses one. The entity itself is not
    /// changed. To read what the database chose for read-only columns, load the row.
    ///
    /// In SQLite, the database chooses a key only for a column that is declared `INTEGER PRIMARY KEY`. In any other column,
    /// 0 is written as 0, and `None` as `NULL`. PostgreSQL uses the column's default or identity, or a trigger.
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
        self.insert_one("insert", CallSite::caller(), entity, &Insert::of(E::INFO, &self.gate))
    }

    /// Inserts many rows in one transaction, by one prepared statement. Returns the number of rows.
    ///
    /// If one row is refused, none is inserted. The rows come from an iterator of entities or of references to
    /// entities, so they need not be in memory together. For a key of 0 or `None`, the database chooses one.
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
        self.insert_each("insert_all", CallSite::caller(), entities, &Insert::of(E::INFO, &self.gate))
    }

    /// Inserts a row, or updates the row that has its key, in one statement. Returns the key.
    ///
    /// An update writes all columns except the key and those that are read only. For a key of 0 or `None`, the database
    /// chooses a key, so the row is inserted. The table needs a primary key or a unique index of exactly the key's columns.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let mut ada = session.get::<Customer>(1)?;
    /// ada.email = "ada@example.org".to_owned();
    /// session.upsert(&ada)?;                                        // updates the row 1
    /// session.upsert(&Customer { id: 70, ..ada })?;                 // inserts a row
    /// let with_it = Customer::select().filter(Customer::EMAIL.eq("ada@example.org"));
    /// assert_eq!(session.count(with_it)?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`insert`](Self::insert): another unique column that already has the value is an [`Error::Statement`].
    /// [`Error::ReadOnlyColumn`] if the key is read only.
    #[track_caller]
    pub fn upsert<E: Keyed>(&self, entity: &E) -> Result<E::Key> {
        let at = CallSite::caller();
        self.insert_one("upsert", at, entity, &Insert::of(E::INFO, &self.gate).or_update(at)?)
    }

    /// Inserts or updates many rows, as [`upsert`](Self::upsert) does, in one transaction. Returns the number of rows.
    ///
    /// If one row is refused, none is written. If a key comes twice, the last row wins.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let mut customers = session.all(Customer::select())?;
    /// customers[0].email = "ada@example.org".to_owned();
    /// customers.push(Customer { last_name: "Noether".to_owned(), ..Customer::default() });
    /// assert_eq!(session.upsert_all(&customers)?, 6);
    /// assert_eq!(session.count(Customer::select())?, 6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`upsert`](Self::upsert). On PostgreSQL, a row that another connection writes at the same time is an
    /// [`Error::Statement`] of the kind [`Busy`](crate::Failure::Busy).
    #[track_caller]
    pub fn upsert_all<E: Keyed>(
        &self,
        entities: impl IntoIterator<Item: AsEntity<Entity = E>>,
    ) -> Result<u64> {
        let at = CallSite::caller();
        self.insert_each("upsert_all", at, entities, &Insert::of(E::INFO, &self.gate).or_update(at)?)
    }
}

impl Session {
    fn insert_one<E: Keyed>(
        &self,
        call: &'static str,
        at: CallSite,
        entity: &E,
        insert: &Insert<'_>,
    ) -> Result<E::Key> {
        let misreports =
            |open: &Connection| open.misreports_keys(E::INFO.schema, E::INFO.table, E::INFO.key[0]);
        if self.gate.with_connection(misreports) == Some(true) {
            return Err(insert.key_not_reported(
                at,
                "SQLite does not report which key the trigger of a view gave the row",
                "write into the table behind the view; `insert_all`, which returns no key, can insert into the view",
            ));
        }
        let (text, values) = insert.row(entity);
        let sql = format!("{text} RETURNING {}", quote_all(E::INFO.key));
        let is_chosen = insert.chooses_key(&entity.values());
        let mut key = None;
        self.gate.insert(&sql, &values, Cause::explicit(call, at), &mut |row| {
            if is_chosen {
                insert.confirm_chosen(row, at)?;
            }
            key = Some(E::read_key(row)?);
            Ok(())
        })?;
        key.ok_or_else(|| Error::NotFound {
            doing: insert.doing(at),
            table: E::INFO.full_name,
            sought: "was inserted".to_owned(),
            advice: "look for a trigger, a rule or an `ON CONFLICT IGNORE` that ignores the row",
        })
    }

    fn insert_each<E: Entity>(
        &self,
        call: &'static str,
        at: CallSite,
        entities: impl IntoIterator<Item: AsEntity<Entity = E>>,
        insert: &Insert<'_>,
    ) -> Result<u64> {
        let transaction = self.gate.transaction(at)?;
        let cause = Cause::explicit(call, at);
        let written = self.gate.execute_each(entities, |entity| insert.row(entity.as_entity()), cause)?;
        transaction.complete()?;
        Ok(written)
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
    /// The action that an error names.
    doing: &'static str,
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
        let (complete, doing) = (text(None), "inserting");
        Self { complete, keyless, key, entity, doing, gate, chooses: OnceCell::new() }
    }

    /// Updates the row instead, if there is one with the key. The text without the key stays, because a key that the
    /// database chooses is in no other row.
    ///
    /// An entity that has only a key writes that key to itself. `DO NOTHING` would do, but it returns no row, so the key
    /// that the database has would not be known.
    fn or_update(mut self, at: CallSite) -> Result<Self> {
        self.doing = "upserting";
        let entity = self.entity;
        if let Some(column) = entity.key.iter().find(|name| !entity.written.contains(name)) {
            return Err(Error::ReadOnlyColumn {
                doing: self.doing(at),
                column,
                advice: "the database always chooses this key: call `insert` for a new row, `update` for one that has a key",
            });
        }
        let written = entity.written.iter().filter(|name| !entity.key.contains(name));
        let mut updates: Vec<_> = written.map(|name| format!("{0} = excluded.{0}", quote(name))).collect();
        if updates.is_empty() {
            updates.push(format!("{0} = present.{0}", quote(entity.key[0])));
        }
        // With an alias, `excluded` is never the table. In SQLite, a table of that name would be set to its own values.
        self.complete.insert_str("INSERT INTO ".len() + entity.sql_name().len(), " AS present");
        self.complete +=
            &format!(" ON CONFLICT ({}) DO UPDATE SET {}", quote_all(entity.key), updates.join(", "));
        Ok(self)
    }

    fn doing(&self, at: CallSite) -> String {
        format!("{} `{}` at {at}", self.doing, self.entity.name)
    }

    /// Returns whether the database chooses the key of the row with these values: whether the key is 0, and its column is
    /// one that the database fills.
    fn chooses_key(&self, values: &[Value<'_>]) -> bool {
        let chooses =
            |open: &Connection| open.chooses_key(self.entity.schema, self.entity.table, self.entity.key[0]);
        self.key.is_some_and(|key| matches!(values[key], Value::Integer(0)))
            && *self.chooses.get_or_init(|| self.gate.with_connection(chooses).unwrap_or(true))
    }

    /// Returns the text for a row, and the values to bind. For a key of 0 or `NULL`, the database chooses one.
    fn row<'e, E: Entity>(&self, entity: &'e E) -> (&str, Vec<Value<'e>>) {
        let mut values = entity.values();
        let chosen = self.key.filter(|key| values[*key].is_null() || self.chooses_key(&values));
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

    /// Returns an error if a row does not hold the key that the database chose.
    fn confirm_chosen(&self, row: &Row<'_>, at: CallSite) -> Result<()> {
        let confirms = |open: &Connection| open.confirms_chosen(row.cell(0));
        match self.gate.with_connection(confirms) {
            Some(false) => Err(self.key_not_reported(
                at,
                "the key is 0, and the database does not report a key that it chose instead",
                "give the entity a key other than 0, or give the column a default; `insert_all` returns no key",
            )),
            _ => Ok(()),
        }
    }

    fn key_not_reported(&self, at: CallSite, reason: &'static str, advice: &'static str) -> Error {
        Error::KeyNotReported { doing: self.doing(at), reason, advice }
    }
}
