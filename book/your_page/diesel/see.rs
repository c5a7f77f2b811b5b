//! Prints every statement of the slow page.

use diesel::prelude::*;

use crate::pages::slow_page;
use crate::shop;

// ANCHOR: see
use diesel::connection::InstrumentationEvent;

fn print_statements(connection: &mut PgConnection) {
    connection.set_instrumentation(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            println!("{query}");
        }
    });
}
// ANCHOR_END: see

pub fn run() -> QueryResult<()> {
    let mut connection = shop::connect();
    print_statements(&mut connection);
    slow_page(&mut connection).map(drop)
}
