//! The query for the page's customers. The settings change only this query. The code that turns the customers
//! into lines ([`shop::page::rows`]) stays the same.

use eagerly::{Dialect, Result, Select, Session, by, params};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::settings::Settings;

/// Runs the query and returns the lines of the page.
///
/// # Errors
/// If the database fails, if `raise` refuses an access, or if the page is stopped.
pub fn lines(session: &Session, settings: &Settings) -> Result<Vec<PageRow>> {
    if settings.sql {
        return report(session, settings);
    }
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
    let named = spellings(&settings.name)
        .map(|name| Customer::FIRST_NAME.contains(&name).or(Customer::LAST_NAME.contains(&name)));
    let [as_typed, capitalized] = named;
    Customer::select().filter(as_typed.or(capitalized))
}

/// Returns a name as it was typed, and with a capital first letter. The condition `contains` is case-sensitive.
pub fn spellings(name: &str) -> [String; 2] {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    [name.to_owned(), first + letters.as_str()]
}

/// Computes the page by one SQL statement.
fn report(session: &Session, settings: &Settings) -> Result<Vec<PageRow>> {
    let [as_typed, capitalized] = spellings(&settings.name);
    match settings.name.is_empty() {
        true => session.query(&report_sql(session.dialect(), settings), []),
        false => session.query(&report_sql(session.dialect(), settings), params![as_typed, capitalized]),
    }
}

/// Returns the SQL statement of the page: the shop's report, for the chosen customers only.
pub fn report_sql(dialect: Dialect, settings: &Settings) -> String {
    let has = |column, number| match dialect {
        Dialect::Sqlite => format!("instr(c.{column}, ?{number}) > 0"),
        Dialect::Postgres => format!("strpos(c.{column}, ${number}) > 0"),
    };
    let mut chosen = String::new();
    if !settings.name.is_empty() {
        let columns = ["first_name", "last_name"];
        let conditions = [1, 2].map(|number| columns.map(|column| has(column, number)).join(" OR "));
        chosen = format!("WHERE {}\n", conditions.join("\n   OR "));
    }
    chosen += "ORDER BY c.id";
    if let Some((rows, before)) = settings.window() {
        // No table has more rows than this. SQLite and PostgreSQL read a limit as a signed number of 64 bits.
        chosen += &format!("\nLIMIT {} OFFSET {before}", rows.min(i64::MAX as u64));
    }
    let report = if settings.spend { page::REPORT } else { WITHOUT_SPEND };
    report.replace("ORDER BY c.id", &chosen)
}

/// The shop's report without the total spend, so it does not read the items.
const WITHOUT_SPEND: &str = "\
SELECT c.first_name, c.last_name,
    (SELECT count(*) FROM orders WHERE customer_id = c.id) AS orders,
    0 AS total
FROM customers AS c
ORDER BY c.id";

/// Returns the plan of the query: the statements that it will send, with SQLite's plan for each.
///
/// # Errors
/// If the query cannot be planned.
pub fn plan(session: &Session, settings: &Settings) -> Result<eagerly::Plan> {
    chosen(settings).plan(session)
}
