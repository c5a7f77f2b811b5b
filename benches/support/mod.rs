//! Code that the benchmarks share: a shop in a file, and the ways to load its page.

// Each benchmark is a separate program, and none uses all of this module.
#![allow(dead_code)]

pub mod by_hand;
pub mod siblings;

use std::path::{Path, PathBuf};
use std::time::Duration;

use eagerly::numbers::count;
use eagerly::{Session, Strategy, by};
use rusqlite::Connection;
use shop::page::{self, PageRow};
use shop::{Customer, Order, Size, data};
use terminal::Folder;

/// Returns whether criterion runs with `--quick`. At the smaller sizes, the whole suite takes two minutes.
pub fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// Returns the time that criterion measures each way.
pub fn measured_for(seconds: u64) -> Duration {
    if is_quick() { Duration::from_millis(150) } else { Duration::from_secs(seconds) }
}

/// Returns the sizes to measure: `quick` if criterion runs with `--quick`, otherwise `all`.
pub fn sizes<'s>(all: &'s [u32], quick: &'s [u32]) -> impl Iterator<Item = u32> + 's {
    if is_quick() { quick } else { all }.iter().copied()
}

/// Returns the size of the data: on average 4.55 orders per customer and 3 items per order.
pub fn size(customers: u32) -> Size {
    Size { customers, orders: 4.55, items: 3.0, seed: 1 }
}

/// A shop in a file that is open twice: with the ORM, and with rusqlite.
pub struct Shop {
    pub session: Session,
    pub connection: Connection,
    pub path: PathBuf,
    /// Deletes the file when the shop is dropped.
    _folder: Option<Folder>,
}

impl Shop {
    /// Creates a shop, and checks that all ways return the same page.
    pub fn of(customers: u32) -> anyhow::Result<Self> {
        Self::with_progress(customers, |_| {})
    }

    /// Creates a shop like [`Self::of`] and reports each step, such as `12,000 of 19,200 rows`.
    pub fn with_progress(customers: u32, progress: impl Fn(&str)) -> anyhow::Result<Self> {
        let folder = terminal::folder()?;
        let path = folder.path().join("shop.db");
        let size = size(customers);
        let rows = count(size.rows().iter().sum());
        let filled = |done| progress(&format!("{} of {rows} rows", count(done)));
        data::fill(&Session::open(&path)?, &size, filled)?;
        let shop = Self {
            session: Session::open(&path)?,
            connection: by_hand::connect(&path)?,
            path,
            _folder: Some(folder),
        };
        const CACHE: &str = "PRAGMA cache_size";
        let by_hand: i64 = shop.connection.query_row(CACHE, [], |row| row.get(0))?;
        anyhow::ensure!(
            shop.session.query::<i64>(CACHE, [])? == [by_hand],
            "the hand-written code has another page cache than a session"
        );
        let base = BASE.page(&shop)?;
        for way in Way::all().into_iter().filter(|way| way.has_page()) {
            progress(&format!("checking {}", way.name()));
            anyhow::ensure!(
                way.page(&shop)? == base,
                "the ways {} and {} return different pages\n  help: report this as a bug in eagerly",
                way.name(),
                BASE.name()
            );
        }
        Ok(shop)
    }

    /// Opens a shop that another process created.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            session: Session::open(path)?,
            connection: by_hand::connect(path)?,
            path: path.to_owned(),
            _folder: None,
        })
    }

    /// Returns the number of statements of a way: the session's count, or SQLite's for hand-written code.
    pub fn statements(&self, way: Way) -> anyhow::Result<u64> {
        let tally = self.session.tally();
        let by_hand =
            by_hand::counted(&self.path, |connection| drop(way.page_of(&self.session, connection)))?;
        Ok(tally.statements() + by_hand)
    }
}

/// A way to load the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With objects of the ORM: one strategy loads both relations.
    Orm(Strategy),
    /// With the ORM and one SQL statement, without objects.
    Report,
    /// With hand-written code: a name in `HAND`.
    Hand(&'static str),
}

const HAND: [&str; 7] =
    ["hand: lazy", "hand: in", "hand: scan", "hand: join", "hand: flat", "hand: report", "hand: rows"];

/// The way that all ratios refer to.
pub const BASE: Way = Way::Hand("hand: in");

impl Way {
    /// Returns all ways: those of the ORM, then the hand-written ones.
    pub fn all() -> Vec<Self> {
        let orm = Strategy::ALL.map(Self::Orm).into_iter().chain([Self::Report]);
        orm.chain(HAND.map(Self::Hand)).collect()
    }

    /// Returns the way with this name.
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

    /// Returns whether the way ends in an error, which has no time.
    pub fn is_error(self) -> bool {
        self == Self::Orm(Strategy::Raise)
    }

    /// Returns whether the way computes a page. `raise` returns an error, and `hand: rows` only reads rows.
    pub fn has_page(self) -> bool {
        !self.is_error() && self != Self::Hand("hand: rows")
    }

    /// Computes the page, and drops the objects that it was computed from.
    pub fn page(self, shop: &Shop) -> anyhow::Result<Vec<PageRow>> {
        self.page_of(&shop.session, &shop.connection)
    }

    fn page_of(self, session: &Session, connection: &Connection) -> anyhow::Result<Vec<PageRow>> {
        Ok(match self {
            Self::Orm(strategy) => by_strategy(session, strategy)?,
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

/// Returns SQL that reads all pages of the database that the report reads, and returns one number.
///
/// It fills SQLite's page cache before the memory of a page is measured. The freed memory of the report's lines would hide some
/// of what the page needs.
pub fn report_in_one_number() -> String {
    // Not `count(*)`: SQLite does not read what only an unused column needs.
    format!("SELECT sum(orders) + sum(total) FROM ({})", page::REPORT)
}

/// Computes the page with objects of the ORM.
pub fn by_strategy(session: &Session, strategy: Strategy) -> eagerly::Result<Vec<PageRow>> {
    // Without a load path, as pages are first written.
    if strategy == Strategy::Lazy {
        return page::rows(&session.all(Customer::select())?);
    }
    let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
    page::rows(&session.all(Customer::select().with(path))?)
}
