//! Skip at first. Loads relations of rows that are there already: `session.preload(&customers, path)`.
//!
//! ```sql
//! -- session.preload(&customers, selectin(Customer::ORDERS).selectin(Order::ITEMS))
//! SELECT "id", … FROM "orders" WHERE "customer_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "customer_id", "id"
//! SELECT "id", … FROM "order_items" WHERE "order_id" IN (SELECT +value FROM rarray(?1)) ORDER BY "order_id", "id"
//! ```
//!
//! For each relation of the path:
//! 1. The rows are divided into those for which it is loaded and those for which it is missing.
//! 2. One statement loads what is missing, for all of these rows, even if they are from several cohorts. They need not
//!    be next to each other, so each row keeps its own place in the new collection (`model/kept.rs`).
//! 3. The related rows of both kinds are the rows of the next level.
//!
//! So each relation of the path takes at most one statement, except by `immediate`. `joined` and `subquery` need the
//! statement of the parents. At the first level, and below rows that are loaded already, there is none. There they list
//! keys, as `selectin` does.

use std::rc::Rc;

use crate::error::{Error, Result};
use crate::load::access::unattached;
use crate::load::strategy::contract::{Step, keys};
use crate::load::strategy::lazy::load_one;
use crate::load::strategy::selectin::{load_listed, two_parts};
use crate::load::tree::{LoadTree, PreloadCall};
use crate::model::{Collection, Key, Related, Relation};
use crate::trace::{Cause, Strategy, When};

impl<P> LoadTree<P> {
    /// Loads the relations of the tree for rows that are there already, unless they are loaded.
    pub(crate) fn preload(&self, rows: &[&P], call: &PreloadCall<'_>) -> Result<()> {
        self.0.iter().try_for_each(|load| load.preload(rows, call))
    }

    /// Sets what an access to the relations that wait for one does.
    fn defer(&self, rows: &[P]) -> Result<()> {
        let mut waiting = self.0.iter().filter(|load| load.when() == When::OnAccess);
        waiting.try_for_each(|load| load.load(rows, None))
    }
}

impl PreloadCall<'_> {
    /// Begins the snapshot before the first statement, if there may be several.
    fn begin(&self) -> Result<()> {
        if self.needs_snapshot && self.snapshot.get().is_none() {
            let _ = self.snapshot.set(self.gate.snapshot_if(true, self.at)?);
        }
        Ok(())
    }
}

/// A row for which the relation is missing.
struct Missing<'r, R: Relation> {
    row: &'r R::Parent,
    key: Key<'r>,
    /// Where the related rows will be kept.
    related: &'r Rc<Related<R::Target>>,
    position: u32,
}

/// The rows for which the relation is missing, and the related rows of the others.
type Divided<'r, R> = (Vec<Missing<'r, R>>, Vec<&'r <R as Relation>::Target>);

impl<R: Relation> Step<R> {
    /// Loads the relation for rows that are there already. A strategy that waits for an access loads nothing.
    pub(crate) fn preload_rows(&self, rows: &[&R::Parent], call: &PreloadCall<'_>) -> Result<()> {
        if !self.strategy.is_eager() {
            return Ok(());
        }
        if self.has_second_part {
            return Err(two_parts::<R>());
        }
        let (missing, mut loaded) = self.divide(rows, call)?;
        let Some(first) = missing.first() else {
            return self.below.preload(&loaded, call);
        };
        if missing.iter().any(|missing| !missing.key.is_null()) {
            call.begin()?;
        }
        if self.strategy == Strategy::Immediate {
            self.load_each(&missing, call)?;
            return self.below.preload(&loaded, call);
        }
        let cause = self.cause_of_preload(first, rows.len() == 1, call);
        let keys = keys::<R>(missing.iter().map(|missing| missing.row));
        let (parents, part) = (&first.related.parents, self.part.as_ref());
        // If the relation is loaded for some rows, what is below it is loaded for all of them together.
        let (nothing, are_all_missing) = (LoadTree::default(), loaded.is_empty());
        let below = if are_all_missing { &*self.below } else { &nothing };
        let children = Rc::new(load_listed::<R>(parents, keys, Strategy::Selectin, part, below, cause)?);
        self.keep(&missing, &children);
        if are_all_missing {
            return Ok(());
        }
        self.below.defer(children.rows())?;
        loaded.extend(children.rows());
        self.below.preload(&loaded, call)
    }

