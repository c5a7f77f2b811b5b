//! Relations of every kind over realistic schemas. Every strategy returns the same graph.

mod composite_keys;
mod equality;
mod has_one;
mod hunt;
mod keyless_parents;
mod keys_of_several_texts;
mod odd_schemas;
mod other_affinities;
mod self_reference;
#[path = "../support/mod.rs"]
mod support;
mod text_keys;
mod texts_that_read_as_numbers;
mod views;

use eagerly::{
    BelongsTo, Entity, Error, HasMany, HasOne, RelationExt as _, Select, Session, Strategy, by, joined,
    params, selectin,
};
use support::{TOGETHER, database};

/// The strategies that return a graph: every one except `raise`.
const YIELDING: [Strategy; 6] = [
    Strategy::Lazy,
    Strategy::Immediate,
    Strategy::Batch,
    Strategy::Selectin,
    Strategy::Subquery,
    Strategy::Joined,
];
