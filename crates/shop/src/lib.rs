//! The shop of the case study: customers, their orders, and the items of those.
//!
//! - [`models`]: the three entities.
//! - [`schema`]: their tables and indexes.
//! - [`data`]: made-up rows, any number of them, the same ones for the same seed.
//! - [`page`]: the admin page, over objects and as one SQL report.

pub mod data;
pub mod models;
pub mod page;
pub mod schema;

pub use data::Size;
pub use models::{Customer, Order, OrderItem, customer, order, order_item};
