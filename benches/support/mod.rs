//! What the benchmarks share: a shop on a file, and the ways to its page.

// Each benchmark is a program of its own, and none has a use for all of this.
#![allow(dead_code)]

pub mod by_hand;
pub mod siblings;

use std::path::{Path, PathBuf};
use std::time::Duration;

use eagerly::{Session, Strategy, by};
use rusqlite::Connection;
use shop::page::{self, PageRow};
use shop::{Customer, Order, Size, data};
use tempfile::TempDir;

/// Whether criterion was told `--quick`: then the sizes are smaller, too, and the whole suite takes two minutes.
pub fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// How long criterion measures each way.
pub fn measured_for(seconds: u64) -> Duration {
    if is_quick() {
        Duration::from_millis(150)
    } else {
        Duration::from_secs(seconds)
    }
}

/// The sizes of a benchmark, or those of a quick look at it.
pub fn sizes<'s>(all: &'s [u32], quick: &'s [u32]) -> impl Iterator<Item = u32> + 's {
    if is_quick() { quick } else { all }.iter().copied()
}

/// The benchmarks' data: 4.55 orders a customer and 3 items an order in the mean.
pub fn size(customers: u32) -> Size {
    Size {
        customers,
        orders: 4.55,
        items: 3.0,
        seed: 1,
    }
}

/// A shop on a file, open twice: by the ORM and by hand.
pub struct Shop {
    pub session: Session,
    pub connection: Connection,
    pub path: PathBuf,
    /// Removed when the shop is dropped.
    _folder: Option<TempDir>,
}

impl Shop {
    /// Makes one, and makes sure that every way that gets as far as the page gives the same.
    pub fn of(customers: u32) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("shop.db");
        data::fill(&Session::open(&path)?, &size(customers), |_| {})?;
        let shop = Self {
            session: Session::open(&path)?,
            connection: by_hand::connect(&path)?,
            path,
            _folder: Some(folder),
        };
        let base = BASE.page(&shop)?;
        for way in Way::all().into_iter().filter(|way| way.has_page()) {
            anyhow::ensure!(
                way.page(&shop)? == base,
                "{} gives another page than {}",
                way.name(),
                BASE.name()
            );
        }
        Ok(shop)
    }

    /// Opens one that another has made.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            session: Session::open(path)?,
            connection: by_hand::connect(path)?,
            path: path.to_owned(),
            _folder: None,
        })
    }

    /// How many statements a way sends: by the session's count, and by SQLite's own for what is written by hand.
    pub fn statements(&self, way: Way) -> anyhow::Result<u64> {
        let tally = self.session.tally();
        let by_hand = by_hand::counted(&self.path, |connection| {
            drop(way.page_of(&self.session, connection))
        })?;
        Ok(tally.statements() + by_hand)
    }
}

/// A way to the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through the ORM's objects, both relations by one strategy.
    Orm(Strategy),
    /// The ORM, but by a report.
    Report,
    /// By hand.
    Hand(&'static str),
}

const HAND: [&str; 7] = [
    "hand: lazy",
    "hand: in",
    "hand: scan",
    "hand: join",
    "hand: flat",
    "hand: report",
    "hand: rows",
];

/// What everything is compared with.
pub const BASE: Way = Way::Hand("hand: in");

impl Way {
    /// All of them: the ORM's, and those by hand.
    pub fn all() -> Vec<Self> {
        let orm = Strategy::ALL.map(Self::Orm).into_iter().chain([Self::Report]);
        orm.chain(HAND.map(Self::Hand)).collect()
    }

    /// The way of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|way| way.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Orm(strategy) => strategy.name(),
            Self::Report => "report",
            Self::Hand(name) => name,
        }
    }

    /// Whether it gets as far as the page. `raise` ends with its error before, and the rows alone are no page yet.
    fn has_page(self) -> bool {
        !matches!(self, Self::Orm(Strategy::Raise) | Self::Hand("hand: rows"))
    }

    /// The page, computed; what it was computed from is dropped.
    pub fn page(self, shop: &Shop) -> anyhow::Result<Vec<PageRow>> {
        self.page_of(&shop.session, &shop.connection)
    }

    fn page_of(self, session: &Session, connection: &Connection) -> anyhow::Result<Vec<PageRow>> {
        Ok(match self {
            // As a page is before anybody has thought of a load path.
            Self::Orm(Strategy::Lazy) => page::rows(&session.all(Customer::select())?)?,
            Self::Orm(strategy) => {
                let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
                page::rows(&session.all(Customer::select().with(path))?)?
            }
            Self::Report => page::report(session)?,
            Self::Hand("hand: lazy") => by_hand::page(&by_hand::lazy(connection)?),
            Self::Hand("hand: in") => by_hand::page(&by_hand::by_in(connection)?),
            Self::Hand("hand: scan") => by_hand::page(&by_hand::scan(connection)?),
            Self::Hand("hand: join") => by_hand::page(&by_hand::join(connection)?),
            Self::Hand("hand: flat") => by_hand::flat(connection)?.page(),
            Self::Hand("hand: rows") => {
                by_hand::rows(connection)?;
                Vec::new()
            }
            Self::Hand(_) => by_hand::report(connection)?,
        })
    }
}
