//! A log line for each request that sends too many statements.

use diesel::prelude::*;

use crate::pages::{fixed_page, slow_page};
use crate::shop;

// ANCHOR: guard
use std::cell::Cell;

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};

thread_local! {
    /// The number of statements that this thread has sent.
    static SENT: Cell<u64> = const { Cell::new(0) };
}

/// Call this once, before the first connection is opened.
pub fn count_on_all_connections() -> QueryResult<()> {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                SENT.set(SENT.get() + 1);
            }
        }))
    })
}

/// Runs a handler that stays on its thread, as all synchronous handlers do.
pub fn with_statement_limit<T>(request: &str, limit: u64, handler: impl FnOnce() -> T) -> T {
    let before = SENT.get();
    let response = handler();
    let statements = SENT.get() - before;
    if statements > limit {
        eprintln!("WARN {request} sent {statements} statements");
    }
    response
}
// ANCHOR_END: guard

pub fn run() -> QueryResult<()> {
    count_on_all_connections()?;
    let mut connection = shop::connect();
    with_statement_limit("GET /fixed", 50, || fixed_page(&mut connection))?;
    // ANCHOR: use
    let rows = with_statement_limit("GET /admin", 50, || slow_page(&mut connection))?;
    // ANCHOR_END: use
    drop(rows);
    Ok(())
}
