//! Counts the statements of each line of the slow page.

use sea_orm::{DatabaseConnection, DbErr};

use crate::pages::slow_page;
use crate::shop;

// ANCHOR: find
use std::backtrace::Backtrace;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Returns the line of your own code that runs now. Needs `debug = "line-tables-only"` in the profile.
fn place() -> String {
    let backtrace = Backtrace::force_capture().to_string();
    // Each frame has a line such as `at src/pages.rs:10:5`. Skip the standard library, other crates, and this file.
    let others = ["/rustc/", "/.cargo/", file!()];
    let mut lines = backtrace.lines().filter_map(|line| line.trim().strip_prefix("at "));
    let own = lines.find(|line| !others.iter().any(|other| line.contains(other)));
    own.and_then(|line| line.rsplit('/').next()).unwrap_or("?").to_owned()
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
    println!("{} statements", places.iter().map(|(_, statements)| statements).sum::<u64>());
    places.sort_by_key(|(_, statements)| std::cmp::Reverse(*statements));
    for (place, statements) in places.iter().take(5) {
        println!("{statements:6}  {place}");
    }
    // ANCHOR_END: print
    Ok(())
}
