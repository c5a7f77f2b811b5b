//! Figures of rows that are there already.
//!
//! `session.all_with(query, figures)` computes figures with a query. A function that receives rows has no query. It computes
//! the figures of all rows by one statement (`query/key_list.rs` shows it), instead of one count for each row.

use crate::call_site::CallSite;
use crate::error::{Error, Result};
use crate::model::{Entity, Key, KeyCells, row_whose};
use crate::query::{Aggregates, Bindings, Compared, KeyList};
use crate::session::open::Session;
use crate::trace::{Cause, RelationInfo};

impl Session {
    /// Computes figures of rows that are there already, from their related rows. Returns one for each row, in the order of
    /// the rows.
    ///
    /// The rows can be a `Vec`, a slice, or references from several queries. One statement computes the figures of all of
    /// them. Without a row, nothing is sent. Like an access, it answers for the key that each row has now, and for the
    /// related rows that the database has now, and ignores loaded rows. A row without related rows has the count 0, the sum 0,
    /// and `None` for any other aggregate. A row exists in a relation if its count is above 0.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// fn busiest(session: &Session, customers: &[Customer]) -> Result<Option<i64>> {
    ///     let orders = session.figures(customers, Customer::ORDERS.count())?; // for customers of any query
    ///     let busiest = customers.iter().zip(orders).max_by_key(|(_, orders)| *orders);
    ///     Ok(busiest.map(|(customer, _)| customer.id))
    /// }
    /// let customers = session.all(Customer::select())?;
    /// let tally = session.tally();
    /// assert_eq!((busiest(&session, &customers)?, tally.statements()), (Some(2), 1));
    ///
    /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open")).count();
    /// let figures = session.figures(&customers[..2], (open, Customer::ORDERS.then(Order::ITEMS).count()))?;
    /// assert_eq!((figures, tally.statements()), (vec![(0, 6), (2, 91)], 2));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all_with`](Self::all_with).
    #[track_caller]
    pub fn figures<'r, E: Entity, A: Aggregates<E>>(
        &self,
        rows: impl IntoIterator<Item = &'r E>,
        figures: A,
    ) -> Result<Vec<A::Figures>> {
        let at = CallSite::caller();
        figures.check(self.gate.dialect)?;
        let rows: Vec<_> = rows.into_iter().collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let compared = Compared::look_up(&self.gate, figures.relations())?;
        let (list, mut select, values) = KeyList::of(&self.gate, figures.keys(), &compared, &rows);
        let mut values = Bindings::new(self.gate.dialect, values).comparing(compared);
        let places = figures.join(&mut select, Some(&list), &mut values);
        let mut read = Vec::with_capacity(rows.len());
        self.gate.query(&select.text(), &values.values, Cause::explicit("figures", at), &mut |row| {
            let figure = A::read(row, &places, KeyCells::Absent);
            read.push(figure.map_err(|error| match (rows.get(read.len()), figures.keys().first()) {
                (Some(row), Some((relation, key))) => with_row(error, relation, &key(row)),
                _ => error,
            })?);
            Ok(())
        })?;
        Ok(read)
    }
}

/// Adds to the error of a figure which row it belongs to.
#[cold]
fn with_row(mut error: Error, relation: &RelationInfo, key: &Key<'_>) -> Error {
    if let Error::Decode { mismatch, .. } = &mut error {
        let columns = relation.parent_columns.iter().copied().zip(key.values().iter().cloned());
        mismatch.found.push_str(&format!(", for {}", row_whose(relation.parent, columns)));
    }
    error
}
