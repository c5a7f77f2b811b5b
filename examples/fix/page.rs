//! The page in two functions: one queries the customers, and the other reads their orders and items.

use eagerly::{Result, Session};
use shop::{Customer, page};

fn customers(session: &Session) -> Result<Vec<Customer>> {
    session.all(Customer::select())
}

/// Builds the page of all customers.
pub fn rows(session: &Session) -> Result<Vec<page::PageRow>> {
    page::rows(&customers(session)?)
}
