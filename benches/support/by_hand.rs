//! The page, written by hand with rusqlite: what an experienced engineer would write without an ORM.
//!
//! Each function reads every column into owned structs, as the ORM does, and computes the page from them.
//! There are two exceptions: in [`report`] the database computes the page, and [`rows`] stops before the
//! page. The connection has the same settings as the ORM's, and prepared statements are cached. The
//! statements of a page share one transaction. Only those of [`lazy`] do not, since lazy loading in the ORM
//! has no transaction either.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Result, Row};
use shop::page::{PageRow, REPORT};

pub struct Customer {
    pub id: i64,
    pub first_name: String,
    pub last_name: String,
    pub email: String,
    pub orders: Vec<Order>,
}

pub struct Order {
    pub id: i64,
    pub customer_id: i64,
    pub placed_on: String,
    pub status: String,
    pub items: Vec<Item>,
}

pub struct Item {
    pub id: i64,
    pub order_id: i64,
    pub product: String,
    pub quantity: i64,
    pub unit_price: i64,
}

const CUSTOMERS: &str = "SELECT id, first_name, last_name, email FROM customers ORDER BY id";

impl Customer {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            email: row.get(3)?,
            orders: Vec::new(),
        })
    }
}

impl Order {
    fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            id: row.get(first)?,
            customer_id: row.get(first + 1)?,
            placed_on: row.get(first + 2)?,
            status: row.get(first + 3)?,
            items: Vec::new(),
        })
    }
}

impl Item {
    fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            id: row.get(first)?,
            order_id: row.get(first + 1)?,
            product: row.get(first + 2)?,
            quantity: row.get(first + 3)?,
            unit_price: row.get(first + 4)?,
        })
    }
}

/// Opens a connection with the settings of the ORM.
pub fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // The page cache of a session: a negative number of KiB.
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    rusqlite::vtab::array::load_module(&connection)?;
    Ok(connection)
}

/// Returns SQLite's own count of the statements that `work` starts, without `BEGIN` and `COMMIT`.
pub fn counted(path: &Path, work: impl FnOnce(&Connection)) -> Result<u64> {
    let mut connection = connect(path)?;
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    connection.trace_v2(
        TraceEventCodes::SQLITE_TRACE_STMT,
        Some(move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(_, sql) = event
                && !matches!(sql, "BEGIN" | "COMMIT")
            {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }),
    )?;
    work(&connection);
    Ok(count.load(Ordering::Relaxed))
}

/// Computes the page from nested objects: one line for each customer.
pub fn page(customers: &[Customer]) -> Vec<PageRow> {
    let lines = customers.iter().map(|customer| {
        let items = customer.orders.iter().flat_map(|order| &order.items);
        PageRow {
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            orders: customer.orders.len() as i64,
            total: items.map(|item| item.quantity * item.unit_price).sum(),
        }
    });
    lines.collect()
}

/// Sends a cached statement for each customer and for each order.
pub fn lazy(connection: &Connection) -> Result<Vec<Customer>> {
    let mut customers: Vec<Customer> = all(connection, CUSTOMERS, Customer::read)?;
    for customer in &mut customers {
        let sql = "SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id = ?1 ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let orders = statement.query_map([customer.id], |row| Order::read(row, 0))?;
        customer.orders = orders.collect::<Result<_>>()?;
        for order in &mut customer.orders {
            let sql = "SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id = ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let items = statement.query_map([order.id], |row| Item::read(row, 0))?;
            order.items = items.collect::<Result<_>>()?;
        }
    }
    Ok(customers)
}

/// Sends one `IN` with a bound array for each level, and nests the rows with hash maps.
pub fn by_in(connection: &Connection) -> Result<Vec<Customer>> {
    in_transaction(connection, |connection| {
        let mut customers: Vec<Customer> = all(connection, CUSTOMERS, Customer::read)?;
        let ids = customers.iter().map(|customer| customer.id);
        let sql = "SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id IN rarray(?1) ORDER BY customer_id, id";
        let mut orders = with_keys(connection, sql, ids, |row| Order::read(row, 0))?;
        let ids = orders.iter().map(|order| order.id);
        let sql = "SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id IN rarray(?1) ORDER BY order_id, id";
        let items = with_keys(connection, sql, ids, |row| Item::read(row, 0))?;
        nest(&mut customers, &mut orders, items);
        Ok(customers)
    })
}

/// Reads whole tables and nests the rows with hash maps.
pub fn scan(connection: &Connection) -> Result<Vec<Customer>> {
    let (mut customers, mut orders, items) = rows(connection)?;
    nest(&mut customers, &mut orders, items);
    Ok(customers)
}

/// Reads whole tables into structs and does nothing else: the least work for any way that makes objects.
pub fn rows(connection: &Connection) -> Result<(Vec<Customer>, Vec<Order>, Vec<Item>)> {
    in_transaction(connection, |connection| {
        let customers = all(connection, CUSTOMERS, Customer::read)?;
        let sql = "SELECT id, customer_id, placed_on, status FROM orders ORDER BY id";
        let orders = all(connection, sql, |row| Order::read(row, 0))?;
        let sql = "SELECT id, order_id, product, quantity, unit_price FROM order_items ORDER BY id";
        let items = all(connection, sql, |row| Item::read(row, 0))?;
        Ok((customers, orders, items))
    })
}

