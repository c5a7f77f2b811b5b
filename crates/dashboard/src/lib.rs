//! The admin page of the case study, live in a browser, with a bar of tools that shows what it costs.
//!
//! The page lists customers with their number of orders and total spend. It is [`shop::page`]'s code and nothing else;
//! this crate changes the query before it, runs it, and shows what was sent. To read it:
//!
//! 1. [`settings`]: what a link says, and its bounds; [`shops`]: the two databases.
//! 2. `customers`: the query that the settings make; `build`: the page with the tools attached; `meter` and `stop`:
//!    how far it is, and how it ends early; `race`: every strategy in turn.
//! 3. `work`: pages run on threads of their own, since a session belongs to one thread; only so many at a time, and
//!    none that nobody waits for.
//! 4. [`server`]: the addresses, and what each answer carries along; `hosts`: who may ask.
//! 5. `view`: what it looks like. The scripts and the style are plain files, built into the program.
//!
//! Nothing is fetched from elsewhere, and nothing leaves this machine.

mod build;
mod customers;
mod hosts;
mod meter;
mod race;
pub mod server;
pub mod settings;
pub mod shops;
mod stop;
mod view;
mod work;

pub use server::Dashboard;
pub use shops::Shops;
