//! Counts the statements of each line of the slow page.

use sea_orm::{DatabaseConnection, DbErr};

use crate::pages::slow_page;
use crate::shop;

// ANCHOR: find
use std::backtrace::Backtrace;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

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

fn watch(db: &mut DatabaseConnection) -> Arc<Mutex<HashMap<String, u64>>> {
    let places = Arc::new(Mutex::new(HashMap::new()));
    let counted = Arc::clone(&places);
    db.set_metric_callback(move |_| *counted.lock().unwrap().entry(place()).or_default() += 1);
    places
}
// ANCHOR_END: find

pub async fn run() -> Result<(), DbErr> {
    let mut db = shop::connect().await?;
    // ANCHOR: print
    let places = watch(&mut db);
    slow_page(&db).await?;
    let mut places: Vec<_> = places.lock().unwrap().drain().collect();
    places.sort_by_key(|(_, statements)| std::cmp::Reverse(*statements));
    for (place, statements) in places.iter().take(5) {
        println!("{statements:6}  {place}");
    }
    // ANCHOR_END: print
    Ok(())
}
