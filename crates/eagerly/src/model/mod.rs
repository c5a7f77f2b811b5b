//! The model floor: entities, their keys, and their relation fields.
//!
//! Read in this order:
//! 1. `column_type.rs`: the Rust types of columns;
//! 2. `json.rs`: skip at first; a value of any type in one column;
//! 3. `summable.rs`: skip at first; the types that can be added up;
//! 4. `key.rs`: the values by which rows are matched;
//! 5. `kept.rs`: the related rows that a cohort keeps, and for which keys;
//! 6. `changed.rs`: skip at first; the relations of rows whose key was changed;
//! 7. `related.rs`: what a cohort has loaded for one relation, and what an access does;
//! 8. `link.rs`: the relation field of an entity;
//! 9. `entity.rs`: a struct that is a row of a table, and how two of them belong together;
//! 10. `as_entity.rs`: skip at first; an entity, or a reference to one;
//! 11. `named.rs`: skip at first; relations found by the name of their field;
//! 12. `undecoded.rs`: skip at first; the error of a cell that does not fit its field;
//! 13. `entities.rs`: skip at first; several entities at once;
//! 14. `deep_drop.rs`: skip at first; it drops long chains of rows.

pub(crate) mod as_entity;
pub(crate) mod changed;
pub(crate) mod column_type;
pub(crate) mod deep_drop;
pub(crate) mod entities;
pub(crate) mod entity;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod kept;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod named;
pub(crate) mod related;
pub(crate) mod summable;
pub(crate) mod undecoded;

pub(crate) use self::as_entity::AsEntity;
pub(crate) use self::column_type::{AcceptsText, ColumnType, Operand, Parameters};
pub(crate) use self::entities::{Entities, Listed};
pub(crate) use self::entity::{Entity, Keyed, Relation, RelationOf, RelationVisitor};
pub(crate) use self::kept::{Collection, Range, make_room};
pub(crate) use self::key::{Key, KeyOf, KeyType, Keys};
pub(crate) use self::related::{Access, OnAccess, Parents, Related};
pub(crate) use self::summable::Summable;
pub(crate) use self::undecoded::{KeyCells, Undecoded, row_whose, short_type_name, with_parent};
