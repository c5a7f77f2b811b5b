//! The shop on a PostgreSQL server. Each statement of a page makes a real round trip, so its time is measured.
//!
//! - [`Database`] is the server with both databases in it. Each is a schema. It is a throw-away server, or the user's.
//! - `seats` gives each running page a user of its own, so that the server counts its statements separately.
//! - [`Page`] is the connection of one page. It goes through a proxy with the round trip of the page's settings.
//!   So pages with different round trips run side by side.
//! - `traffic` writes down the messages that pass through the proxy.
//! - [`load`] runs the page for many users at once.

mod database;
pub mod load;
mod page;
mod seats;
#[cfg(test)]
mod tests;
mod traffic;

pub use database::Database;
pub use page::{Page, Watch};
pub use seats::Seat;
