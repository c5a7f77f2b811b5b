//! Helpers that several tests share.

// Each test file is a separate program and uses only some of these helpers.
#![allow(dead_code)]

#[macro_use]
pub mod databases;

use std::time::Duration;

use eagerly::{Dialect, Entity, LoadPath, Select, Session, Strategy};
use shop::{Size, data};

/// The strategies that load the children of several parents together.
pub const TOGETHER: [Strategy; 4] =
    [Strategy::Batch, Strategy::Selectin, Strategy::Subquery, Strategy::Joined];

/// Returns for how long a test works: the number of seconds in `EAGERLY_SECONDS`, or this one.
pub fn seconds(usual: u64) -> Duration {
    let seconds = std::env::var("EAGERLY_SECONDS");
    Duration::from_secs(
        seconds.map_or(usual, |seconds| seconds.parse().expect("EAGERLY_SECONDS is a number")),
    )
}

/// Returns the strategies that return a graph: every one except `raise`.
pub fn yielding() -> Vec<Strategy> {
    Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise).collect()
}

/// Creates a database with these statements. SQLite does not enforce foreign keys in it.
///
/// On PostgreSQL, a column that ignores case has the type `citext`, and one of bytes has the type `varchar`.
pub fn database(statements: &[&str]) -> Session {
    let session = databases::empty();
    match session.dialect() {
        Dialect::Sqlite => drop(session.execute("PRAGMA foreign_keys = OFF", []).unwrap()),
        Dialect::Postgres => databases::with_citext(),
    }
    for sql in statements {
        let sql = match session.dialect() {
            Dialect::Sqlite => (*sql).to_owned(),
            Dialect::Postgres => {
                sql.replace("TEXT COLLATE NOCASE", "public.citext").replace(" BLOB", " VARCHAR(9)")
            }
        };
        session.execute(&sql, []).unwrap_or_else(|error| panic!("{error}"));
    }
    session
}

/// Creates a shop with this number of customers.
pub fn shop_of(customers: u32) -> Session {
    filled(&Size { customers, ..Size::default() })
}

/// Creates a shop of this size.
pub fn filled(size: &Size) -> Session {
    let session = databases::empty();
    data::fill(&session, size, |_| {}).unwrap();
    session
}

/// Reads every row of an entity, with what the path loads.
pub fn all<E: Entity>(session: &Session, path: impl LoadPath<E>) -> Vec<E> {
    session.all(<Select<E> as Default>::default().with(path)).unwrap()
}
