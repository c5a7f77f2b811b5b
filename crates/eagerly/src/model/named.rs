//! Skip at first. Relations found by the name of their field, for `#[entity(through(taggings, tag))]`.
//!
//! The derive of `Post` sees the struct `Post` and the name `tag`. It does not see the struct `Tagging`, which has the
//! field. So the derive of `Tagging` implements [`Named`] for each of its relations, and the derive of `Post` writes
//! `<Tagging as Named<hash of "tag">>::Relation`. (A generic parameter can be an integer and not a text, so it is a hash.)

use crate::model::entity::{Entity, Relation};

/// An entity with a relation of a certain name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no relation of this name",
    label = "not a relation of `{Self}`",
    note = "the relations of `{Self}` are its fields of the types HasMany, HasOne and BelongsTo",
    note = "in `through(a, b)`, `a` is a relation of this entity, and `b` is one of the entity that `a` leads to"
)]
pub trait Named<const NAME: u64>: Entity {
    /// The relation.
    type Relation: Relation<Parent = Self>;
}

/// A relation that leads to the entity `T`, as the last one in `through(…)` must. Like `RelationOf`, it is a trait for its
/// message.
#[diagnostic::on_unimplemented(
    message = "the relation `{Self}` does not lead to `{T}`",
    label = "this relation leads to another entity",
    note = "the last relation in `through(…)` leads to the entity of the field: change the field to `HasMany<…>` of that entity, or name another relation"
)]
pub trait LeadsTo<T>: Relation<Target = T> {}

#[diagnostic::do_not_recommend]
impl<T, R: Relation<Target = T>> LeadsTo<T> for R {}
