//! One request: a page of the first customers, each with the number of orders and the total spend.
//!
//! Every user asks for the same page. So all requests of a strategy send the same statements, and their times can be
//! compared.

use std::time::Instant;

use eagerly::{Result, Session, Strategy, by};
use shop::{Customer, Order, page};

use crate::ways::checksum;

/// A finished page.
pub struct Page {
    /// When a connection began to work on the request.
    pub started: Instant,
    pub ended: Instant,
    /// The number of statements, without `BEGIN` and `COMMIT`.
    pub statements: u64,
    /// The number of customers on it.
    pub lines: u64,
    pub checksum: String,
}

/// Computes the page of the first `customers` customers. Only the query differs between the strategies.
pub fn load(session: &Session, strategy: Strategy, customers: u32) -> Result<Page> {
    let started = Instant::now();
    let tally = session.tally();
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    let customers = session.all(Customer::select().limit(customers.into()).with(path))?;
    let rows = page::rows(&customers)?;
    Ok(Page {
        started,
        ended: Instant::now(),
        statements: tally.statements(),
        lines: rows.len() as u64,
        checksum: checksum(rows),
    })
}
