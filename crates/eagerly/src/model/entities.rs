//! Skip at first. Several entities at once, as the facts about their tables.

use crate::model::entity::{Entity, Relation, RelationVisitor};
use crate::trace::{EntityInfo, RelationInfo};

/// One entity, or a tuple of up to twelve of them: what [`create_tables`](crate::Session::create_tables) creates tables for.
///
/// ```
/// # use {eagerly::*, shop::*};
/// fn sql<E: Entities>() -> Result<String> {
///     schema::sql::<E>(Dialect::Sqlite)
/// }
/// assert!(sql::<Customer>()?.starts_with("CREATE TABLE \"customers\""));
/// assert_eq!(sql::<(Customer, Order)>()?.matches("CREATE TABLE").count(), 2);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an entity nor a tuple of entities",
    note = "write the entities as one tuple, such as `session.create_tables::<(Customer, Order)>()`"
)]
pub trait Entities {
    /// Adds the entities to a list.
    #[doc(hidden)]
    fn list(into: &mut Vec<Listed>);
}

/// An entity and its relations, without their Rust types.
#[derive(Debug, Clone)]
pub struct Listed {
    pub(crate) entity: &'static EntityInfo,
    pub(crate) relations: Vec<&'static RelationInfo>,
}

impl<E: Entity> RelationVisitor<E> for Listed {
    fn relation<R: Relation<Parent = E>>(&mut self) {
        self.relations.push(R::INFO);
    }
}

impl<E: Entity> Entities for E {
    fn list(into: &mut Vec<Listed>) {
        let mut listed = Listed { entity: E::INFO, relations: Vec::new() };
        E::each_relation(&mut listed);
        into.push(listed);
    }
}

macro_rules! tuples {
    ($(($($entity:ident)*))*) => {$(
        impl<$($entity: Entity),*> Entities for ($($entity,)*) {
            fn list(into: &mut Vec<Listed>) {
                $($entity::list(into);)*
            }
        }
    )*};
}

tuples!(
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
);
