//! Entities: structs that are rows of a table.
//!
//! `#[derive(Entity)]` writes everything in this trait. For the shop's `Customer` it comes to this:
//!
//! ```text
//! Customer::ID, FIRST_NAME, …      typed columns, to filter and sort by
//! Customer::ORDERS                 the relation, to build load paths from
//! Customer::select()               a query for customers
//! customer.orders()?               the accessor of the relation
//! impl Entity for Customer         how a row becomes a Customer, and a Customer a row
//! ```

use std::rc::Rc;

use crate::cohort::Cohort;
use crate::column_type::ColumnType;
use crate::driver::Row;
use crate::error::{Error, Result};
use crate::key::{Key, KeyType};
use crate::relation::RelationVisitor;
use crate::value::Value;

/// A struct that is a row of a table. Implemented by `#[derive(Entity)]`.
///
/// ```
/// # use eagerly::Entity;
/// # use shop::Customer;
/// fn outline<E: Entity>() -> String {
///     format!("{} ({})", E::TABLE, E::COLUMNS.join(", "))
/// }
/// assert_eq!(outline::<Customer>(), "customers (id, first_name, last_name, email)");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    note = "an entity is a struct with #[derive(Entity)] and #[entity(table = \"…\")]"
)]
pub trait Entity: Sized + 'static {
    /// What the relations of all rows of a cohort share: an `Rc<Related<…>>` for each.
    type Related;
    /// The struct's name, for messages.
    const NAME: &'static str;
    /// The table.
    const TABLE: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];
    /// The columns that identify a row; none if the entity has no key.
    const KEY: &'static [&'static str];

    /// Whether any relation has a default strategy of its own.
    const HAS_DEFAULTS: bool;

    /// Shows every relation to `visitor`.
    fn each_relation(visitor: &mut impl RelationVisitor<Self>);

    /// Prepares the shared part of the relations for a new cohort.
    fn related(cohort: &Rc<Cohort>) -> Self::Related;

    /// Reads a row whose columns of this entity start at `first`, to stand at `position` in its cohort.
    ///
    /// # Errors
    /// [`Error::Decode`] if a cell does not fit its field.
    fn read(row: &Row<'_>, first: usize, related: &Self::Related, position: u32) -> Result<Self>;

    /// The values of the fields, in the order of the columns.
    fn values(&self) -> Vec<Value<'_>>;
}

/// An entity with a key, so that one row can be told from another. Implemented by the derive where a field has
/// `#[entity(key)]`.
///
/// ```
/// # use eagerly::Keyed;
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// fn label<E: Keyed>(entity: &E) -> String {
///     format!("{} {}", E::NAME, entity.key())
/// }
/// assert_eq!(label(&session.get::<Customer>(1)?), "Customer 1");
/// # Ok::<(), eagerly::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "the entity `{Self}` has no key",
    note = "mark the field that identifies a row with #[entity(key)]; mark several for a key of several columns"
)]
pub trait Keyed: Entity {
    /// The type of the key: the field's, or a tuple where several fields are the key.
    type Key: KeyType;

    /// Reads the key from a row that holds nothing else.
    ///
    /// # Errors
    /// [`Error::Decode`] if a cell does not fit its field.
    fn read_key(row: &Row<'_>) -> Result<Self::Key>;

    /// The key's values.
    fn key(&self) -> Key<'_>;
}

/// Reads one field of an entity, from the cell at `place`; the derive calls this for each.
///
/// It is inlined all the way up to the loop over the rows, so that a field goes from its cell straight to its place in
/// the `Vec`. Returned from function to function instead, each object would be copied three times.
#[doc(hidden)]
#[inline(always)]
pub fn read_field<E: Entity, T: ColumnType>(row: &Row<'_>, place: usize, column: usize) -> Result<T> {
    match T::read(row.cell(place)) {
        Ok(field) => Ok(field),
        Err(mismatch) => Err(Error::Decode {
            record: E::NAME,
            column: E::COLUMNS[column],
            mismatch,
        }),
    }
}

/// The place of a column among an entity's columns.
pub(crate) fn column_index<E: Entity>(column: &str) -> Option<usize> {
    E::COLUMNS.iter().position(|present| *present == column)
}
