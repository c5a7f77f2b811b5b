//! The load floor: how related rows come into memory.
//!
//! # The walk of one `customer.orders()?`
//!
//! 1. The accessor that the derive wrote calls `access::many` (`load/access.rs`).
//! 2. The [`Link`](crate::model::link::Link) in the field points to what the cohort shares (`model/link.rs`).
//! 3. [`Related::loaded`](crate::model::related::Related) looks for the children of all parents, then for those of this
//!    one (`model/related.rs`). If they are there, the walk ends here, and nothing is sent.
//! 4. If not, `access::load` collects the parent's key and the call site. Without another choice by the query, it
//!    continues with the strategy `lazy`.
//! 5. `PendingLoad::load` finds what to load below the orders: the load path's choice, or the defaults (`load/steps.rs`).
//! 6. `Lazy::access` names the cause of the statement, and begins a snapshot if more than one statement follows
//!    (`load/strategy/lazy.rs`).
//! 7. `load_one` makes a cohort for the orders, whose parents are the customers.
//! 8. `Children::of` builds the text (`query/children.rs`). The gate keeps it for the next access.
//! 9. `fetch_text` makes a `Reader` for the rows (`load/fetch.rs`).
//! 10. `Gate::query` asks the observers, prepares the statement, binds the key and runs it
//!     (`gate/statements.rs`, `database/sqlite/statement.rs`).
//! 11. For each row, `Reader::take` calls `Order::read`, which the derive wrote. It reads each cell into its field.
//! 12. The gate counts the statement and passes an event to the observers.
//! 13. `Related::keep_single` keeps the orders in the slot of this customer, and returns them as a slice.
//!
//! # Reading order
//!
//! 1. `tree.rs`: what a query loads with its rows;
//! 2. `fetch.rs`: the one loop in which rows become objects;
//! 3. `matching/`: which child belongs to which parent;
//! 4. `strategy/`: the contract of a strategy, then a file for each, lazy first;
//! 5. `access.rs`: what an accessor does;
//! 6. `path.rs` and `steps.rs`: skip at first; they turn load paths into load trees;
//! 7. `plan.rs`: skip at first; what a query would send.

pub(crate) mod access;
pub(crate) mod fetch;
pub(crate) mod matching;
pub mod path;
pub(crate) mod plan;
pub(crate) mod steps;
pub(crate) mod strategy;
pub(crate) mod tree;

pub(crate) use self::fetch::{EachRow, Reader, fetch};
pub(crate) use self::path::{LoadPath, Path, Selectable};
pub(crate) use self::plan::Plan;
pub(crate) use self::tree::LoadTree;
