//! The ways to load the page that are measured at each size.

use eagerly::{Session, Strategy, by};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

/// How many customers are read at a time by [`Way::Chunks`].
pub const CHUNK: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One strategy loads both relations.
    By(Strategy),
    /// One SQL statement, without objects.
    Report,
    /// A chunk of customers at a time, whose orders and items `selectin` loads. The lines of a chunk are dropped with it.
    Chunks,
}

pub const ALL: [Way; 5] = [
    Way::By(Strategy::Selectin),
    Way::By(Strategy::Subquery),
    Way::By(Strategy::Joined),
    Way::Report,
    Way::Chunks,
];

/// The page in short: the number of its lines, and the sums of their orders and totals.
pub type Sums = (usize, i64, i64);

impl Way {
    pub fn name(self) -> &'static str {
        match self {
            Self::By(strategy) => strategy.name(),
            Self::Report => "report",
            Self::Chunks => "chunks",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|way| way.name() == name)
    }

    /// Computes the page, and drops its lines and the objects that it was computed from.
    pub fn page(self, session: &Session) -> eagerly::Result<Sums> {
        let customers =
            |strategy| Customer::select().with(by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS));
        match self {
            Self::By(strategy) => Ok(sums(&page::rows(&session.all(customers(strategy))?)?)),
            Self::Report => Ok(sums(&page::report(session)?)),
            Self::Chunks => {
                let mut all = (0, 0, 0);
                session.chunks(customers(Strategy::Selectin), CHUNK, |customers| {
                    let (lines, orders, total) = sums(&page::rows(&customers)?);
                    all = (all.0 + lines, all.1 + orders, all.2 + total);
                    Ok(())
                })?;
                Ok(all)
            }
        }
    }
}

fn sums(lines: &[PageRow]) -> Sums {
    let orders = lines.iter().map(|line| line.orders).sum();
    (lines.len(), orders, lines.iter().map(|line| line.total).sum())
}
