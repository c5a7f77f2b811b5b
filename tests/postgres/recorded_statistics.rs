//! The statistics in the exercise `read_the_statistics` are recorded. This test runs the same traffic again, and compares the
//! counts. It prints the view `pg_stat_statements`, so `--nocapture` records it again.

use std::path::Path;

use eagerly::{FromRow, Session, joined, params};
use shop::{Customer, Order, Size, page};

use crate::databases::{user_of, with_admin};
use crate::shared::filled;

on_postgres!(the_recorded_statistics_have_the_counts_of_a_new_run);

#[derive(FromRow)]
struct Entry {
    calls: i64,
    total: String,
    mean: String,
    max: String,
    rows: i64,
    query: String,
}

#[derive(FromRow)]
struct Name {
    #[expect(dead_code, reason = "only the statement matters")]
    first_name: String,
}

#[derive(FromRow)]
struct Pairs {
    #[expect(dead_code, reason = "only the statement matters")]
    pairs: i64,
}

fn the_recorded_statistics_have_the_counts_of_a_new_run() {
    let session = filled(&Size { customers: 400, orders: 9.0, items: 3.0, seed: 2 });
    let before = entries(&session);
    traffic(&session);
    let known = |entry: &Entry| before.iter().any(|before| before.query == entry.query);
    let new: Vec<_> = entries(&session).into_iter().filter(|entry| !known(entry)).collect();
    for (entry, line) in new.iter().zip(1..) {
        let Entry { calls, total, mean, max, rows, query } = entry;
        println!("{line:>4} {calls:>5} {total:>6} {mean:>8} {max:>6} {rows:>6}  {query}");
    }
    let mut counts: Vec<_> = new.iter().map(|entry| [entry.calls, entry.rows]).collect();
    let mut recorded = recorded();
    counts.sort_unstable();
    recorded.sort_unstable();
    assert_eq!(recorded, counts);
}

/// What a shop's site sends: the admin page, and what belongs to other pages.
fn traffic(session: &Session) {
    for _ in 0..5 {
        page::rows(&session.all(Customer::select()).unwrap()).unwrap();
    }
    // Each request reads the name of the customer who is signed in.
    for request in 0..2_500 {
        let sql = "SELECT first_name FROM customers WHERE id = $1";
        let _: Vec<Name> = session.query(sql, params![1 + request % 400]).unwrap();
    }
    for _ in 0..300 {
        let latest = Order::select().order_by(Order::ID.desc()).limit(20);
        session.all(latest.with(joined(Order::CUSTOMER))).unwrap();
    }
    for order in 1..=150 {
        session.execute("UPDATE orders SET status = $1 WHERE id = $2", params!["sent", order]).unwrap();
    }
    let sql = "SELECT a.product, count(*) AS pairs FROM order_items a \
               JOIN order_items b ON b.product = a.product AND b.id < a.id GROUP BY a.product";
    let _: Vec<Pairs> = session.query(sql, []).unwrap();
}

/// Returns what the server counted for the session's user, in the order of the mean.
fn entries(session: &Session) -> Vec<Entry> {
    let user = user_of(session);
    with_admin(|admin| {
        admin.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public", []).unwrap();
        let sql = "SELECT calls, round(total_exec_time::numeric, 1)::text AS total,
                       round(mean_exec_time::numeric, 3)::text AS mean, round(max_exec_time::numeric, 1)::text AS max,
                       rows, regexp_replace(query, '\\s+', ' ', 'g') AS query
                   FROM public.pg_stat_statements
                   WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = $1)
                   ORDER BY mean_exec_time DESC";
        admin.query(sql, params![user]).unwrap()
    })
}

/// Returns the calls and the rows of each line in the exercise.
fn recorded() -> Vec<[i64; 2]> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let exercise = root.join("crates/workshop/exercises/01_see/read_the_statistics.rs");
    let text = std::fs::read_to_string(exercise).unwrap();
    let (_, table) = text.split_once("const STATISTICS: &str = \"").unwrap();
    let (table, _) = table.split_once("\";").unwrap();
    let lines = table.lines().filter(|line| line.trim().starts_with(|first: char| first.is_ascii_digit()));
    let count = |word: &str| word.parse().unwrap();
    let cells = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    cells.map(|cells| [count(cells[1]), count(cells[5])]).collect()
}
