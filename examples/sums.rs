//! Sums: the total that a join computes wrongly, and the statement that computes it correctly.
//!
//!     cargo run --release --example sums
//!
//! Each order has a delivery fee. The page shows the delivery fees that each customer paid, and the number of
//! items that they bought. A join with the items repeats an order for each of its items, and so its fee.

use anyhow::Result;
use eagerly::{FromRow, Session};
use terminal::println;

const DATA: [&str; 6] = [
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, fee INTEGER NOT NULL)",
    "CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL)",
    "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Zoë'), (3, 'Kim')",
    "INSERT INTO orders VALUES (1, 1, 500), (2, 1, 300), (3, 2, 400)",
    "INSERT INTO order_items (order_id) VALUES (1), (1), (1), (2), (3)",
];

// ANCHOR: lies
const LIES: &str = "\
SELECT c.name, count(i.id) AS items, coalesce(sum(o.fee), 0) AS fees
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY c.id ORDER BY c.id";
// ANCHOR_END: lies

/// Looks correct until a customer has two orders with the same fee.
const STILL_LIES: &str = "\
SELECT c.name, count(i.id) AS items, coalesce(sum(DISTINCT o.fee), 0) AS fees
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
LEFT JOIN order_items AS i ON i.order_id = o.id
GROUP BY c.id ORDER BY c.id";

// ANCHOR: right
const RIGHT: &str = "\
SELECT c.name, coalesce(sum(i.items), 0) AS items, coalesce(sum(o.fee), 0) AS fees
FROM customers AS c
LEFT JOIN orders AS o ON o.customer_id = c.id
LEFT JOIN (
    SELECT order_id, count(*) AS items FROM order_items GROUP BY order_id
) AS i ON i.order_id = o.id
GROUP BY c.id ORDER BY c.id";
// ANCHOR_END: right

#[derive(FromRow)]
struct Line {
    name: String,
    items: i64,
    fees: i64,
}

fn main() -> Result<()> {
    let session = Session::in_memory()?;
    for sql in DATA {
        session.execute(sql, [])?;
    }
    println!("Ada has two orders, with fees of 500 and 300 cents. The first has three items.\n");
    show(&session, "customers, orders and items in one join", LIES)?;
    show(&session, "items counted per order before the join", RIGHT)?;
    session.execute("INSERT INTO orders VALUES (4, 1, 300)", [])?;
    println!("Ada orders again, with another fee of 300 cents.\n");
    show(&session, "one join, with sum(DISTINCT …)", STILL_LIES)?;
    show(&session, "items counted per order before the join", RIGHT)
}

fn show(session: &Session, what: &str, sql: &str) -> Result<()> {
    println!("{what}:");
    for line in session.query::<Line>(sql, [])? {
        println!("  {:<4} items: {}   fees: {:>5} cents", line.name, line.items, line.fees);
    }
    println!();
    Ok(())
}
