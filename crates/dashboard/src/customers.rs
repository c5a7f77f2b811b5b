//! The query for the page's customers. Everything that the settings change is changed here; what is made of the
//! customers ([`shop::page::rows`]) stays as it is.

use eagerly::{Result, Select, Session, by};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::settings::Settings;

/// The lines of the page.
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

/// The page without the total spend: it has no use for the items.
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

/// The customers that the settings choose, with what is loaded along.
fn chosen(settings: &Settings) -> Select<Customer> {
    let path = by(settings.orders, Customer::ORDERS).by(settings.items, Order::ITEMS); // here the fix goes
    let query = matching(settings).with(path);
    match settings.window() {
        None => query,
        Some((rows, 0)) => query.limit(rows),
        Some((rows, before)) => query.limit(rows).offset(before),
    }
}

/// The customers whose name is looked for, on whatever page they are.
pub fn matching(settings: &Settings) -> Select<Customer> {
    if settings.name.is_empty() {
        return Customer::select();
    }
    let pattern = format!("%{}%", settings.name);
    Customer::select().filter(
        Customer::FIRST_NAME
            .like(&pattern)
            .or(Customer::LAST_NAME.like(&pattern)),
    )
}

/// What the query will send, and how SQLite will go about it.
///
/// # Errors
/// If the query cannot be planned.
pub fn plan(session: &Session, settings: &Settings) -> Result<eagerly::Plan> {
    chosen(settings).plan(session)
}
