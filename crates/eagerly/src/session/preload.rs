//! Preloading: loads relations of rows that are there already.
//!
//! A load path belongs to a query. A function that receives rows has no query. It preloads what it needs, and the
//! relations of all rows come in one statement each.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::call_site::CallSite;
use crate::error::Result;
use crate::load::{AddDefaults, LoadPath, LoadTree, PreloadCall, selectin};
use crate::model::{Entity, Keyed, Relation};
use crate::session::open::Session;

impl Session {
    /// Loads relations of rows that are there already, by at most one statement for each relation of the path.
    /// `immediate` sends one for each row.
    ///
    /// The rows can be a `Vec`, a slice, or references from several queries. What is loaded for a row is not loaded
    /// again. Only relations below it that are missing are added. Below rows of several queries, the defaults of the first
    /// row's query hold. Strategies that wait for an access (`lazy`, `batch` and `raise`) load nothing, and do not change
    /// what an access does.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// fn pieces(session: &Session, orders: &[Order]) -> Result<i64> {
    ///     session.preload(orders, selectin(Order::ITEMS))?; // one statement, for orders of any query
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
        let rows: Vec<_> = rows.into_iter().collect();
        self.preload_at(CallSite::caller(), &rows, path)
    }

    fn preload_at<E: Entity>(&self, at: CallSite, rows: &[&E], path: impl LoadPath<E>) -> Result<()> {
        let mut tree = LoadTree::default();
        path.add_to(&mut tree);
        tree.check(self.gate.dialect)?;
        if let Some(defaults) = tree.0.first().and_then(|load| load.defaults_of(rows)) {
            tree.add_defaults_below(&mut AddDefaults::of_preload::<E>(defaults));
        }
        let needs_snapshot = tree.0.len() > 1 || tree.0.iter().any(|load| load.preloads_in_several());
        let call = PreloadCall { gate: &self.gate, at, needs_snapshot, snapshot: OnceCell::new() };
        tree.preload(rows, &call)?;
        match call.snapshot.into_inner() {
            Some(snapshot) => snapshot.complete(),
            None => Ok(()),
        }
    }

    /// Loads a whole tree, for a relation that leads to its own entity: the children of the rows, their children, and so on,
    /// until a level is empty. Returns the number of levels that it has looked at, the one of the rows included.
    ///
    /// The depth is found while the program runs. Each level takes one statement, if it is not loaded already, and all of
    /// them see one state of the database. A row that comes again, because the data has a cycle, is not followed again.
    ///
    /// A recursive statement finds the rows of all levels at once. It is for a report: the rows come as a list, in which the
    /// program has to find the parents.
    ///
    /// ```
    /// # use eagerly::*; let session = Session::in_memory()?;
    /// #[derive(Entity)]
    /// #[entity(table = "folders")]
    /// struct Folder {
    ///     #[entity(key)]
    ///     id: i64,
    ///     parent_id: Option<i64>,
    ///     #[entity(foreign_key = "parent_id")]
    ///     folders: HasMany<Folder>,
    /// }
    /// session.execute("CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER)", [])?;
    /// session.execute("INSERT INTO folders VALUES (1, NULL), (2, 1), (3, 1), (4, 3)", [])?;
    /// let roots = session.all(Folder::select().filter(Folder::PARENT_ID.is_null()))?;
    /// let tally = session.tally();
    /// assert_eq!(session.preload_tree(&roots, Folder::FOLDERS)?, 3); // folders 1; 2 and 3; 4
    /// assert_eq!(roots[0].folders()?[1].folders()?[0].id, 4);
    /// assert_eq!(tally.statements(), 3);
    ///
    /// let tree = "WITH RECURSIVE tree(id, depth) AS (SELECT id, 0 FROM folders WHERE id = ?1 UNION ALL
    ///     SELECT folders.id, depth + 1 FROM folders JOIN tree ON folders.parent_id = tree.id)
    ///     SELECT max(depth) AS deepest FROM tree";
    /// #[derive(FromRow)]
    /// struct Depth { deepest: i64 }
    /// assert_eq!(session.query::<Depth>(tree, params![1])?[0].deepest, 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`preload`](Self::preload).
    #[track_caller]
    pub fn preload_tree<'r, E: Keyed, R: Relation<Parent = E, Target = E>>(
        &self,
        rows: impl IntoIterator<Item = &'r E>,
        relation: R,
    ) -> Result<usize> {
        let at = CallSite::caller();
        let (mut level, mut seen, mut levels): (Vec<&E>, _, _) =
            (rows.into_iter().collect(), BTreeSet::new(), 0);
        let snapshot = self.gate.snapshot_if(!level.is_empty(), at)?;
        loop {
            level.retain(|row| seen.insert(row.key().into_owned()));
            if level.is_empty() {
                break;
            }
            self.preload_at(at, &level, selectin(relation))?;
            levels += 1;
            let children = |row: &&'r E| R::link(row).loaded(&R::key(row)).unwrap_or_default();
            level = level.iter().flat_map(children).collect();
        }
        snapshot.complete()?;
        Ok(levels)
    }
}
