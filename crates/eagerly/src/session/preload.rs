//! Preloading: loads relations of rows that are there already.
//!
//! A load path belongs to a query. A function that receives rows has no query. It preloads what it needs, and the
//! relations of all rows come in one statement each.

use std::any::TypeId;
use std::cell::OnceCell;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::load::{LoadPath, LoadTree, PreloadCall};
use crate::model::Entity;
use crate::session::open::Session;

impl Session {
    /// Loads relations of rows that are there already, by at most one statement for each relation of the path.
    /// `immediate` sends one for each row.
    ///
    /// The rows can be a `Vec`, a slice, or references from several queries. What is loaded for a row is not loaded
    /// again. Only relations below it that are missing are added. Below rows of several queries, the defaults of the first
    /// row's query hold. Strategies that wait for an access (`lazy`, `batch`
    /// and `raise`) load nothing, and do not change what an access does.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// fn pieces(session: &Session, orders: &[Order]) -> Result<i64> {
    ///     session.preload(orders, selectin(Order::ITEMS))?; // one statement, whichever query the orders are from
    ///     let mut pieces = 0;
    ///     for order in orders {
    ///         pieces += order.items()?.iter().map(|item| item.quantity).sum::<i64>();
    ///     }
    ///     Ok(pieces)
    /// }
    /// let orders = session.all(Order::select())?;
    /// let tally = session.tally();
    /// assert_eq!((pieces(&session, &orders[..20])?, tally.statements()), (186, 1));
    /// assert_eq!((pieces(&session, &orders[..20])?, tally.statements()), (186, 1)); // nothing is loaded twice
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all). [`Error::Unattached`](crate::Error::Unattached) if a row was built by hand,
    /// [`Error::OtherSession`](crate::Error::OtherSession) if another session loaded it, and
    /// [`Error::TwoParts`](crate::Error::TwoParts) if the path has a part of a relation and the row has one.
    #[track_caller]
    pub fn preload<'r, E: Entity>(
        &self,
        rows: impl IntoIterator<Item = &'r E>,
        path: impl LoadPath<E>,
    ) -> Result<()> {
        let at = CallSite::caller();
        let rows: Vec<_> = rows.into_iter().collect();
        let mut tree = LoadTree::default();
        path.add_to(&mut tree);
        tree.check(self.gate.dialect)?;
        if let Some(defaults) = tree.0.first().and_then(|load| load.defaults_of(&rows)) {
            tree.add_defaults_below(defaults, &mut vec![TypeId::of::<E>()]);
        }
        let needs_snapshot = tree.0.len() > 1 || tree.0.iter().any(|load| load.preloads_in_several());
        let call = PreloadCall { gate: &self.gate, at, needs_snapshot, snapshot: OnceCell::new() };
        tree.preload(&rows, &call)?;
        match call.snapshot.into_inner() {
            Some(snapshot) => snapshot.complete(),
            None => Ok(()),
        }
    }
}
