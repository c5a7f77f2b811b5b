//! The server with the shop in it, and the proxy in front of it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use eagerly::Session;
use eagerly_wire::{Proxy, Server};
use shop::{Size, data};
use shop_server::load::{Cpu, Pool};

use crate::Options;
use crate::page;
use crate::progress;
use crate::waiting::while_waiting;

/// The shop: a third of the case study's, to be filled in a second. The page has only a few of its customers.
const SHOP: Size = Size { customers: 1_000, orders: 10.0, items: 3.0, seed: 1 };

/// A throw-away server with the shop. Dropping it removes the server.
pub struct Database {
    /// The URL of the pages' connections, which leads through the proxy.
    page_url: String,
    /// `None` if the round trip is zero.
    pub proxy: Option<Proxy>,
    pub cpu: Cpu,
    pub server: Server,
}

impl Database {
    /// Starts the server, and fills it. A proxy adds `round_trip` to the connections of the pages.
    pub fn start(round_trip: Duration) -> Result<Self> {
        let server = while_waiting("starting a PostgreSQL server", Server::start)?;
        let filling = Session::connect(&server.url())?;
        progress::while_filling(&SHOP, |rows| data::fill(&filling, &SHOP, rows))?;
        // Otherwise the server does it within a minute, while the pages are measured.
        filling.execute("VACUUM (ANALYZE) customers, orders, order_items", [])?;
        let mut page_url = server.url();
        let mut proxy = None;
        if !round_trip.is_zero() {
            let started = Proxy::start(server.address(), round_trip).context("cannot start the proxy")?;
            page_url = format!("postgres://postgres@{}/postgres", started.address());
            proxy = Some(started);
        }
        Ok(Self { page_url, proxy, cpu: Cpu::of(&server), server })
    }

    /// Opens the connections of the pages.
    pub fn pool(&self, options: &Options) -> Result<Pool> {
        let first = options.strategy.iter().map(|strategy| page::request(*strategy, options.customers));
        let first: Vec<_> = first.collect();
        let url = self.page_url.clone();
        while_waiting("opening the connections", || {
            Pool::open(options.connections, move || Session::connect(&url), &first)
        })
    }

    /// Returns the numbers of customers, orders and items in the shop.
    pub fn rows(&self) -> [u64; 3] {
        SHOP.rows()
    }
}
