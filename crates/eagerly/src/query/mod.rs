//! The query floor: builds the SQL, and has the types that describe a query.
//!
//! Nothing here sends a statement. The text of a statement depends on the form of a query and never on its data.
//!
//! Read in this order:
//! 1. `sql.rs`: builds the text of a `SELECT`;
//! 2. `column.rs`: a column, to compare and to sort by;
//! 3. `assignment.rs`: a new value for a column;
//! 4. `condition.rs`: conditions made of columns;
//! 5. `compared.rs`, `terms.rs`: skip at first; how conditions compare keys, and what else must be known of them;
//! 6. `selection.rs`: which rows of a table, in which order, and how many;
//! 7. `restate.rs`: repeats a query inside another;
//! 8. `children.rs`: **the one builder** of the statements that select related rows;
//! 9. `through.rs`: skip at first; the tables on the way of a relation through others;
//! 10. `siblings.rs`: skip at first; the first few rows of each parent;
//! 11. `part.rs`: some of the related rows;
//! 12. `function.rs`, `aggregate.rs`: numbers that the database computes for each parent;
//! 13. `figure.rs`: aggregates in conditions and orders;
//! 14. `key_list.rs`: skip at first; a list of keys, to aggregate for rows that are there already;
//! 15. `over.rs`: relations in a row, to aggregate over;
//! 16. `relation_ext.rs`: the methods of relations that return parts and aggregates;
//! 17. `tables.rs`, `foreign_keys.rs`: skip at first; the tables of entities.

pub(crate) mod aggregate;
pub(crate) mod assignment;
pub(crate) mod children;
pub(crate) mod column;
pub(crate) mod compared;
pub(crate) mod condition;
pub(crate) mod figure;
pub(crate) mod foreign_keys;
pub(crate) mod function;
pub(crate) mod key_list;
pub(crate) mod over;
pub(crate) mod part;
pub(crate) mod relation_ext;
pub(crate) mod restate;
pub(crate) mod selection;
pub(crate) mod siblings;
pub(crate) mod sql;
pub(crate) mod tables;
pub(crate) mod terms;
pub(crate) mod through;

pub(crate) use self::aggregate::Aggregates;
pub(crate) use self::assignment::Assignment;
pub(crate) use self::children::{Children, ParentFilter};
pub(crate) use self::column::OrderBy;
pub(crate) use self::compared::Compared;
pub(crate) use self::condition::{Condition, Expression, match_condition};
pub(crate) use self::foreign_keys::{begins_with, is_same_table};
pub(crate) use self::key_list::KeyList;
pub(crate) use self::part::{Part, PartSpec};
pub(crate) use self::selection::Selection;
pub(crate) use self::sql::{Bindings, Query, SelectSql, all_equal};
pub(crate) use self::tables::create_tables;
