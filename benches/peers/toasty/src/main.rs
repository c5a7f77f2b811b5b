//! The page with Toasty. An access with `await` sends a statement, and one without reads loaded rows.

// The page uses few of the columns, but every ORM reads all of them.
#![allow(dead_code)]

#[path = "../../protocol.rs"]
mod protocol;

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{Introduction, Line, Peer, Result};
use toasty::{Connection, Db, Deferred};
use toasty_driver_sqlite::Sqlite;
use tokio::runtime::{Builder, Runtime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[derive(Debug, toasty::Model)]
#[table = "customers"]
struct Customer {
    #[key]
    id: i64,
    first_name: String,
    last_name: String,
    email: String,
    #[has_many]
    orders: Deferred<Vec<Order>>,
}

#[derive(Debug, toasty::Model)]
#[table = "orders"]
struct Order {
    #[key]
    id: i64,
    #[index]
    customer_id: i64,
    placed_on: String,
    status: String,
    #[belongs_to(key = customer_id, references = id)]
    customer: Deferred<Customer>,
    #[has_many]
    items: Deferred<Vec<OrderItem>>,
}

#[derive(Debug, toasty::Model)]
#[table = "order_items"]
struct OrderItem {
    #[key]
    id: i64,
    #[index]
    order_id: i64,
    product: String,
    quantity: i64,
    unit_price: i64,
    #[belongs_to(key = order_id, references = id)]
    order: Deferred<Order>,
}

struct Toasty {
    runtime: Runtime,
    /// One connection for all statements. A `Db` would take one from its pool for each statement.
    connection: Connection,
}

impl Peer for Toasty {
    fn page(&mut self, way: &str) -> Result<Vec<Line>> {
        let page = match way {
            "lazy" => self.runtime.block_on(lazy(&mut self.connection)),
            "include" => self.runtime.block_on(include(&mut self.connection)),
            _ => return Err(format!("no way has the name {way}").into()),
        };
        Ok(page?)
    }

    fn counted(&mut self, way: &str) -> Result<(Vec<Line>, u64)> {
        let count = Arc::new(AtomicU64::new(0));
        let page = tracing::subscriber::with_default(Counter(Arc::clone(&count)), || self.page(way))?;
        Ok((page, count.load(Ordering::Relaxed)))
    }
}

async fn lazy(connection: &mut Connection) -> toasty::Result<Vec<Line>> {
    let mut page = Vec::new();
    for customer in Customer::all()
        .order_by(Customer::fields().id().asc())
        .exec(connection)
        .await?
    {
        let orders = customer.orders().exec(connection).await?;
        let mut total = 0;
        for order in &orders {
            total += sum(&order.items().exec(connection).await?);
        }
        page.push(line(&customer, orders.len(), total));
    }
    Ok(page)
}

async fn include(connection: &mut Connection) -> toasty::Result<Vec<Line>> {
    let query = Customer::all().order_by(Customer::fields().id().asc());
    let mut transaction = connection.transaction().await?;
    let customers = query
        .include(Customer::fields().orders().items())
        .exec(&mut transaction)
        .await?;
    transaction.commit().await?;
    let lines = customers.iter().map(|customer| {
        let orders = customer.orders.get();
        line(
            customer,
            orders.len(),
            orders.iter().map(|order| sum(order.items.get())).sum(),
        )
    });
    Ok(lines.collect())
}

fn sum(items: &[OrderItem]) -> i64 {
    items.iter().map(|item| item.quantity * item.unit_price).sum()
}

fn line(customer: &Customer, orders: usize, total: i64) -> Line {
    Line {
        first_name: customer.first_name.clone(),
        last_name: customer.last_name.clone(),
        orders: orders as i64,
        total,
    }
}

/// Counts the tracing events of Toasty, one for each statement, because it has no other hook.
struct Counter(Arc<AtomicU64>);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "toasty::query"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Selects(&self.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Selects<'c>(&'c AtomicU64);

impl Visit for Selects<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "db.statement" && format!("{value:?}").starts_with("SELECT") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).ok_or("the path of the shop is missing")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let database = runtime.block_on(async {
        let mut builder = Db::builder();
        builder
            .models(toasty::models!(Customer, Order, OrderItem))
            .max_pool_size(1);
        builder.build(Sqlite::open(path)).await
    })?;
    let mut connection = runtime.block_on(database.connection())?;
    let version = toasty::sql::query("SELECT sqlite_version()");
    let rows = runtime.block_on(version.exec(&mut connection))?;
    let Some(toasty::stmt::Value::Record(row)) = rows.first() else {
        return Err("SQLite has no version".into());
    };
    let sqlite = row[0].as_str().unwrap_or("?");
    let introduction = Introduction {
        name: "Toasty",
        version: protocol::locked(include_str!("../Cargo.lock"), "toasty"),
        on: &format!("SQLite {sqlite}"),
        ways: &["lazy", "include"],
    };
    protocol::serve(&introduction, &mut Toasty { runtime, connection })
}
