//! Accesses: what the accessor `customer.orders()?` does.
//!
//! If the related rows are loaded for the key that the row has now, it returns them: a comparison of two integers and
//! a slice. If not, the strategy decides what happens.

use crate::call_site::CallSite;
use crate::error::{Error, Result};
use crate::load::strategy::contract::PendingLoad;
use crate::model::{Access, Key, OnAccess as _, Relation};

/// Returns the related rows, and loads them first if needed. The accessor of a has-many calls it.
#[doc(hidden)]
#[inline]
#[track_caller]
pub fn many<R: Relation>(parent: &R::Parent) -> Result<&[R::Target]> {
    access::<R>(parent, CallSite::caller())
}

/// Returns the related row, if there is one. The accessor of a has-one and of an optional belongs-to calls it.
#[doc(hidden)]
#[inline]
#[track_caller]
pub fn optional<R: Relation>(parent: &R::Parent) -> Result<Option<&R::Target>> {
    Ok(access::<R>(parent, CallSite::caller())?.first())
}

/// Returns the related row, which must exist. The accessor of a belongs-to calls it.
#[doc(hidden)]
#[inline]
#[track_caller]
pub fn required<R: Relation>(parent: &R::Parent) -> Result<&R::Target> {
    let at = CallSite::caller();
    let found = access::<R>(parent, at)?.first();
    found.ok_or_else(|| dangling::<R>(parent, at))
}

#[inline]
fn access<R: Relation>(parent: &R::Parent, at: CallSite) -> Result<&[R::Target]> {
    let link = R::link(parent);
    link.record_access();
    let key = R::key(parent);
    match link.loaded(&key) {
        Some(rows) => Ok(rows),
        None => load::<R>(parent, key, at),
    }
}

/// Loads the related rows by the chosen or default strategy.
#[cold]
#[inline(never)]
fn load<'r, R: Relation>(parent: &'r R::Parent, key: Key<'r>, at: CallSite) -> Result<&'r [R::Target]> {
    let link = R::link(parent);
    let related = match link.related() {
        Some(related) => related,
        None if key.is_null() => return Ok(&[]),
        None => return Err(unattached::<R>(at)),
    };
    let (related, position) = related.free_place(link.position(), &key);
    related.record_access(position);
    if key.is_null() {
        // A null points to nothing under every strategy, so nothing is sent, and `raise` has nothing to refuse.
        return Ok(related.keep_single(position, &key, Vec::new()));
    }
    let access = Access { related, position, key, at };
    match related.on_access() {
        Some(on_access) => on_access.load(&access),
        None => PendingLoad::<R>::again(&related.parents, None).load(&access),
    }
}

/// Returns the error of an entity that did not come from a session.
#[cold]
pub(crate) fn unattached<R: Relation>(at: CallSite) -> Error {
    Error::Unattached { relation: R::INFO.to_string(), entity: R::INFO.parent.name, at }
}

#[cold]
pub(crate) fn dangling<R: Relation>(parent: &R::Parent, at: CallSite) -> Error {
    let error = Error::Dangling {
        relation: R::INFO.to_string(),
        column: R::INFO.parent_columns.join(", "),
        key: R::key(parent).to_string(),
        table: R::INFO.target.full_name,
        sought: match R::INFO.may_match_several() {
            true => R::INFO.target_columns.join(", "),
            false => "key".to_owned(),
        },
        at,
    };
    match R::link(parent).related() {
        Some(related) => related.parents.gate.redacted(error),
        None => error,
    }
}
