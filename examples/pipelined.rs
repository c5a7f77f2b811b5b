//! Pipelining: the 33,001 statements of the lazy page, sent without waiting for each answer.
//!
//!     cargo run --release --package examples --features postgres --example pipelined
//!
//! A pipeline removes round trips, not statements. The program sends the same statements to a throw-away PostgreSQL server
//! one after the other, then in a pipeline for each level, and then one statement for each level. A proxy adds a round trip of
//! 1 ms, and counts what passes. A number as argument sets the number of customers.
//!
//! It uses the client library `tokio-postgres` without the ORM. An ORM cannot send a lazy loop this way: the loop needs the
//! rows of one access before its next line runs.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use eagerly::Session;
use eagerly::numbers::{count, counted, time};
use eagerly_wire::{Proxy, Recorder, Server, Settings};
use futures_util::future::try_join_all;
use shop::{Size, data};
use terminal::println;
use tokio_postgres::{Client, NoTls, Row, Statement};

const ROUND_TRIP: Duration = Duration::from_millis(1);

const CUSTOMERS: &str = "SELECT id, first_name, last_name, email FROM customers ORDER BY id";
const ORDERS: &str =
    "SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id = $1 ORDER BY id";
const ITEMS: &str =
    "SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id = $1 ORDER BY id";
const ALL_ORDERS: &str = "SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id = ANY ($1)";
const ALL_ITEMS: &str =
    "SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id = ANY ($1)";

/// The statements of the page, prepared.
struct Prepared {
    customers: Statement,
    orders: Statement,
    items: Statement,
    all_orders: Statement,
    all_items: Statement,
}

fn main() -> Result<()> {
    let customers = std::env::args().nth(1).map_or(Ok(3_000), |number| number.parse())?;
    let size = Size { customers, ..Size::default() };
    let server = Server::start()?;
    data::fill(&Session::connect(&server.url())?, &size, |_| {})?;
    // A pause never ends a page, because this program says where each begins.
    let recorder = Recorder::new(Settings { gap: Duration::MAX, ..Settings::default() });
    let observers = vec![Arc::new(recorder.clone()) as _];
    let proxy = Proxy::observed((Ipv4Addr::LOCALHOST, 0).into(), server.address(), ROUND_TRIP, observers)?;
    println!(
        "{}, in PostgreSQL {}, with a round trip of {}",
        counted(customers.into(), "customer"),
        server.version(),
        time(proxy.round_trip())
    );
    println!("                                statements   round trips       time");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(compare(&proxy, &recorder))
}

async fn compare(proxy: &Proxy, recorder: &Recorder) -> Result<()> {
    let url = format!("postgres://postgres@{}/postgres", proxy.address());
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    // The connection sends and receives while the page waits.
    let connection = tokio::spawn(connection);
    let prepared = Prepared {
        customers: client.prepare(CUSTOMERS).await?,
        orders: client.prepare(ORDERS).await?,
        items: client.prepare(ITEMS).await?,
        all_orders: client.prepare(ALL_ORDERS).await?,
        all_items: client.prepare(ALL_ITEMS).await?,
    };
    let begin = || {
        recorder.clear();
        Instant::now()
    };
    let show = |name: &str, start: Instant| {
        let elapsed = start.elapsed();
        let report = recorder.report();
        let (statements, round_trips) = (count(report.statements()), count(report.round_trips()));
        println!("  {name:<28}{statements:>12}  {round_trips:>12}   {:>8}", time(elapsed));
    };

    let start = begin();
    let expected = one_after_the_other(&client, &prepared).await?;
    show("one after the other", start);

    let start = begin();
    let total = in_a_pipeline(&client, &prepared).await?;
    show("in a pipeline for each level", start);
    ensure!(total == expected, "the pipeline returns another total");

    let start = begin();
    let total = one_for_each_level(&client, &prepared).await?;
    show("one for each level", start);
    ensure!(total == expected, "the three statements return another total");

    println!("Each adds up the same total.");
    drop(client);
    connection.await??;
    Ok(())
}

// ANCHOR: loop
/// Waits for the rows of each statement, as a lazy loop does.
async fn one_after_the_other(client: &Client, prepared: &Prepared) -> Result<i64> {
    let mut total = 0;
    for customer in client.query(&prepared.customers, &[]).await? {
        for order in client.query(&prepared.orders, &[&key(&customer)]).await? {
            total += price(&client.query(&prepared.items, &[&key(&order)]).await?);
        }
    }
    Ok(total)
}
// ANCHOR_END: loop

// ANCHOR: pipeline
/// Sends all statements of a level, and then waits for their rows. The next level needs the keys of these rows.
async fn in_a_pipeline(client: &Client, prepared: &Prepared) -> Result<i64> {
    let customers = client.query(&prepared.customers, &[]).await?;
    let orders = each(client, &prepared.orders, &keys(&customers)).await?;
    let items = each(client, &prepared.items, &keys(&orders)).await?;
    Ok(price(&items))
}

/// Runs a statement once for each key. `try_join_all` polls all of them, and the client sends what is polled.
async fn each(client: &Client, statement: &Statement, keys: &[i64]) -> Result<Vec<Row>> {
    let answers = try_join_all(keys.iter().map(async |key| client.query(statement, &[key]).await)).await?;
    Ok(answers.into_iter().flatten().collect())
}
// ANCHOR_END: pipeline

/// Sends one statement for each level, with the keys of all parents.
async fn one_for_each_level(client: &Client, prepared: &Prepared) -> Result<i64> {
    let customers = client.query(&prepared.customers, &[]).await?;
    let orders = client.query(&prepared.all_orders, &[&keys(&customers)]).await?;
    Ok(price(&client.query(&prepared.all_items, &[&keys(&orders)]).await?))
}

fn key(row: &Row) -> i64 {
    row.get("id")
}

fn keys(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(key).collect()
}

/// Returns the price of the items, in cents.
fn price(items: &[Row]) -> i64 {
    items.iter().map(|item| item.get::<_, i64>("quantity") * item.get::<_, i64>("unit_price")).sum()
}
