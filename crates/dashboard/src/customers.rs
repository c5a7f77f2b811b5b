//! The query for the page's customers. The settings change only this query. The code that turns the customers
//! into lines ([`shop::page::rows`]) stays the same.

use eagerly::{Result, Select, Session, by};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::settings::Settings;

/// Runs the query and returns the lines of the page.
///
/// # Errors
/// If the database fails, if `raise` refuses an access, or if the page is stopped.
pub fn lines(session: &Session, settings: &Settings) -> Result<Vec<PageRow>> {
    let customers = session.all(chosen(settings))?;
    match settings.spend {
        true => page::rows(&customers),
        false => without_spend(&customers),
    }
}

/// Builds the page without the total spend, so it does not read the items.
// ANCHOR: page
fn without_spend(customers: &[Customer]) -> Result<Vec<PageRow>> {
    let line = |customer: &Customer| {
        Ok(PageRow {
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            orders: customer.orders()?.len() as i64,
            total: 0,
        })
    };
    customers.iter().map(line).collect()
}
// ANCHOR_END: page

/// Returns the query for one page of customers, with its load path.
fn chosen(settings: &Settings) -> Select<Customer> {
    let path = by(settings.orders, Customer::ORDERS).by(settings.items, Order::ITEMS); // the fix goes here
    let query = matching(settings).with(path);
    match settings.window() {
        None => query,
        Some((rows, 0)) => query.limit(rows),
        Some((rows, before)) => query.limit(rows).offset(before),
    }
}

/// Returns the query for all customers whose name matches, on every page.
pub fn matching(settings: &Settings) -> Select<Customer> {
    if settings.name.is_empty() {
        return Customer::select();
    }
    let pattern = format!("%{}%", settings.name);
    Customer::select().filter(Customer::FIRST_NAME.like(&pattern).or(Customer::LAST_NAME.like(&pattern)))
}

/// Returns the plan of the query: the statements that it will send, with SQLite's plan for each.
///
/// # Errors
/// If the query cannot be planned.
pub fn plan(session: &Session, settings: &Settings) -> Result<eagerly::Plan> {
    chosen(settings).plan(session)
}
