//! The page on PostgreSQL, written by hand with the client library that the ORM uses, too.
//!
//! The structs and the rules are those of `by_hand.rs`. The statements are prepared when the connection is opened, and
//! the statements of a page share one transaction, except those of `lazy`.

use std::cell::{Cell, RefCell};

use postgres::types::ToSql;
use postgres::{Client, Error, NoTls, Row, Statement};
use shop::page::{PageRow, REPORT};

use crate::by_hand::{self, Customer, Item, Order};

const CUSTOMERS: &str = "SELECT id, first_name, last_name, email FROM customers ORDER BY id";
const ORDERS: &str = "SELECT id, customer_id, placed_on, status FROM orders";
const ITEMS: &str = "SELECT id, order_id, product, quantity, unit_price FROM order_items";
const JOIN: &str = "SELECT c.id, c.first_name, c.last_name, c.email,
        o.id, o.customer_id, o.placed_on, o.status,
        i.id, i.order_id, i.product, i.quantity, i.unit_price
    FROM customers AS c
    LEFT JOIN orders AS o ON o.customer_id = c.id
    LEFT JOIN order_items AS i ON i.order_id = o.id
    ORDER BY c.id, o.id, i.id";

/// The ways of this file, with the names of those of `by_hand.rs` that do the same.
pub const WAYS: [&str; 6] =
    ["hand: lazy", "hand: any", "hand: scan", "hand: join", "hand: report", "hand: rows"];

/// The rows of the three tables.
type Tables = (Vec<Customer>, Vec<Order>, Vec<Item>);

/// An open connection and its prepared statements.
pub struct Connection {
    client: RefCell<Client>,
    customers: Statement,
    orders_of_one: Statement,
    items_of_one: Statement,
    orders_of_any: Statement,
    items_of_any: Statement,
    all_orders: Statement,
    all_items: Statement,
    join: Statement,
    report: Statement,
    /// The number of statements sent so far, without `BEGIN` and `COMMIT`.
    pub sent: Cell<u64>,
}

impl Connection {
    pub fn open(url: &str) -> Result<Self, Error> {
        let mut client = Client::connect(url, NoTls)?;
        let mut prepare = |sql: &str| client.prepare(sql);
        Ok(Self {
            customers: prepare(CUSTOMERS)?,
            orders_of_one: prepare(&format!("{ORDERS} WHERE customer_id = $1 ORDER BY id"))?,
            items_of_one: prepare(&format!("{ITEMS} WHERE order_id = $1 ORDER BY id"))?,
            orders_of_any: prepare(&format!("{ORDERS} WHERE customer_id = ANY($1) ORDER BY id"))?,
            items_of_any: prepare(&format!("{ITEMS} WHERE order_id = ANY($1) ORDER BY id"))?,
            all_orders: prepare(&format!("{ORDERS} ORDER BY id"))?,
            all_items: prepare(&format!("{ITEMS} ORDER BY id"))?,
            join: prepare(JOIN)?,
            // The sum of integers is a numeric there.
            report: prepare(&REPORT.replace("coalesce(spent.total, 0)", "coalesce(spent.total, 0)::bigint"))?,
            client: RefCell::new(client),
            sent: Cell::new(0),
        })
    }

    /// Computes the page in one of the `WAYS`. `hand: rows` stops before the page.
    pub fn page(&self, way: &str) -> Result<Vec<PageRow>, Error> {
        Ok(match way {
            "hand: lazy" => by_hand::page(&self.lazy()?),
            "hand: any" => by_hand::page(&self.by_any()?),
            "hand: scan" => by_hand::page(&self.scan()?),
            "hand: join" => by_hand::page(&self.join()?),
            "hand: report" => self.report()?,
            _ => self.rows().map(|_| Vec::new())?,
        })
    }

    /// Sends a statement for each customer and for each order.
    fn lazy(&self) -> Result<Vec<Customer>, Error> {
        let mut customers = self.read(&self.customers, &[], customer)?;
        for customer in &mut customers {
            customer.orders = self.read(&self.orders_of_one, &[&customer.id], |row| order(row, 0))?;
            for order in &mut customer.orders {
                order.items = self.read(&self.items_of_one, &[&order.id], |row| item(row, 0))?;
            }
        }
        Ok(customers)
    }