/// Moves the items into their orders, and the orders into their customers.
pub fn nest(customers: &mut [Customer], orders: &mut Vec<Order>, items: Vec<Item>) {
    let places: HashMap<i64, usize> =
        orders.iter().enumerate().map(|(place, order)| (order.id, place)).collect();
    for item in items {
        if let Some(place) = places.get(&item.order_id) {
            orders[*place].items.push(item);
        }
    }
    let places: HashMap<i64, usize> =
        customers.iter().enumerate().map(|(place, customer)| (customer.id, place)).collect();
    for order in orders.drain(..) {
        if let Some(place) = places.get(&order.customer_id) {
            customers[*place].orders.push(order);
        }
    }
}

/// Sends one statement with two joins, which repeat customers and orders with each item.
pub fn join(connection: &Connection) -> Result<Vec<Customer>> {
    let sql = "SELECT c.id, c.first_name, c.last_name, c.email,
            o.id, o.customer_id, o.placed_on, o.status,
            i.id, i.order_id, i.product, i.quantity, i.unit_price
        FROM customers AS c
        LEFT JOIN orders AS o ON o.customer_id = c.id
        LEFT JOIN order_items AS i ON i.order_id = o.id
        ORDER BY c.id, o.id, i.id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut customers: Vec<Customer> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if customers.last().is_none_or(|last| last.id != id) {
            customers.push(Customer::read(row)?);
        }
        let (Some(customer), Some(id)) = (customers.last_mut(), row.get::<_, Option<i64>>(4)?) else {
            continue;
        };
        if customer.orders.last().is_none_or(|last| last.id != id) {
            customer.orders.push(Order::read(row, 4)?);
        }
        if let Some(order) = customer.orders.last_mut()
            && row.get::<_, Option<i64>>(8)?.is_some()
        {
            order.items.push(Item::read(row, 8)?);
        }
    }
    Ok(customers)
}

/// Lets the database compute the page, without objects.
pub fn report(connection: &Connection) -> Result<Vec<PageRow>> {
    all(connection, REPORT, |row| {
        Ok(PageRow {
            first_name: row.get(0)?,
            last_name: row.get(1)?,
            orders: row.get(2)?,
            total: row.get(3)?,
        })
    })
}

/// All rows without nesting: a `Vec` for each table, and the range of the children of each parent. It takes
/// less memory than nested `Vec`s.
pub struct Flat {
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
    pub items: Vec<Item>,
    pub of_customer: Vec<(u32, u32)>,
    pub of_order: Vec<(u32, u32)>,
}

impl Flat {
    pub fn page(&self) -> Vec<PageRow> {
        let lines = self.customers.iter().zip(&self.of_customer).map(|(customer, (start, end))| {
            let orders = *start as usize..*end as usize;
            let items = self.of_order[orders.clone()]
                .iter()
                .flat_map(|(start, end)| &self.items[*start as usize..*end as usize]);
            PageRow {
                first_name: customer.first_name.clone(),
                last_name: customer.last_name.clone(),
                orders: self.orders[orders].len() as i64,
                total: items.map(|item| item.quantity * item.unit_price).sum(),
            }
        });
        lines.collect()
    }
}

pub fn flat(connection: &Connection) -> Result<Flat> {
    in_transaction(connection, |connection| {
        let customers: Vec<Customer> = all(connection, CUSTOMERS, Customer::read)?;
        let ids = customers.iter().map(|customer| customer.id);
        let sql = "SELECT id, customer_id, placed_on, status FROM orders WHERE customer_id IN rarray(?1) ORDER BY customer_id, id";
        let orders = with_keys(connection, sql, ids, |row| Order::read(row, 0))?;
        let ids = orders.iter().map(|order| order.id);
        let sql = "SELECT id, order_id, product, quantity, unit_price FROM order_items WHERE order_id IN rarray(?1) ORDER BY order_id, id";
        let items = with_keys(connection, sql, ids, |row| Item::read(row, 0))?;
        Ok(Flat {
            of_customer: ranges(
                customers.iter().map(|customer| customer.id),
                orders.iter().map(|order| order.customer_id),
            ),
            of_order: ranges(orders.iter().map(|order| order.id), items.iter().map(|item| item.order_id)),
            customers,
            orders,
            items,
        })
    })
}

/// Returns the range of the children of each parent. The children must be sorted by parent.
fn ranges(parents: impl Iterator<Item = i64>, children: impl Iterator<Item = i64>) -> Vec<(u32, u32)> {
    let mut of_parent: HashMap<i64, (u32, u32)> = HashMap::new();
    for (place, parent) in (0..).zip(children) {
        of_parent.entry(parent).or_insert((place, place)).1 = place + 1;
    }
    parents.map(|parent| of_parent.get(&parent).copied().unwrap_or_default()).collect()
}

fn all<T>(connection: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map([], read)?.collect()
}

fn with_keys<T>(
    connection: &Connection,
    sql: &str,
    keys: impl Iterator<Item = i64>,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let keys: Rc<Vec<Value>> = Rc::new(keys.map(Value::Integer).collect());
    let mut statement: CachedStatement<'_> = connection.prepare_cached(sql)?;
    statement.query_map([keys], read)?.collect()
}

fn in_transaction<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    connection.execute_batch("BEGIN")?;
    let result = read(connection);
    connection.execute_batch("COMMIT")?;
    result
}
