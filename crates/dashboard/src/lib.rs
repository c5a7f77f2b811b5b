//! The admin page of the case study in a browser, with what the page costs.
//!
//! The page lists customers with their number of orders and total spend. [`shop::page`] holds its code,
//! unchanged. This crate changes the query, runs the page and shows the statements that were sent. Read the
//! modules in this order:
//!
//! 1. [`settings`] reads and checks the settings in a link. [`shops`] holds the two databases, in SQLite or on a
//!    PostgreSQL server (`postgres`). [`on_server`] is what a server and the wire report about a page.
//! 2. `customers` turns the settings into a query. `build` runs the page with the tools attached. `meter`
//!    reports progress, `journal` keeps the first statements, and `stop` stops a page early. `race` runs every way
//!    in turn, `sides` two at the same time, `growth` for more and more customers, and `users` for many users at once
//!    (`load` and `level`).
//! 3. `work` runs each page on its own thread, because a session belongs to one thread. It limits the number
//!    of pages that run at once, and it stops a page when its client disconnects.
//! 4. [`server`] maps addresses to pages and sets the security headers. `hosts` decides which requests are
//!    allowed. `waterfalls` keeps the waterfalls of the latest runs.
//! 5. `view` renders the HTML. The scripts and the style sheet are plain files, compiled into the program.
//!
//! The page loads nothing from other servers and sends nothing to them.

mod build;
mod customers;
mod growth;
mod hosts;
mod journal;
mod level;
mod load;
mod meter;
pub mod on_server;
#[cfg(feature = "postgres")]
mod postgres;
mod preparing;
mod race;
pub mod server;
pub mod settings;
pub mod shops;
mod sides;
mod stop;
mod users;
mod view;
mod waterfalls;
mod work;

pub use preparing::Preparing;
pub use server::Dashboard;
pub use shops::Shops;
