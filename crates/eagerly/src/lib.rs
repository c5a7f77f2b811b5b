//! # eagerly
//!
//! A small ORM over SQLite that makes one thing visible: **how many statements your code sends to the
//! database, and why**. It is made to be read.
//!
//! ## The page in ten lines
//!
//! An admin page lists customers with their number of orders and total spend. It looks innocent:
//!
//! ```
//! # use eagerly::{Entity, HasMany, Session, selectin};
//! # #[derive(Debug, Entity)] #[entity(table = "customers")]
//! # pub struct Customer { #[entity(key)] pub id: i64, pub name: String,
//! #     #[entity(foreign_key = "customer_id")] pub orders: HasMany<Order> }
//! # #[derive(Debug, Entity)] #[entity(table = "orders")]
//! # pub struct Order { #[entity(key)] pub id: i64, pub customer_id: i64,
//! #     #[entity(foreign_key = "order_id")] pub items: HasMany<OrderItem> }
//! # #[derive(Debug, Entity)] #[entity(table = "order_items")]
//! # pub struct OrderItem { #[entity(key)] pub id: i64, pub order_id: i64, pub quantity: i64, pub unit_price: i64 }
//! # let session = Session::in_memory()?;
//! # for sql in ["CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
//! #     "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL)",
//! #     "CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL)",
//! #     "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Zoë')",
//! #     "INSERT INTO orders VALUES (1, 1), (2, 1), (3, 2)",
//! #     "INSERT INTO order_items VALUES (1, 1, 2, 500), (2, 2, 1, 250), (3, 3, 1, 100)"] { session.execute(sql, [])?; }
//! # let tally = session.tally();
//! let customers = session.all(Customer::select())?;            // 1 statement
//! for customer in &customers {
//!     let orders = customer.orders()?;                         // 1 more for each customer
//!     let mut total = 0;
//!     for order in orders {
//!         for item in order.items()? {                         // 1 more for each order
//!             total += item.quantity * item.unit_price;
//!         }
//!     }
//!     println!("{}: {} orders, {total} cents", customer.name, orders.len());
//! }
//! # assert_eq!(tally.statements(), 1 + 2 + 3);
//! # let tally = session.tally();
//!
//! // The fix changes the first line and nothing below it: 3 statements, however many customers there are.
//! let customers = session.all(
//!     Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)),
//! )?;
//! # for customer in &customers { for order in customer.orders()? { order.items()?; } }
//! # assert_eq!(tally.statements(), 3);
//! # Ok::<(), eagerly::Error>(())
//! ```
//!
//! ## How to read the source
//!
//! In this order, each file building on those before it:
//!
//! 1. [`value`], [`column_type`](ColumnType), [`key`](Key): what goes into and comes out of the database.
//! 2. [`entity`](Entity), [`condition`](Condition), [`select`](Select): a table as a struct, and queries for it.
//! 3. [`cohort`], `related`, [`link`], [`relation`]: **the idea that carries the design**: rows that came from one
//!    statement, and what is loaded for them together. (`turn` lets go of it.)
//! 4. [`path`], `load`: which relations to bring along.
//! 5. `fetch`: the loop in which rows become objects.
//! 6. [`strategy`]: a table of all seven, then a file each, which opens with the SQL that it sends: `lazy`,
//!    `immediate`, `batch`, `selectin` (with `comparison`, `parent_keys` and `grouping`, which hand children to
//!    parents), `subquery` (with `source` and `scatter`), `joined`, `raise`.
//! 7. [`loaded`]: touching what was not loaded as a compile error.
//! 8. [`part`](Part), [`aggregate`](Aggregate): some of the related rows, and figures instead of rows.
//! 9. [`session`](Session), `query`, `transaction`, `write`, `report`, [`plan`](Plan): what a program calls.
//! 10. [`event`], `observers`, [`tally`](Tally), [`echo`], [`text`]: how every statement is seen, counted and shown;
//!     [`network`](Network): what it would cost over a network.
//! 11. `sql`, `core`, `driver`, [`error`](Error), [`failure`](Failure): text, the one gate to the database, and
//!     what can go wrong.
//!
//! In all of it, a row's *position* is its place in its cohort, a column's *place* is that in a result, and a
//! key's *rank* is its place in the order of keys.

extern crate self as eagerly;

mod aggregate;
mod column_type;
mod condition;
mod core;
mod driver;
mod entity;
mod error;
mod failure;
mod fetch;
mod key;
pub mod link;
mod load;
pub mod loaded;
mod network;
mod observers;
mod part;
mod plan;
mod query;
mod related;
mod report;
mod select;
mod session;
mod source;
mod sql;
mod tally;
mod transaction;
mod turn;
mod write;

pub mod cohort;
pub mod echo;
pub mod event;
pub mod path;
pub mod relation;
pub mod strategy;
pub mod text;
pub mod value;

pub use aggregate::{Aggregate, Aggregates, Over, Summand};
pub use column_type::{ColumnType, Mismatch};
pub use condition::{Column, Condition, OrderBy};
pub use driver::{Interrupter, Row};
pub use eagerly_derive::{ColumnType, Entity, FromRow};
pub use entity::{Entity, Keyed};
pub use error::{Error, Result};
pub use event::{CallSite, Cause, Event, Kind, Observer, Place};
pub use failure::{DatabaseError, Failure};
pub use key::{Key, KeyType};
pub use link::{BelongsTo, HasMany, HasOne};
pub use loaded::{Loaded, Loads, View, Views};
pub use network::Network;
pub use part::Part;
pub use path::{LoadPath, by};
pub use plan::{Plan, PlanStep};
pub use relation::Relation;
pub use report::FromRow;
pub use select::Select;
pub use session::{Observation, Session};
pub use strategy::Strategy;
pub use strategy::batch::batch;
pub use strategy::immediate::immediate;
pub use strategy::joined::joined;
pub use strategy::lazy::lazy;
pub use strategy::raise::raise;
pub use strategy::selectin::selectin;
pub use strategy::subquery::subquery;
pub use tally::{Shape, Tally};
pub use value::Value;

/// What the derives write calls to.
#[doc(hidden)]
pub mod derive {
    pub use crate::cohort::Cohort;
    pub use crate::column_type::{Cell, Mismatch};
    pub use crate::entity::read_field;
    pub use crate::link::{Link, related};
    pub use crate::related::Related;
    pub use crate::relation::{RelationInfo, RelationKind, RelationVisitor};
    pub use crate::report::read_field as read_report_field;
    pub use crate::strategy::Strategy;
}
