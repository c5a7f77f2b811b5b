//! Children as JSON: one statement returns each customer with a text that contains the orders and their items.
//!
//!     cargo run --release --example json_rows
//!     cargo run --release --package examples --features postgres --example json_rows
//!
//! The database aggregates the children of each row into one value, so no row is repeated. The program measures this beside
//! `selectin` and `joined`, for a small and a large page. Each way takes one turn in every round. Then it shows which values
//! JSON changes. With the feature `postgres`, it does the same on a throw-away PostgreSQL server. A number as argument sets
//! the number of rounds.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use eagerly::numbers::{bytes, count, counted, time};
use eagerly::{Dialect, FromRow, Session, joined, selectin};
use serde::Deserialize;
use shop::{Customer, Order, Size, data, page};
use terminal::println;

/// The numbers of customers.
const SIZES: [u32; 2] = [20, 1_000];

// `json((…))`: in SQLite 3.53, the JSON of a sub-select is otherwise a string in the outer object.
// ANCHOR: sqlite
const SQLITE: &str = "\
SELECT c.id, c.first_name, c.last_name, c.email, (
    SELECT json_group_array(json_object('id', o.id, 'placed_on', o.placed_on, 'status', o.status, 'items', json((
        SELECT json_group_array(json_object('id', i.id, 'product', i.product,
            'quantity', i.quantity, 'unit_price', i.unit_price) ORDER BY i.id)
        FROM order_items AS i WHERE i.order_id = o.id
    ))) ORDER BY o.id)
    FROM orders AS o WHERE o.customer_id = c.id
) AS orders
FROM customers AS c ORDER BY c.id";
// ANCHOR_END: sqlite

// ANCHOR: postgres
const POSTGRES: &str = "\
SELECT c.id, c.first_name, c.last_name, c.email, theirs.orders::text AS orders
FROM customers AS c
LEFT JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', o.id, 'placed_on', o.placed_on, 'status', o.status,
        'items', its.items) ORDER BY o.id), '[]') AS orders
    FROM orders AS o
    LEFT JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object('id', i.id, 'product', i.product,
            'quantity', i.quantity, 'unit_price', i.unit_price) ORDER BY i.id), '[]') AS items
        FROM order_items AS i WHERE i.order_id = o.id
    ) AS its ON true
    WHERE o.customer_id = c.id
) AS theirs ON true
ORDER BY c.id";
// ANCHOR_END: postgres

/// A customer with the orders as JSON.
#[derive(FromRow)]
struct Line {
    orders: String,
}

/// An order in the JSON. An entity of the ORM cannot be read from it.
#[derive(Deserialize)]
struct OrderInJson {
    items: Vec<ItemInJson>,
}

#[derive(Deserialize)]
struct ItemInJson {
    quantity: i64,
    unit_price: i64,
}

/// What a way returned: the number of orders and their total, in cents. `None` if it does not read the text.
type Returned = Option<(usize, i64)>;

/// The ways, each with its name and the function that loads the page.
type Way = (&'static str, fn(&Session) -> Result<Returned>);

const WAYS: [Way; 4] = [
    ("selectin", |session| {
        objects(&session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?)
    }),
    ("joined", |session| {
        objects(&session.all(Customer::select().with(joined(Customer::ORDERS).joined(Order::ITEMS)))?)
    }),
    ("JSON, passed on as text", |session| {
        lines(session)?;
        Ok(None)
    }),
    ("JSON, read into structs", |session| {
        let mut returned = (0, 0);
        for line in lines(session)? {
            let orders: Vec<OrderInJson> = serde_json::from_str(&line.orders)?;
            returned.0 += orders.len();
            let items = orders.iter().flat_map(|order| &order.items);
            returned.1 += items.map(|item| item.quantity * item.unit_price).sum::<i64>();
        }
        Ok(Some(returned))
    }),
];

fn objects(customers: &[Customer]) -> Result<Returned> {
    let lines = page::rows(customers)?;
    let orders: i64 = lines.iter().map(|line| line.orders).sum();
    Ok(Some((usize::try_from(orders)?, lines.iter().map(|line| line.total).sum())))
}

fn lines(session: &Session) -> Result<Vec<Line>> {
    let sql = match session.dialect() {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    Ok(session.query(sql, [])?)
}

fn main() -> Result<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(25), |number| number.parse())?;
    ensure!(rounds > 0, "0 rounds measure nothing\n  help: choose a number from 1");
    examine("SQLite, in memory", &Session::in_memory()?, rounds)?;
    #[cfg(feature = "postgres")]
    {
        let server = eagerly_wire::Server::start()?;
        let name = format!("PostgreSQL {}, over TCP on the same machine", server.version());
        examine(&name, &Session::connect(&server.url())?, rounds)?;
    }
    Ok(())
}

