//! Skip at first. An entity or a reference to one, for methods that accept both.
//!
//! The standard library's `Borrow` would do, but from `Borrow<E>` the compiler cannot tell which entity `E` is.

/// An entity, or a reference to one. `#[derive(Entity)]` implements it.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// fn names(rows: impl IntoIterator<Item: AsEntity<Entity = Customer>>) -> Vec<String> {
///     rows.into_iter().map(|row| row.as_entity().first_name.clone()).collect()
/// }
/// let customers = session.all(Customer::select().limit(1))?;
/// assert_eq!(names(&customers), names(customers));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    note = "an entity is a struct with #[derive(Entity)] and #[entity(table = \"…\")]"
)]
pub trait AsEntity {
    /// The entity.
    type Entity;

    /// Returns the entity itself.
    fn as_entity(&self) -> &Self::Entity;
}

impl<R: AsEntity> AsEntity for &R {
    type Entity = R::Entity;

    fn as_entity(&self) -> &R::Entity {
        (**self).as_entity()
    }
}
