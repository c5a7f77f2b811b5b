//! The model floor: entities, their keys, and their relation fields.
//!
//! Read in this order:
//! 1. `column_type.rs`: the Rust types of columns;
//! 2. `key.rs`: the values by which rows are matched;
//! 3. `related.rs`: what a cohort has loaded for one relation;
//! 4. `link.rs`: the relation field of an entity;
//! 5. `entity.rs`: a struct that is a row of a table, and how two of them belong together;
//! 6. `undecoded.rs`: skip at first; the error of a cell that does not fit its field;
//! 7. `deep_drop.rs`: skip at first; it drops long chains of rows.

pub(crate) mod column_type;
pub(crate) mod deep_drop;
pub(crate) mod entity;
pub(crate) mod key;
pub(crate) mod link;
pub(crate) mod related;
pub(crate) mod undecoded;

pub(crate) use self::column_type::{AcceptsText, ColumnType, Operand};
pub(crate) use self::entity::{Entity, Keyed, Relation, RelationVisitor};
pub(crate) use self::key::{Key, KeyType};
pub(crate) use self::related::{Access, Collection, OnAccess, Parents, Range, Related, make_room};
pub(crate) use self::undecoded::{KeyCells, Undecoded, with_parent};
