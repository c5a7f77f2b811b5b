//! # eagerly
//!
//! A small ORM over SQLite and PostgreSQL that makes one thing visible: **how many statements your code sends
//! to the database, and why**. It is written to be read.
//!
//! ## The admin page
//!
//! An admin page lists customers with their number of orders and their total spend. It looks innocent:
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let tally = session.tally();
//! let customers = session.all(Customer::select())?;            // 1 statement
//! for customer in &customers {
//!     let orders = customer.orders()?;                         // 1 more for each customer
//!     let mut total = 0;
//!     for order in orders {
//!         for item in order.items()? {                         // 1 more for each order
//!             total += item.quantity * item.unit_price;
//!         }
//!     }
//!     println!("{}: {} orders, {total} cents", customer.first_name, orders.len());
//! }
//! assert_eq!(tally.statements(), 1 + 5 + 50);
//!
//! // The fix changes the first line and nothing below it: 3 statements, for any number of customers.
//! let tally = session.tally();
//! let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
//! let customers = session.all(Customer::select().with(path))?;
//! for customer in &customers {
//!     for order in customer.orders()? {
//!         order.items()?;
//!     }
//! }
//! assert_eq!(tally.statements(), 3);
//! # Ok::<(), Error>(())
//! ```
//!
//! ## Two databases
//!
//! [`Session::open`] opens a SQLite file. SQLite is part of the program, so a statement is a function call. With the
//! feature `postgres`, `Session::connect("postgres://user@host/database")` connects to a PostgreSQL server. There, each
//! statement is also a round trip. At 1 ms each, 33,001 of them take half a minute. The entities, the queries and the
//! code above stay the same, and so do the objects and the counts. [`Session::round_trips`] counts the round trips.
//!
//! ## Writing
//!
//! `insert`, `upsert`, `update` and `delete` write one entity, in one statement. `insert_all` and `upsert_all` write many.
//! `update_all` and `delete_all` write the rows that a query selects, without reading them:
//!
//! ```
//! # use {eagerly::*, shop::*}; let session = shop::small()?;
//! let id = session.insert(&Customer { first_name: "Emmy".to_owned(), ..Customer::default() })?;
//! let tally = session.tally();
//! let open = Order::select().filter(Order::STATUS.eq("open"));
//! assert_eq!(session.update_all(open, [Order::STATUS.set("sent"), Order::CUSTOMER_ID.set(id)])?, 5);
//! assert_eq!(session.delete_all(Customer::select().filter(!Customer::ORDERS.exists()))?, 0);
//! assert_eq!(tally.statements(), 2);
//! # Ok::<(), Error>(())
//! ```
//!
//! Nothing is written by itself: each statement is a call of the program.
//!
//! ## How to read the source
//!
//! The source has layers, called floors. Each folder is a floor, and imports go downward only. Start on the
//! ground floor:
//!
//! 1. `call_site.rs`, `error.rs`: places in the source, and what can fail.
//! 2. `database/`: the only code that uses database clients (rusqlite, tokio-postgres).
//! 3. `trace/`: facts about statements, and the cohort, **the idea that carries the design**.
//! 4. `watch/`: counts and prints statements, and formats numbers.
//! 5. `gate/`: the one place through which every statement of a program passes.
//! 6. `model/`: entities, keys and relation fields.
//! 7. `query/`: the SQL that is sent.
//! 8. `load/`: how related rows come into memory. `load/mod.rs` follows one `customer.orders()?` from the
//!    call to the SQL and back.
//! 9. `session/`: what a program calls.
//!
//! Read **the spine** first. It takes an afternoon, and explains `lazy`, `batch`, `selectin` and `joined`:
//!
//! - `trace/cohort.rs`
//! - `gate/statements.rs`
//! - `model/related.rs`, `model/link.rs`, `model/entity.rs`
//! - `query/children.rs`
//! - `load/tree.rs`, `load/fetch.rs`, `load/matching/mod.rs`
//! - `load/strategy/mod.rs`, `load/strategy/contract.rs`, `load/strategy/lazy.rs`, `load/strategy/selectin.rs`,
//!   `load/strategy/batch.rs`, `load/strategy/joined.rs`
//! - `load/access.rs`
//!
//! A file that begins with "Skip at first" can wait until you need it. `load/steps.rs` is not in the spine,
//! but the code passes through it: it calls the strategy of each step of a load path, and of each access.

extern crate self as eagerly;

/// The programs in the README run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod call_site;
mod error;

mod database;
mod trace;
mod watch;

mod gate;
mod model;
mod query;

mod load;
mod session;

pub use call_site::CallSite;
pub use database::connection::Interrupter;
pub use database::dialect::Dialect;
pub use database::row::Row;
pub use database::sql_type::SqlType;
pub use database::value::Value;
pub use eagerly_derive::{ColumnType, Entity, FromRow};
pub use error::{DatabaseError, Error, Failure, Mismatch, Result};
pub use load::path::{self, LoadPath, by};
pub use load::plan::{Plan, PlanStep};
pub use load::strategy::*;
pub use model::as_entity::AsEntity;
pub use model::column_type::{AcceptsText, ColumnType, Operand, Parameters};
pub use model::entities::Entities;
pub use model::entity::{Entity, Keyed, Relation, RelationOf};
#[cfg(feature = "json")]
pub use model::json::Json;
pub use model::key::{Key, KeyType};
pub use model::link::{BelongsTo, HasMany, HasOne};
pub use model::summable::Summable;
pub use query::aggregate::{Aggregate, Aggregates};
pub use query::assignment::Assignment;
pub use query::column::{Column, OrderBy};
pub use query::condition::Condition;
pub use query::over::{Over, Summand};
pub use query::part::Part;
pub use query::relation_ext::RelationExt;
pub use session::differences::{Difference, DifferenceKind, Differences};
pub use session::from_row::FromRow;
pub use session::open::Session;
pub use session::schema;
pub use session::select::Select;
pub use session::views::{self, Loaded, Loads, View, Views};
pub use trace::advisor::{Accessed, Advised, Advisor, Finished, QueryFacts, Question, Run, WayStep};
pub use trace::cause::{Cause, Kind, Place};
pub use trace::cohort::Cohort;
pub use trace::event::{Event, Observer};
pub use trace::network::Network;
pub use trace::observers::Observation;
pub use trace::relation_info::{EntityInfo, OrderTerm, RelationInfo, RelationKind};
pub use trace::strategy::{Strategy, UnknownStrategy, When};
pub use watch::echo::Echo;
pub use watch::tally::{Shape, Tally};
pub use watch::{numbers, shapes};

/// The values that a statement binds, and the cells that it returns.
pub mod value {
    pub use crate::database::cell::Cell;
    pub use crate::database::value::{Array, Value};
}

/// The items that the generated code uses.
#[doc(hidden)]
pub mod derive {
    pub use crate::database::cell::{Cell, mismatch};
    pub use crate::load::access::{many, optional, required};
    pub use crate::model::entity::{RelationVisitor, read_field, read_key_field};
    pub use crate::model::link::{Link, related};
    pub use crate::model::named::{LeadsTo, Named};
    pub use crate::model::related::{Parents, Related};
    pub use crate::session::from_row::read_field as read_row_field;
    pub use crate::session::views::Viewed;
    pub use crate::trace::relation_info::{EntityInfo, OrderTerm, RelationInfo, RelationKind};
}
