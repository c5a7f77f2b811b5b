//! The rows that the server reads for one page of a long list. The book shows these plans.

use eagerly::{FromRow, Session};

use crate::shared::shop_of;

on_postgres!(an_offset_reads_the_rows_that_it_skips_and_a_keyset_does_not);

/// Returns the number of rows that the lowest step of a statement's plan read.
///
/// Only the number is compared, because each version of PostgreSQL writes its plans in another way.
fn rows_read(session: &Session, sql: &str) -> u64 {
    #[derive(FromRow)]
    struct Line {
        #[row(column = "QUERY PLAN")]
        text: String,
    }
    let lines: Vec<Line> = session.query(&format!("EXPLAIN (ANALYZE, TIMING OFF) {sql}"), []).unwrap();
    let scan = lines.iter().rev().find_map(|line| line.text.split_once("(actual rows="));
    let digits = scan.unwrap().1.split(|next: char| !next.is_ascii_digit()).next();
    digits.unwrap().parse().unwrap()
}

fn an_offset_reads_the_rows_that_it_skips_and_a_keyset_does_not() {
    let session = shop_of(1_000);
    session.execute("CREATE INDEX orders_by_day ON orders (placed_on, id)", []).unwrap();
    session.execute("ANALYZE orders", []).unwrap();
    let page = "ORDER BY placed_on DESC, id DESC LIMIT 20";
    let offset = format!("SELECT * FROM orders {page} OFFSET 5000");
    let keyset = format!("SELECT * FROM orders WHERE (placed_on, id) < ('2024-06-01', 5000) {page}");
    let chapter = concat!(env!("CARGO_MANIFEST_DIR"), "/../book/src/joined.md");
    let chapter = std::fs::read_to_string(chapter).unwrap();
    let chapter = chapter.split_whitespace().collect::<Vec<_>>().join(" ");
    for (sql, expected) in [(offset, 5_020), (keyset, 20)] {
        assert_eq!(rows_read(&session, &sql), expected, "{sql}");
        let shown = format!("orders_by_day on orders (actual rows={expected} ");
        assert!(chapter.contains(&sql) && chapter.contains(&shown), "joined.md lacks {sql}\n{shown}");
    }
}
