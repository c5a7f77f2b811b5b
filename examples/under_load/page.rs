//! One request: a page of the first customers, each with the number of orders and the total spend.
//!
//! Every user asks for the same page. So all requests of a strategy send the same statements, and their times can be
//! compared.

use std::sync::Arc;
use std::time::Instant;

use eagerly::{Result, Session, Strategy, by};
use shop::{Customer, Order, page};
use shop_server::load::{Page, Request};

use crate::ways::checksum;

/// Returns the request for a page of the first `customers` customers.
pub fn request(strategy: Strategy, customers: u32) -> Request {
    Arc::new(move |session| load(session, strategy, customers))
}

/// Computes the page of the first `customers` customers. Only the query differs between the strategies.
fn load(session: &Session, strategy: Strategy, customers: u32) -> Result<Page> {
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
