//! Entities and relations. An entity is a struct that holds a row; a relation leads from one entity to
//! another. Each trait names the other, so they are in one file.
//!
//! `#[derive(Entity)]` implements these traits and adds constants and functions. For the shop's `Customer`:
//!
//! ```text
//! Customer::ID, FIRST_NAME, …      typed columns, to filter and sort by
//! Customer::ORDERS                 the relation, to build load paths from
//! Customer::select()               a query for customers
//! customer.orders()?               the accessor of the relation
//! impl Entity for Customer         how a row becomes a Customer, and a Customer a row
//! ```

use crate::database::{Row, Value};
use crate::error::Result;
use crate::model::as_entity::AsEntity;
use crate::model::column_type::ColumnType;
use crate::model::key::{Key, KeyType};
use crate::model::link::Link;
use crate::model::related::Parents;
use crate::model::undecoded::Undecoded;
use crate::trace::{EntityInfo, RelationInfo};

/// A struct that holds a row of a table. `#[derive(Entity)]` implements it.
///
/// ```
/// # use {eagerly::Entity, shop::Customer};
/// fn outline<E: Entity>() -> String {
///     format!("{} ({})", E::INFO.table, E::INFO.columns.join(", "))
/// }
/// assert_eq!(outline::<Customer>(), "customers (id, first_name, last_name, email)");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    note = "an entity is a struct with #[derive(Entity)] and #[entity(table = \"…\")]"
)]
pub trait Entity: AsEntity<Entity = Self> + Sized + 'static {
    /// What the rows of a cohort share: an `Rc<Related<…>>` for each relation.
    type Related;
    /// The names and columns.
    const INFO: &'static EntityInfo;
    /// Whether any relation has a default strategy of its own.
    const HAS_DEFAULTS: bool;

    /// Calls `visitor` for every relation.
    fn each_relation(visitor: &mut impl RelationVisitor<Self>);

    /// Creates the `Related` of each relation for a new cohort.
    fn related(cohort: &Parents) -> Self::Related;

    /// Reads a row. The entity's columns start at `first`, and the object's position in its cohort is `position`.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode) if a cell does not fit its field.
    fn read(row: &Row<'_>, first: usize, related: &Self::Related, position: u32) -> Result<Self>;

    /// Returns the values of the written columns, in the order of the fields.
    fn values(&self) -> Vec<Value<'_>>;
}

/// An entity with a key. The derive implements it if a field has `#[entity(key)]`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn label<E: Keyed>(entity: &E) -> String {
///     format!("{} {}", E::INFO.name, entity.key())
/// }
/// assert_eq!(label(&session.get::<Customer>(1)?), "Customer 1");
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "the entity `{Self}` has no key",
    note = "mark the field that identifies a row with #[entity(key)]; mark several for a key of several columns"
)]
pub trait Keyed: Entity {
    /// The type of the key: the field's, or a tuple if several fields are the key.
    type Key: KeyType;

    /// Reads the key from a row that holds nothing else.
    ///
    /// # Errors
    /// [`Error::Decode`](crate::Error::Decode) if a cell does not fit its field.
    fn read_key(row: &Row<'_>) -> Result<Self::Key>;

    /// Returns the key's values.
    fn key(&self) -> Key<'_>;
}

/// A relation between two entities. The derive implements it for the type of each constant such as
/// `Customer::ORDERS`.
///
/// A relation field leads to two things. The field's value points to what is loaded (`link.rs`). The relation
/// itself is a type of size zero, with a constant such as `Customer::ORDERS`. A load path is built from these
/// constants, so that the compiler checks the path, and the type of a path says what it loads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation",
    label = "not a relation",
    note = "a relation is a constant such as `Customer::ORDERS`; `customer.orders` is a field, and `Customer::orders` its accessor",
    note = "a part of a relation, such as `Customer::ORDERS.filter(…)`, is loaded only by `selectin`; to select customers by it, write `Customer::ORDERS.any(…)`"
)]
pub trait Relation: Copy + 'static {
    /// The entity that has the field.
    type Parent: Entity;
    /// The entity that the relation leads to.
    type Target: Entity;
    /// The names and columns.
    const INFO: &'static RelationInfo;

    /// Returns the value that the target's columns must equal. For a has-many or has-one it is the parent's key, or the
    /// columns that `references` names. For a belongs-to it is the parent's foreign key.
    fn key(parent: &Self::Parent) -> Key<'_>;

    /// Returns the parent's field.
    fn link(parent: &Self::Parent) -> &Link<Self::Target>;

    /// Whether a parent must have a related row: a belongs-to whose foreign key is not an `Option`.
    const IS_REQUIRED: bool;
}

/// A relation of the entity `E`: every [`Relation`] whose `Parent` is `E`.
///
/// A function could require `Relation<Parent = E>` instead. But the compiler words the message about a wrong `Parent`, and
/// calls it a type mismatch. A missing trait has the message that is written here.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn without(relation: impl RelationOf<Customer>) -> Select<Customer> {
///     Customer::select().filter(!relation.exists())
/// }
/// assert_eq!(session.count(without(Customer::ORDERS))?, 0);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{E}`",
    label = "this relation starts at another entity than `{E}`",
    note = "write a relation of `{E}` here: a constant that the derive added to it, as it added `ORDERS` to `Customer`"
)]
pub trait RelationOf<E>: Relation<Parent = E> {}

// With this attribute, the message is about the trait, and not about what the implementation requires.
#[diagnostic::do_not_recommend]
impl<E, R: Relation<Parent = E>> RelationOf<E> for R {}

/// Visits each relation of an entity with its type.
pub trait RelationVisitor<P: Entity> {
    /// Called for each relation.
    fn relation<R: Relation<Parent = P>>(&mut self);
}

/// Reads the field `column`, counted from 0, from the cell at `place`. The derive calls this for each field.
///
/// It is inlined up to the loop over the rows, so that a field goes from its cell directly to its place in the `Vec`.
/// Without that, each object would be copied three times.
#[doc(hidden)]
#[inline(always)]
pub fn read_field<E: Entity, T: ColumnType>(row: &Row<'_>, place: usize, column: usize) -> Result<T> {
    match T::read(row.cell(place)) {
        Ok(field) => Ok(field),
        Err(mismatch) => Err(Undecoded::field(row, place, E::INFO, column).error::<T>(mismatch)),
    }
}

/// Reads a column of the key from a row that holds nothing else. `column` is its place in the key, and in the row.
#[doc(hidden)]
pub fn read_key_field<E: Entity, T: ColumnType>(row: &Row<'_>, column: usize) -> Result<T> {
    let cell = T::read(row.cell(column));
    cell.map_err(|mismatch| Undecoded::key(row, E::INFO, column).error::<T>(mismatch))
}
