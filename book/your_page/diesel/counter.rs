//! Counts the statements of a function.

use crate::shop::{self, Row};

// ANCHOR: counter
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;

pub fn count_statements<T>(
    connection: &mut PgConnection,
    page: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
) -> QueryResult<(T, Vec<String>)> {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&statements);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            sent.lock().unwrap().push(query.to_string());
        }
    });
    let rows = page(connection)?;
    connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
    let statements = std::mem::take(&mut *statements.lock().unwrap());
    Ok((rows, statements))
}
// ANCHOR_END: counter

pub fn print_page(page: fn(&mut PgConnection) -> QueryResult<Vec<Row>>) -> QueryResult<()> {
    let (rows, statements) = count_statements(&mut shop::connect(), page)?;
    for (first_name, last_name, orders, total) in rows {
        println!("{first_name}|{last_name}|{orders}|{total}");
    }
    println!("{} statements", statements.len());
    Ok(())
}
