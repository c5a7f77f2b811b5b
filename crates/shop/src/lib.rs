//! The shop of the case study: customers, their orders, and the items of each order.
//!
//! - [`models`]: the three entities.
//! - [`schema`]: their tables and indexes.
//! - [`data`]: generated rows, in any number. The same seed generates the same rows.
//! - [`page`]: the admin page, built from objects or by one SQL statement.

pub mod data;
pub mod models;
pub mod page;
pub mod schema;

pub use data::Size;
pub use models::{Customer, Order, OrderItem, customer, order, order_item};

/// Creates a shop with 5 customers, 50 orders and 150 items in memory, for short examples.
///
/// Use [`data::in_memory`] to choose another size.
///
/// ```
/// use shop::Customer;
///
/// let session = shop::small()?;
/// assert_eq!(session.count(Customer::select())?, 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
///
/// # Errors
/// Fails if there is not enough memory.
pub fn small() -> eagerly::Result<eagerly::Session> {
    data::in_memory(&Size { customers: 5, ..Size::default() })
}
