//! The ways to load the page that are measured at each size.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use eagerly::{Session, Strategy, by};
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::support::by_strategy;

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

    /// Computes the page, drops its lines and the objects that it was computed from, and returns a checksum of the lines.
    pub fn page(self, session: &Session) -> eagerly::Result<u64> {
        let mut checksum = DefaultHasher::new();
        let mut add = |lines: &[PageRow]| lines.iter().for_each(|line| line.hash(&mut checksum));
        match self {
            Self::By(strategy) => add(&by_strategy(session, strategy)?),
            Self::Report => add(&page::report(session)?),
            Self::Chunks => {
                let path = by(Strategy::Selectin, Customer::ORDERS).by(Strategy::Selectin, Order::ITEMS);
                session.chunks(Customer::select().with(path), CHUNK, |customers| {
                    add(&page::rows(&customers)?);
                    Ok(())
                })?;
            }
        }
        Ok(checksum.finish())
    }
}