/// Prints what a database measures, and what JSON changes in it.
fn examine(database: &str, session: &Session, rounds: usize) -> Result<()> {
    println!("== {database}");
    for customers in SIZES {
        for table in ["order_items", "orders", "customers"] {
            session.execute(&format!("DROP TABLE IF EXISTS {table}"), [])?;
        }
        let size = Size { customers, ..Size::default() };
        data::fill(session, &size, |_| {})?;
        compare(session, &size, rounds)?;
    }
    changes(session)
}

/// Measures each way in each round, and prints a line for each.
fn compare(session: &Session, size: &Size, rounds: usize) -> Result<()> {
    let [customers, orders, items] = size.rows();
    println!(
        "{}, {}, {}; {}",
        counted(customers, "customer"),
        counted(orders, "order"),
        counted(items, "item"),
        counted(rounds as u64, "round")
    );
    println!("                           statements    rows     median   ratio to selectin");
    println!("                                                           (middle half)");
    let mut expected = None;
    let mut times = [const { Vec::new() }; WAYS.len()];
    let mut counts = [(0, 0); WAYS.len()];
    // The first round prepares the statements, and is not measured.
    for round in 0..=rounds {
        for (place, (name, load)) in WAYS.iter().enumerate() {
            let tally = session.tally();
            let start = Instant::now();
            let returned = load(session)?;
            let elapsed = start.elapsed();
            counts[place] = (tally.statements(), tally.rows());
            if round > 0 {
                times[place].push(elapsed);
            }
            if let Some(returned) = returned {
                ensure!(*expected.get_or_insert(returned) == returned, "{name} returns another page");
            }
        }
    }
    for (place, (name, _)) in WAYS.iter().enumerate() {
        let (statements, rows) = counts[place];
        println!(
            "  {name:<24} {statements:>10}  {:>6}   {:>8}   {}",
            count(rows),
            time(median(&times[place])),
            ratios(&times[place], &times[0])
        );
    }
    let text: usize = lines(session)?.iter().map(|line| line.orders.len()).sum();
    println!("The JSON has {} of text.\n", bytes(text as u64));
    Ok(())
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// Returns the median of the ratios of all rounds, and between which two ratios the middle half of the rounds is.
fn ratios(times: &[Duration], base: &[Duration]) -> String {
    let mut ratios: Vec<_> =
        times.iter().zip(base).map(|(time, base)| time.as_secs_f64() / base.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let quarter = |number: usize| ratios[(ratios.len() - 1) * number / 4];
    format!("{:.2} ({:.2} to {:.2})", quarter(2), quarter(1), quarter(3))
}

/// Prints values as a column returns them, and as JSON contains them.
fn changes(session: &Session) -> Result<()> {
    #[derive(FromRow)]
    struct Text {
        text: String,
    }
    let (values, in_column, in_json): (&[[&str; 2]], _, _) = match session.dialect() {
        Dialect::Sqlite => (
            &[
                ["a large integer", "9007199254740993"],
                ["a decimal", "CAST('12.50' AS NUMERIC)"],
                ["a boolean", "(1 = 1)"],
                ["bytes", "x'00ff'"],
            ],
            "quote({})",
            "json_array({})",
        ),
        Dialect::Postgres => (
            &[
                ["a large integer", "9007199254740993::bigint"],
                ["a decimal", "12.50::numeric"],
                ["a boolean", "(1 = 1)"],
                ["bytes", "'\\x00ff'::bytea"],
                ["a date", "'2026-11-22'::date"],
                ["a moment", "'2026-11-22 10:00+02'::timestamptz"],
            ],
            "({})::text",
            "json_build_array({})::text",
        ),
    };
    println!("What JSON contains      in a column               in JSON");
    for [what, value] in values {
        let read = |form: &str| match session
            .query::<Text>(&format!("SELECT {} AS text", form.replace("{}", value)), [])
        {
            Ok(found) => found.into_iter().map(|row| row.text).collect(),
            Err(error) => error.database().map_or_else(|| error.to_string(), |error| error.message.clone()),
        };
        println!("  {what:<22}{:<26}{}", read(in_column), read(in_json));
    }
    let large: f64 = serde_json::from_str("9007199254740993")?;
    println!("Read as a 64-bit float, as JavaScript does, the integer is {large}.\n");
    Ok(())
}