    /// Sends one `= ANY` with a bound array for each level, and nests the rows with hash maps.
    fn by_any(&self) -> Result<Vec<Customer>, Error> {
        self.in_transaction(|| {
            let mut customers = self.read(&self.customers, &[], customer)?;
            let ids: Vec<i64> = customers.iter().map(|customer| customer.id).collect();
            let mut orders = self.read(&self.orders_of_any, &[&ids], |row| order(row, 0))?;
            let ids: Vec<i64> = orders.iter().map(|order| order.id).collect();
            let items = self.read(&self.items_of_any, &[&ids], |row| item(row, 0))?;
            by_hand::nest(&mut customers, &mut orders, items);
            Ok(customers)
        })
    }

    /// Reads whole tables and nests the rows with hash maps.
    fn scan(&self) -> Result<Vec<Customer>, Error> {
        let (mut customers, mut orders, items) = self.rows()?;
        by_hand::nest(&mut customers, &mut orders, items);
        Ok(customers)
    }

    /// Reads whole tables into structs and does nothing else.
    fn rows(&self) -> Result<Tables, Error> {
        self.in_transaction(|| {
            let customers = self.read(&self.customers, &[], customer)?;
            let orders = self.read(&self.all_orders, &[], |row| order(row, 0))?;
            Ok((customers, orders, self.read(&self.all_items, &[], |row| item(row, 0))?))
        })
    }

    /// Sends one statement with two joins.
    fn join(&self) -> Result<Vec<Customer>, Error> {
        let mut customers: Vec<Customer> = Vec::new();
        self.each(&self.join, &[], |row| {
            let id: i64 = row.get(0);
            if customers.last().is_none_or(|last| last.id != id) {
                customers.push(customer(row));
            }
            let (Some(customer), Some(id)) = (customers.last_mut(), row.get::<_, Option<i64>>(4)) else {
                return;
            };
            if customer.orders.last().is_none_or(|last| last.id != id) {
                customer.orders.push(order(row, 4));
            }
            if let Some(order) = customer.orders.last_mut()
                && row.get::<_, Option<i64>>(8).is_some()
            {
                order.items.push(item(row, 8));
            }
        })?;
        Ok(customers)
    }

    /// Lets the database compute the page, without objects.
    fn report(&self) -> Result<Vec<PageRow>, Error> {
        self.read(&self.report, &[], |row| PageRow {
            first_name: row.get(0),
            last_name: row.get(1),
            orders: row.get(2),
            total: row.get(3),
        })
    }

    fn read<T>(
        &self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
        read: impl Fn(&Row) -> T,
    ) -> Result<Vec<T>, Error> {
        self.sent.set(self.sent.get() + 1);
        Ok(self.client.borrow_mut().query(statement, values)?.iter().map(read).collect())
    }

    fn each(
        &self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
        each: impl FnMut(&Row),
    ) -> Result<(), Error> {
        self.sent.set(self.sent.get() + 1);
        self.client.borrow_mut().query(statement, values)?.iter().for_each(each);
        Ok(())
    }

    /// Reads in the isolation level of the ORM's snapshots.
    fn in_transaction<T>(&self, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        self.client.borrow_mut().batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ")?;
        let result = read();
        self.client.borrow_mut().batch_execute("COMMIT")?;
        result
    }
}

fn customer(row: &Row) -> Customer {
    Customer {
        id: row.get(0),
        first_name: row.get(1),
        last_name: row.get(2),
        email: row.get(3),
        orders: Vec::new(),
    }
}

fn order(row: &Row, first: usize) -> Order {
    Order {
        id: row.get(first),
        customer_id: row.get(first + 1),
        placed_on: row.get(first + 2),
        status: row.get(first + 3),
        items: Vec::new(),
    }
}

fn item(row: &Row, first: usize) -> Item {
    Item {
        id: row.get(first),
        order_id: row.get(first + 1),
        product: row.get(first + 2),
        quantity: row.get(first + 3),
        unit_price: row.get(first + 4),
    }
}
