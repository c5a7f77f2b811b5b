//! The page for many users at once, who share a pool of connections. It needs a PostgreSQL server: SQLite has no
//! connections that wait for a network.
//!
//! Each user asks for the next page as soon as the last one is there. A page holds a connection from its first statement to
//! its last, so a lazy page keeps the other users waiting while it waits for the network.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::level::Level;
use crate::settings::Settings;
use crate::shops::Shop;
use crate::stop::Stop;

/// Measures the page of the settings under each number of users, for `time`, and calls `each` with each result. A stop ends
/// it early, without an error.
///
/// A page has to be finished within `time`: list few customers, for example 20.
///
/// # Errors
/// If the database is a SQLite file, if a page fails, or if no page was finished.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only a server has a pool"))]
pub fn run(
    shop: &Shop,
    settings: &Settings,
    users: &[u16],
    time: Duration,
    stop: &Arc<Stop>,
    each: impl FnMut(Level),
) -> Result<()> {
    #[cfg(feature = "postgres")]
    if let Some((database, stage)) = shop.server() {
        return crate::postgres::load::run(database, stage, settings, users, time, stop, each);
    }
    anyhow::bail!(
        "many users at once need a PostgreSQL server\n  help: start the dashboard by `cargo dashboard-server`"
    )
}
