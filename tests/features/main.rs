//! Tests of conditions, aggregates, plans, chunks, snapshots, `reload`, `raise`, messages, the detector, and the rights of
//! observers.

#[path = "../support/mod.rs"]
#[macro_use]
mod support;

mod accesses;
mod aggregates;
mod check_tables;
mod chunks;
mod clones;
mod conditions;
mod create_tables;
mod created_sql;
mod decode_errors;
mod detector;
mod enum_columns;
mod figures;
mod figures_of_rows;
mod json_columns;
mod keys_of_new_rows;
mod learner;
mod learner_evidence;
mod learner_file;
mod load_paths;
mod messages;
mod new_rows;
mod numbers;
mod observers;
mod plans;
mod positions;
mod predicted;
mod read_only_columns;
mod redaction;
mod sessions;
mod trees;
mod upserts;
mod writes_by_query;

use support::databases;
