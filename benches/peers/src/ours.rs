//! eagerly and the hand-written page as peers. They use the same protocol as the other ORMs.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use eagerly::{Session, Strategy, by};
use rusqlite::Connection;
use shop::page::{self, PageRow};
use shop::{Customer, Order};

use crate::protocol::{self, Introduction, Line, Peer};
use crate::{by_hand, by_hand_postgres};

const LOCK: &str = include_str!("../Cargo.lock");

/// Runs as one of the two peers, until the input ends. The shop is a file, or the URL of a server.
pub fn serve(name: &str, shop: &str) -> anyhow::Result<()> {
    let on_server = shop.starts_with("postgres://");
    let on = &match on_server {
        true => format!("tokio-postgres {}", protocol::locked(LOCK, "tokio-postgres")),
        false => format!("SQLite {}", rusqlite::version()),
    };
    let introduction = |name, library, ways| Introduction {
        name,
        version: protocol::locked(LOCK, library),
        on,
        ways,
    };
    let failed = || format!("cannot open {shop}");
    let served = match (name, on_server) {
        ("eagerly", _) => {
            let session = match on_server {
                true => Session::connect(shop),
                false => Session::open(shop),
            };
            let ways = ["lazy", "selectin", "subquery", "joined", "report"];
            let session = session.with_context(failed)?;
            protocol::serve(
                &introduction("eagerly", "eagerly", &ways),
                &mut Eagerly { session },
            )
        }
        (_, true) => {
            let connection = by_hand_postgres::Connection::open(shop).with_context(failed)?;
            let introduction = introduction("by hand, postgres", "postgres", &["any"]);
            protocol::serve(&introduction, &mut ByHandOnServer { connection })
        }
        (_, false) => {
            let shop = Path::new(shop);
            let connection = by_hand::connect(shop).with_context(failed)?;
            let introduction = introduction("by hand, rusqlite", "rusqlite", &["in"]);
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

struct ByHandOnServer {
    connection: by_hand_postgres::Connection,
}

impl Peer for ByHandOnServer {
    fn page(&mut self, _: &str) -> protocol::Result<Vec<Line>> {
        Ok(lines(self.connection.page("hand: any")?))
    }

    fn counted(&mut self, way: &str) -> protocol::Result<(Vec<Line>, u64)> {
        let before = self.connection.sent.get();
        Ok((self.page(way)?, self.connection.sent.get() - before))
    }
}

/// Returns the checksum of the correct page, which the database computes.
pub fn checksum(session: &Session) -> anyhow::Result<u32> {
    Ok(protocol::checksum(&lines(page::report(session)?)))
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
