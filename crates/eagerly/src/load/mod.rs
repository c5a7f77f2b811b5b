//! The load floor: how related rows come into memory.
//!
//! # The walk of one `customer.orders()?`
//!
//! 1. The accessor that the derive wrote calls `access::many` (`load/access.rs`).
//! 2. The [`Link`](crate::model::link::Link) in the field points to the `Related`, which all rows of the
//!    cohort share (`model/link.rs`).
//! 3. [`Related::loaded`](crate::model::related::Related) looks for children that were loaded for this
//!    parent alone, then for those of all parents (`model/kept.rs`). If they are there, the walk ends here, and
//!    nothing is sent.
//! 4. If not, `access::load` collects the parent's key and the call site. If neither the query nor a default
//!    chose a strategy, it uses `lazy`.
//! 5. `PendingLoad::load` finds what to load below the orders: the load path's choice, or the defaults. Then
//!    it calls the strategy (`load/steps.rs`).
//! 6. `Lazy::access` names the cause of the statement. It begins a snapshot if relations below are loaded by
//!    statements of their own (`load/strategy/lazy.rs`).
//! 7. `load_one` returns here if the key is null, without a statement. If not, it makes a cohort for the
//!    orders, whose parents are the customers.
//! 8. `Gate::lazy_text` returns the text of the statement. At the first access, `Children::of` builds it
//!    (`query/children.rs`).
//! 9. `fetch_text` makes a `Reader` for the rows (`load/fetch.rs`).
//! 10. `Gate::query` calls `Observer::before`, prepares the statement and binds the key. Then `Gate::observe`
//!     numbers it and runs it (`gate/statements.rs`, `database/sqlite/statement.rs`).
//! 11. For each row, `Reader::take` calls `build`, which calls `Order::read`. The derive wrote that function.
//!     It reads each cell into its field.
//! 12. After the last row, `Gate::observe` passes an event to the observers.
//! 13. `Reader::finish` records the cohort's size, reports the cohort to the observers, and loads what is
//!     below the orders.
//! 14. `Lazy::access` ends the snapshot, if there is one. `Related::keep_single` keeps the orders in the slot
//!     of this customer, and returns them as a slice.
//!
//! # Reading order
//!
//! 1. `tree.rs`: what a query loads with its rows;
//! 2. `fetch.rs`: the loop in which the rows of a statement become objects;
//! 3. `matching/`: which child belongs to which parent; its `mod.rs` first;
//! 4. `strategy/`: the contract of a strategy, then a file for each: `lazy`, `selectin`, `batch`, `joined`,
//!    and the others;
//! 5. `access.rs`: what an accessor does;
//! 6. `steps.rs`: calls the strategy of each step and of each access, and builds load trees from load paths;
//! 7. `defaults.rs`: the strategies of relations that no load path mentions;
//! 8. `preload.rs`: skip at first; loads relations of rows that are there already;
//! 9. `path.rs`: skip at first; the types of load paths;
//! 10. `plan.rs`: skip at first; what a query would send.

pub(crate) mod access;
mod defaults;
pub(crate) mod fetch;
pub(crate) mod matching;
pub mod path;
pub(crate) mod plan;
mod preload;
pub(crate) mod steps;
pub(crate) mod strategy;
pub(crate) mod tree;

pub(crate) use self::defaults::AddDefaults;
pub(crate) use self::fetch::{EachRow, Reader, fetch};
pub(crate) use self::path::{LoadPath, Path, Selectable};
pub(crate) use self::plan::Plan;
pub(crate) use self::strategy::selectin;
pub(crate) use self::tree::{LoadTree, PreloadCall};
