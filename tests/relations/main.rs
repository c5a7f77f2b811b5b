//! Relations of every kind over realistic schemas. Every strategy returns the same graph.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod combined;
mod composite_keys;
mod ended_transactions;
mod equality;
mod groups_and_members;
mod has_one;
mod joined_below_equal_keys;
mod keyless_children;
mod keyless_parents;
mod keys_of_several_texts;
mod large_tables;
mod names_of_our_own;
mod null_keys;
mod odd_schemas;
mod ordered_relations;
mod other_affinities;
mod panicking_observers;
mod random_graphs;
mod rare_columns;
mod renamed_columns;
mod rowid_keys;
mod rows_without_a_parent;
mod schemas;
mod self_reference;
mod tables_of_our_names;
mod text_keys;
mod texts_that_read_as_numbers;
mod through;
mod unique_columns;
mod views;

use eagerly::{
    BelongsTo, Dialect, Entity, Error, HasMany, HasOne, Part, Relation as _, RelationExt as _, Select,
    Session, Strategy, by, joined, params, selectin,
};
use support::databases::{self, cases, execute};
use support::{TOGETHER, all, database, yielding};