    /// Divides the rows into those for which the relation is missing and the others.
    fn divide<'r>(&self, rows: &[&'r R::Parent], call: &PreloadCall<'_>) -> Result<Divided<'r, R>> {
        let (mut missing, mut loaded) = (Vec::new(), Vec::new());
        for &row in rows {
            let link = R::link(row);
            let related = link.related().ok_or_else(|| unattached::<R>(call.at))?;
            if !Rc::ptr_eq(&related.parents.gate, call.gate) {
                return Err(Error::OtherSession { relation: R::INFO.to_string(), at: call.at });
            }
            let (key, position) = (R::key(row), link.position());
            if self.part.is_some() {
                if related.part(position).is_some() {
                    return Err(two_parts::<R>());
                }
                missing.push(Missing { row, key, related, position });
            } else if let Some(rows) = related.loaded(position, &key) {
                loaded.extend(rows);
            } else {
                related.parents.cohort.accesses.record_preload(R::INFO.place);
                let (related, position) = related.free_place(position, &key);
                missing.push(Missing { row, key, related, position });
            }
        }
        Ok((missing, loaded))
    }

    /// Loads the relation by a statement for each row.
    fn load_each(&self, missing: &[Missing<'_, R>], call: &PreloadCall<'_>) -> Result<()> {
        for row in missing {
            let (Missing { key, related, position, .. }, cause) =
                (row, self.cause_of_preload(row, true, call));
            // The same row may be there twice.
            if related.loaded(*position, key).is_none() {
                let children = load_one::<R>(&related.parents, key, self.strategy, &self.below, cause)?;
                related.keep_single(*position, key, children);
            }
        }
        Ok(())
    }

    /// Keeps the related rows, in the order of the rows for which they were missing.
    fn keep(&self, missing: &[Missing<'_, R>], children: &Rc<Collection<R::Target>>) {
        let is_part = self.part.is_some();
        let Some(first) = missing.first() else {
            return;
        };
        if is_whole_cohort(missing) {
            if is_part {
                return first.related.keep_part(Rc::clone(children));
            }
            self.remember(first.related);
            return first.related.keep_whole(Rc::clone(children));
        }
        for (place, missing) in (0..).zip(missing) {
            let (related, position, children) = (missing.related, missing.position, Rc::clone(children));
            match is_part {
                true => related.keep_shared_part(position, children, place),
                false => related.keep_shared(position, &missing.key, children, place),
            }
        }
    }

    /// Returns the cause of a statement for one row, if it `is_alone`, or for several.
    fn cause_of_preload<'r>(
        &self,
        first: &Missing<'r, R>,
        is_alone: bool,
        call: &PreloadCall<'_>,
    ) -> Cause<'r> {
        Cause::Eager {
            relation: R::INFO,
            parents: &first.related.parents.cohort,
            strategy: match self.strategy {
                Strategy::Immediate => Strategy::Immediate,
                _ => Strategy::Selectin,
            },
            is_part: self.part.is_some(),
            position: is_alone.then_some(first.position),
            at: call.at,
            preloads: Some(first.position),
            learned_from: None,
        }
    }
}

/// Returns whether these are all rows of one cohort, in their order.
fn is_whole_cohort<R: Relation>(missing: &[Missing<'_, R>]) -> bool {
    let Some(first) = missing.first() else {
        return false;
    };
    first.related.parents.cohort.size() as usize == missing.len()
        && (0..).zip(missing).all(|(position, missing)| {
            missing.position == position && Rc::ptr_eq(missing.related, first.related)
        })
}
