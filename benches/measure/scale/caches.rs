//! How large SQLite's page cache must be.
//!
//! `selectin` looks up keys, and they lead to pages all over a table. SQLite keeps pages in its cache. It reads any other
//! page from the file, which is usually in the cache of the operating system. That takes a system call, and a copy of the
//! page.
//!
//! With `mmap_size`, SQLite reads the pages of the operating system in place. But if the disk fails, the program ends
//! without an error that it could handle (<https://sqlite.org/mmap.html>). So a session does not use it by default.

use anyhow::{Result, ensure};
use eagerly::{Session, Strategy};

use crate::Shop;
use crate::figures::{OfCache, PerRow};
use crate::way::Way;

/// The name of a cache, and the statement that sets it.
const CACHES: [(&str, &str); 5] = [
    ("2 MB (SQLite's default)", "PRAGMA cache_size = -2000"),
    ("16 MiB", "PRAGMA cache_size = -16384"),
    ("64 MiB (a session's)", "PRAGMA cache_size = -65536"),
    ("256 MiB", "PRAGMA cache_size = -262144"),
    ("file in memory (mmap)", "PRAGMA mmap_size = 4294967296"),
];

/// The ways that look up keys. `joined` is left out for a million customers, because it takes longest.
const WAYS: [Strategy; 2] = [Strategy::Selectin, Strategy::Joined];
const MOST_JOINED: u32 = 100_000;

/// Measures both ways with each cache. Each cache has a session of its own, and one page fills it before the first turn.
pub fn measure(shop: &Shop<'_>) -> Result<Vec<OfCache>> {
    let default = shop.session.query::<i64>("PRAGMA cache_size", [])?;
    ensure!(default == [-65_536], "a session has another cache than its label says: {default:?}");
    let mut sessions = Vec::new();
    for (cache, pragma) in CACHES {
        let session = Session::open(&shop.path)?;
        session.execute(pragma, [])?;
        shop.show(&format!("filling the cache of {cache}"));
        Way::By(Strategy::Selectin).page(&session)?;
        sessions.push((cache, session));
    }
    let ways = if shop.size.customers > MOST_JOINED { &WAYS[..1] } else { &WAYS };
    let turns: Vec<_> = sessions
        .iter()
        .flat_map(|(cache, session)| ways.iter().map(move |way| (*cache, session, *way)))
        .collect();
    let times = shop.in_turns(
        &turns,
        |(cache, _, way)| format!("{way} with a cache of {cache}"),
        |(_, session, way)| {
            Way::By(*way).page(session)?;
            Ok(())
        },
    )?;
    let figures = turns.iter().zip(times).map(|((cache, _, way), times)| OfCache {
        cache,
        way: way.name(),
        customers: shop.size.customers,
        times: PerRow::of(&times, shop.rows()),
    });
    Ok(figures.collect())
}
