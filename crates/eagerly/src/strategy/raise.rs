//! `raise`: an access to a relation that is not loaded is an error.
//!
//! Statements: the parents' own, 1, and never another. For a page that must not load lazily, in a test or in
//! production: what would be a surprise statement is an error that names the relation, the line of the access,
//! the line where the parents were queried, and what to write there.

use crate::error::Error;
use crate::event::CallSite;
use crate::related::Related;
use crate::relation::Relation;
use crate::strategy::Strategy;

/// Begins a load path: the relation is not to be loaded, and an access is an error.
///
/// ```
/// # use eagerly::{Error, raise};
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// # let tally = session.tally();
/// let customers = session.all(Customer::select().with(raise(Customer::ORDERS)))?;
/// assert_eq!(tally.statements(), 1);
/// for customer in &customers {
///     assert!(matches!(customer.orders(), Err(Error::Raised { .. })));
/// }
/// assert_eq!(tally.statements(), 1);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub fn raise<R: Relation>(relation: R) -> crate::path::OnAccess<R> {
    crate::path::on_access(relation, Strategy::Raise)
}

/// The error.
#[cold]
pub(crate) fn refusal<R: Relation>(related: &Related<R::Target>, at: CallSite) -> Error {
    Error::Raised {
        relation: R::INFO.to_string(),
        load_path: related.parents.load_path(R::INFO),
        at,
        origin: related.parents.origin(),
    }
}
