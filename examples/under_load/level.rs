//! Measures every number of users with every strategy.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use shop_server::load::{self, Level, Pool};

use crate::Options;
use crate::database::Database;
use crate::page;

/// Measures every number of users with every strategy.
pub fn measure_all(database: &Database, pool: &Pool, options: &Options) -> Result<Vec<Level>> {
    let count = options.users.len() * options.strategy.len();
    let style = ProgressStyle::with_template("measuring {msg} {bar:24} {pos} of {len}, {eta} left")?;
    let bar = ProgressBar::new(count as u64).with_style(style);
    let mut levels = Vec::new();
    for users in &options.users {
        for strategy in &options.strategy {
            bar.set_message(format!("{strategy}, {users} users"));
            let request = page::request(*strategy, options.customers);
            let tick = || bar.tick();
            let recording = load::work(pool, &request, *users, options.seconds, &database.cpu, tick)?;
            levels.push(Level::of(strategy.name(), *users, &recording)?);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(levels)
}
