//! Writing all rows that a query selects, in one statement. The rows do not come into memory.
//!
//! ```sql
//! UPDATE "orders" SET "status" = ?1 WHERE "status" = ?2
//! DELETE FROM "orders" WHERE "status" = ?1
//!
//! -- with a limit, an offset or an aggregate
//! DELETE FROM "orders" WHERE "id" IN (SELECT "id" FROM "orders" ORDER BY "placed_on", "id" LIMIT ?1)
//! ```

use crate::call_site::CallSite;
use crate::database::{Value, quote};
use crate::error::{Error, Result};
use crate::model::Entity;
use crate::query::{Assignment, Bindings};
use crate::session::open::Session;
use crate::session::select::Select;
use crate::trace::Cause;

impl Session {
    /// Updates all rows that a query selects, in one statement. Returns the number of rows.
    ///
    /// A query without a filter selects every row of the table, and then all of them are updated. A limit or an offset
    /// counts rows in the order of the query; with one, or with an aggregate in the filter, a row whose key is `NULL` is left
    /// as it is. If a column is set twice, the last value wins. Without an assignment, nothing is sent.
    ///
    /// Rows that are in memory do not change. Relations that are loaded stay as they are, until
    /// [`reload`](crate::HasMany::reload). What is loaded later is read from the database as it is then.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let open = Order::select().filter(Order::STATUS.eq("open"));
    /// assert_eq!(session.update_all(open, Order::STATUS.set("sent"))?, 5);
    /// let oldest = Order::select().order_by(Order::PLACED_ON).limit(3);
    /// let changes = [Order::STATUS.set("returned"), Order::PLACED_ON.set("2026-11-22")];
    /// assert_eq!(session.update_all(oldest, changes)?, 3);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the schema refuses a change. Then no row is changed. [`Error::ReadOnlyColumn`] if a column is
    /// read only, [`Error::WriteNeedsKey`] if the query has a limit, an offset or an aggregate and the entity has no key.
    #[track_caller]
    pub fn update_all<E: Entity>(
        &self,
        query: Select<E>,
        assignments: impl IntoIterator<Item = Assignment<E>>,
    ) -> Result<u64> {
        let cause = Cause::explicit("update_all", CallSite::caller());
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for Assignment { column, value, .. } in assignments {
            if !E::INFO.written.contains(&column) {
                return Err(Error::ReadOnlyColumn {
                    doing: cause.to_string(),
                    column,
                    advice: "remove the assignment, or remove `read_only` from the field",
                });
            }
            match columns.iter().position(|set| *set == column) {
                Some(place) => values[place] = value,
                None => {
                    columns.push(column);
                    values.push(value);
                }
            }
        }
        if columns.is_empty() {
            return Ok(0);
        }
        let parameters = (1..).map(|number| self.gate.dialect.parameter(number));
        let assigned = columns.iter().zip(parameters);
        let assigned: Vec<_> = assigned.map(|(name, value)| format!("{} = {value}", quote(name))).collect();
        let text = format!("UPDATE {} SET {}", E::INFO.sql_name(), assigned.join(", "));
        self.write_all(text, values, query, cause)
    }

    /// Deletes all rows that a query selects, in one statement. Returns the number of rows.
    ///
    /// A query without a filter selects every row of the table, and then all of them are deleted. A limit, an offset or an
    /// aggregate works as in [`update_all`](Self::update_all). Entities that are in memory stay, and so do the related rows
    /// that they have loaded.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let returned = || OrderItem::select().filter(OrderItem::ORDER.any(Order::STATUS.eq("returned")));
    /// let before = session.count(OrderItem::select())?;
    /// let deleted = session.delete_all(returned())?;
    /// assert_eq!(session.count(OrderItem::select())?, before - deleted);
    /// assert!(!session.exists(returned())?);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if other rows still point to one of the rows. Then no row is deleted. [`Error::WriteNeedsKey`] if
    /// the query has a limit, an offset or an aggregate and the entity has no key.
    #[track_caller]
    pub fn delete_all<E: Entity>(&self, query: Select<E>) -> Result<u64> {
        let cause = Cause::explicit("delete_all", CallSite::caller());
        self.write_all(format!("DELETE FROM {}", E::INFO.sql_name()), Vec::new(), query, cause)
    }

    /// Sends a statement for the rows of a query. `values` are those that the text binds already.
    fn write_all<E: Entity>(
        &self,
        mut text: String,
        values: Vec<Value<'static>>,
        mut query: Select<E>,
        cause: Cause<'_>,
    ) -> Result<u64> {
        if E::INFO.key.is_empty() && query.selection.is_found_by_key() {
            return Err(Error::WriteNeedsKey { doing: cause.to_string(), entity: E::INFO.name });
        }
        query.selection.compare_in(&self.gate)?;
        let mut values = Bindings::new(self.gate.dialect, values);
        if let Some(condition) = query.selection.condition_on_table(&mut values) {
            text += &format!(" WHERE {condition}");
        }
        self.gate.execute(&text, &values.values, cause)
    }
}
