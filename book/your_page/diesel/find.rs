//! Counts the statements of each line of the slow page.

use diesel::prelude::*;

use crate::pages::slow_page;
use crate::shop;

// ANCHOR: find
use std::backtrace::Backtrace;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;

/// Returns the line of your own code that runs now: the first one of your crate that is not in this module.
fn place() -> String {
    let own = concat!(env!("CARGO_CRATE_NAME"), "::");
    let backtrace = Backtrace::force_capture().to_string();
    let lines: Vec<&str> = backtrace.lines().map(str::trim).collect();
    // Each frame has two lines: `12: my_app::pages::slow_page`, and `at src/pages.rs:10:5`.
    let frame = lines.windows(2).find(|pair| {
        let name = pair[0].split_once(": ").map_or("", |(_, name)| name);
        name.starts_with(own) && !name.starts_with(module_path!())
    });
    let line = frame.map_or("?", |pair| pair[1]);
    line.rsplit('/').next().unwrap_or(line).to_owned()
}

fn watch(connection: &mut PgConnection) -> Arc<Mutex<HashMap<String, u64>>> {
    let places = Arc::new(Mutex::new(HashMap::new()));
    let counted = Arc::clone(&places);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            *counted.lock().unwrap().entry(place()).or_default() += 1;
        }
    });
    places
}
// ANCHOR_END: find

pub fn run() -> QueryResult<()> {
    let mut connection = shop::connect();
    // ANCHOR: print
    let places = watch(&mut connection);
    slow_page(&mut connection)?;
    let mut places: Vec<_> = places.lock().unwrap().drain().collect();
    places.sort_by_key(|(_, statements)| std::cmp::Reverse(*statements));
    for (place, statements) in places.iter().take(5) {
        println!("{statements:6}  {place}");
    }
    // ANCHOR_END: print
    Ok(())
}
