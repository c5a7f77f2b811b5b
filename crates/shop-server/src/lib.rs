//! The shop on a PostgreSQL server: what the examples `server_page` and `under_load` and the dashboard have in common.
//!
//! `eagerly-wire` has what works with any server and any client. These modules connect to a server by the ORM, or depend on
//! how these programs use it:
//!
//! 1. [`address`] finds the host in a URL, so that a proxy can be put in front of it. It also recognises
//!    messages that can contain a password.
//! 2. [`identity`] asks a server for its version. [`own_schema`] creates a schema on the user's server, and drops it however
//!    the program ends.
//! 3. [`slow_log`] and [`statistics`] read what the server itself reports: its log, and `pg_stat_statements`.
//! 4. [`load`] lets many users ask for a page at once, over a pool of connections.

pub mod address;
pub mod identity;
pub mod load;
pub mod own_schema;
pub mod slow_log;
pub mod statistics;
