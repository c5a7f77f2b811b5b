//! The page with Diesel. Its structs have no relations, so the code loads and groups the children itself.

// The page uses few of the columns, but every ORM reads all of them.
#![allow(dead_code)]

#[path = "../../protocol.rs"]
mod protocol;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use protocol::{Introduction, Line, Peer, Result};

diesel::table! {
    customers (id) {
        id -> BigInt,
        first_name -> Text,
        last_name -> Text,
        email -> Text,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        customer_id -> BigInt,
        placed_on -> Text,
        status -> Text,
    }
}

diesel::table! {
    order_items (id) {
        id -> BigInt,
        order_id -> BigInt,
        product -> Text,
        quantity -> BigInt,
        unit_price -> BigInt,
    }
}

#[derive(Identifiable, Queryable, Selectable)]
struct Customer {
    id: i64,
    first_name: String,
    last_name: String,
    email: String,
}

#[derive(Associations, Identifiable, Queryable, Selectable)]
#[diesel(belongs_to(Customer))]
struct Order {
    id: i64,
    customer_id: i64,
    placed_on: String,
    status: String,
}

#[derive(Associations, Identifiable, Queryable, Selectable)]
#[diesel(belongs_to(Order))]
struct OrderItem {
    id: i64,
    order_id: i64,
    product: String,
    quantity: i64,
    unit_price: i64,
}

/// SQLite's limit of variables in a statement. `belonging_to` binds one for each parent. On PostgreSQL it binds an array.
const VARIABLES: usize = 32_766;

#[cfg(not(feature = "postgres"))]
type Database = SqliteConnection;
#[cfg(feature = "postgres")]
type Database = PgConnection;

struct Diesel {
    connection: Database,
}

impl Peer for Diesel {
    fn page(&mut self, way: &str) -> Result<Vec<Line>> {
        let connection = &mut self.connection;
        Ok(match way {
            "lazy" => lazy(connection)?,
            "belonging_to" => connection.transaction(|connection| eager(connection, usize::MAX))?,
            "belonging_to (chunked)" => connection.transaction(|connection| eager(connection, VARIABLES))?,
            _ => return Err(format!("no way has the name {way}").into()),
        })
    }

    fn counted(&mut self, way: &str) -> Result<(Vec<Line>, u64)> {
        let count = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&count);
        self.connection
            .set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event
                    && query.to_string().starts_with("SELECT")
                {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
        let page = self.page(way);
        self.connection
            .set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        Ok((page?, count.load(Ordering::Relaxed)))
    }
}

fn lazy(connection: &mut Database) -> QueryResult<Vec<Line>> {
    let mut page = Vec::new();
    for customer in customers(connection)? {
        let orders = Order::belonging_to(&customer)
            .select(Order::as_select())
            .load(connection)?;
        let mut total = 0;
        for order in &orders {
            let items = OrderItem::belonging_to(order)
                .select(OrderItem::as_select())
                .load(connection)?;
            total += items
                .iter()
                .map(|item| item.quantity * item.unit_price)
                .sum::<i64>();
        }
        page.push(line(&customer, orders.len(), total));
    }
    Ok(page)
}

/// Loads each table with one statement and groups the rows by their parents, as in the guide of Diesel.
fn eager(connection: &mut Database, at_once: usize) -> QueryResult<Vec<Line>> {
    let customers = customers(connection)?;
    let mut orders = Vec::new();
    for customers in customers.chunks(at_once) {
        orders.extend(
            Order::belonging_to(customers)
                .select(Order::as_select())
                .load(connection)?,
        );
    }
    let mut items = Vec::new();
    for orders in orders.chunks(at_once) {
        items.extend(
            OrderItem::belonging_to(orders)
                .select(OrderItem::as_select())
                .load(connection)?,
        );
    }
    let items = items.grouped_by(&orders);
    let orders = orders.into_iter().zip(items).grouped_by(&customers);
    let lines = customers.iter().zip(&orders).map(|(customer, orders)| {
        let items = orders.iter().flat_map(|(_, items)| items);
        line(
            customer,
            orders.len(),
            items.map(|item| item.quantity * item.unit_price).sum(),
        )
    });
    Ok(lines.collect())
}

fn customers(connection: &mut Database) -> QueryResult<Vec<Customer>> {
    customers::table
        .order(customers::id)
        .select(Customer::as_select())
        .load(connection)
}

fn line(customer: &Customer, orders: usize, total: i64) -> Line {
    Line {
        first_name: customer.first_name.clone(),
        last_name: customer.last_name.clone(),
        orders: orders as i64,
        total,
    }
}

#[cfg(not(feature = "postgres"))]
const WAYS: &[&str] = &["lazy", "belonging_to", "belonging_to (chunked)"];
#[cfg(feature = "postgres")]
const WAYS: &[&str] = &["lazy", "belonging_to"];

/// Returns the database or its client library, with the version.
fn on(connection: &mut Database) -> QueryResult<String> {
    if cfg!(feature = "postgres") {
        return Ok("libpq".to_owned());
    }
    let version = diesel::dsl::sql::<diesel::sql_types::Text>("SELECT sqlite_version()");
    let sqlite: String = version.get_result(connection)?;
    Ok(format!("SQLite {sqlite}"))
}

fn main() -> Result<()> {
    let shop = std::env::args()
        .nth(1)
        .ok_or("the path or the URL of the shop is missing")?;
    let mut connection = Database::establish(&shop)?;
    let introduction = Introduction {
        name: "Diesel",
        version: protocol::locked(include_str!("../Cargo.lock"), "diesel"),
        on: &on(&mut connection)?,
        ways: WAYS,
    };
    protocol::serve(&introduction, &mut Diesel { connection })
}
