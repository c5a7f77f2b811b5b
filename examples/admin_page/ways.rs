//! The ways to load the page. The example `server_page` has the same.

use anyhow::{Result, ensure};
use eagerly::{Session, Strategy, by, lazy};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Only the number of orders: the page of the case study's title, which touches no item. It returns another page.
    Orders,
    /// With objects: one strategy loads both relations.
    Objects(Strategy),
    /// With customers and orders as objects, and the totals by one more statement.
    Totals,
    /// With one SQL statement, without objects.
    Report,
}

impl Way {
    /// Returns every way, in the order of the table.
    pub fn all() -> Vec<Self> {
        let objects = Strategy::ALL.map(Self::Objects);
        [Self::Orders].into_iter().chain(objects).chain([Self::Totals, Self::Report]).collect()
    }

    /// Returns the ways that are no strategy.
    pub fn others() -> [Self; 3] {
        [Self::Orders, Self::Totals, Self::Report]
    }

    /// Returns whether the way returns the page with the totals. All of these pages must be the same.
    pub fn has_totals(self) -> bool {
        self != Self::Orders
    }

    /// Returns the name in `--strategy` and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Objects(strategy) => strategy.name(),
            Self::Totals => "totals",
            Self::Report => "sql",
        }
    }

    /// Returns the name in the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Orders => "lazy, orders only",
            Self::Totals => "selectin + sum",
            Self::Report => "SQL GROUP BY",
            Self::Objects(strategy) => strategy.name(),
        }
    }

    /// Computes the page. Only the query differs between the strategies.
    pub fn page(self, session: &Session) -> eagerly::Result<Vec<PageRow>> {
        match self {
            Self::Orders => {
                let customers = session.all(Customer::select().with(lazy(Customer::ORDERS)))?;
                customers.iter().map(line_without_total).collect()
            }
            Self::Objects(strategy) => {
                let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
                page::rows(&session.all(Customer::select().with(path))?)
            }
            Self::Totals => page::with_totals(session),
            Self::Report => page::report(session),
        }
    }

    /// Returns the expected number of statements: the length of the progress bar.
    pub fn expected(self, customers: u64, orders: u64) -> u64 {
        match self {
            Self::Orders => 1 + customers,
            Self::Objects(Strategy::Lazy | Strategy::Immediate) => 1 + customers + orders,
            Self::Objects(Strategy::Joined | Strategy::Raise) | Self::Report => 1,
            Self::Objects(_) | Self::Totals => 3,
        }
    }
}

fn line_without_total(customer: &Customer) -> eagerly::Result<PageRow> {
    let (first_name, last_name) = (customer.first_name.clone(), customer.last_name.clone());
    Ok(PageRow { first_name, last_name, orders: customer.orders()?.len() as i64, total: 0 })
}

/// Returns the page, or for `raise` the error that refuses the lazy load: it is the expected result there.
pub fn page_or_refusal(way: Way, session: &Session) -> Result<(Vec<PageRow>, Option<String>)> {
    match way.page(session) {
        Ok(page) => Ok((page, None)),
        Err(refusal @ eagerly::Error::Raised { .. }) => Ok((Vec::new(), Some(refusal.to_string()))),
        Err(error) => Err(error.into()),
    }
}

/// Returns a checksum of the rows that does not depend on their order.
pub fn checksum(mut rows: Vec<PageRow>) -> String {
    rows.sort();
    let mut hasher = crc32fast::Hasher::new();
    for row in rows {
        let PageRow { first_name, last_name, orders, total } = row;
        hasher.update(format!("{first_name}\t{last_name}\t{orders}\t{total}\n").as_bytes());
    }
    format!("{:08x}", hasher.finalize())
}

/// Runs every way, and checks by the checksums that all return the same page. Two are not compared: `raise` returns no page,
/// and `orders` returns one without totals.
pub fn run_all<R>(
    ways: &[Way],
    run: impl Fn(Way) -> Result<R>,
    checksum: impl Fn(&R) -> &str,
) -> Result<Vec<R>> {
    let runs = ways.iter().map(|way| run(*way)).collect::<Result<Vec<R>>>()?;
    let pages = ways.iter().zip(runs.iter().map(checksum));
    let pages: Vec<_> = pages.filter(|(way, checksum)| way.has_totals() && !checksum.is_empty()).collect();
    for pair in pages.windows(2) {
        let [(one, page), (other, other_page)] = [pair[0], pair[1]];
        ensure!(
            page == other_page,
            "the ways {} and {} return different pages\n  help: report this as a bug in eagerly",
            one.name(),
            other.name()
        );
    }
    Ok(runs)
}
