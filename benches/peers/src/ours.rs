//! eagerly and the hand-written page as peers. They use the same protocol as the other ORMs.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use eagerly::{Session, Strategy, by};
use rusqlite::Connection;
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::by_hand;
use crate::protocol::{self, Introduction, Line, Peer};

const LOCK: &str = include_str!("../Cargo.lock");

/// Runs as one of the two peers, until the input ends.
pub fn serve(name: &str, shop: &Path) -> anyhow::Result<()> {
    let on = &format!("SQLite {}", rusqlite::version());
    let introduction = |name, version, ways| Introduction {
        name,
        version,
        on,
        ways,
    };
    let served = match name {
        "eagerly" => {
            let session = Session::open(shop).with_context(|| format!("cannot open {}", shop.display()))?;
            let ways = ["lazy", "selectin", "subquery", "joined", "report"];
            let introduction = introduction("eagerly", protocol::locked(LOCK, "eagerly"), &ways);
            protocol::serve(&introduction, &mut Eagerly { session })
        }
        _ => {
            let connection =
                by_hand::connect(shop).with_context(|| format!("cannot open {}", shop.display()))?;
            let introduction = introduction("by hand, rusqlite", protocol::locked(LOCK, "rusqlite"), &["in"]);
            protocol::serve(&introduction, &mut ByHand { connection, shop })
        }
    };
    served.map_err(|error| anyhow!("{error}"))
}

struct Eagerly {
    session: Session,
}

impl Peer for Eagerly {
    fn page(&mut self, way: &str) -> protocol::Result<Vec<Line>> {
        let strategy = match way {
            "report" => return Ok(lines(page::report(&self.session)?)),
            "lazy" => return Ok(lines(page::rows(&self.session.all(Customer::select())?)?)),
            "selectin" => Strategy::Selectin,
            "subquery" => Strategy::Subquery,
            "joined" => Strategy::Joined,
            _ => return Err(format!("no way has the name {way}").into()),
        };
        let path = by(strategy, Customer::ORDERS).by(strategy, Order::ITEMS);
        Ok(lines(page::rows(
            &self.session.all(Customer::select().with(path))?,
        )?))
    }

    fn counted(&mut self, way: &str) -> protocol::Result<(Vec<Line>, u64)> {
        let tally = self.session.tally();
        Ok((self.page(way)?, tally.statements()))
    }
}

struct ByHand<'s> {
    connection: Connection,
    shop: &'s Path,
}

impl Peer for ByHand<'_> {
    fn page(&mut self, _: &str) -> protocol::Result<Vec<Line>> {
        Ok(by_hand(&self.connection)?)
    }

    fn counted(&mut self, way: &str) -> protocol::Result<(Vec<Line>, u64)> {
        let statements = by_hand::counted(self.shop, |connection| drop(by_hand(connection)))?;
        Ok((self.page(way)?, statements))
    }
}

fn by_hand(connection: &Connection) -> rusqlite::Result<Vec<Line>> {
    Ok(lines(by_hand::page(&by_hand::by_in(connection)?)))
}

/// Returns the checksum of the correct page.
pub fn checksum(shop: &Path) -> anyhow::Result<u32> {
    Ok(protocol::checksum(&by_hand(&by_hand::connect(shop)?)?))
}

fn lines(rows: Vec<PageRow>) -> Vec<Line> {
    let lines = rows.into_iter().map(|row| Line {
        first_name: row.first_name,
        last_name: row.last_name,
        orders: row.orders,
        total: row.total,
    });
    lines.collect()
}
