//! The server with the shop in it, and the connections to it.
//!
//! There are three sessions. The page's session goes through the proxy. The second session creates the data. It connects
//! directly, because its time is not measured. The third session reads the statistics.

use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use eagerly::Session;
use eagerly_wire::{Proxy, Recorder, Server, Settings};
use shop::{Size, data};
use shop_server::identity;

use crate::address::Address;
use crate::own_schema::OwnSchema;
use crate::progress;
use crate::slow_log;
use crate::statistics::Statistics;
use crate::waiting::while_waiting;
use crate::ways::{Way, page_or_refusal};

/// The user and the schema of the page on a throw-away server. The page has a user of its own, so the server counts its
/// statements separately from those of the administrator.
const PAGE: &str = "page";

/// The part of the schema's name on the user's server that says what it is for.
const PURPOSE: &str = "server_page";

/// A server, and the sessions and the proxy that the page needs.
///
/// The fields are dropped in this order: the sessions close before the server stops.
pub struct Database {
    pub page: Session,
    filling: Session,
    /// The statistics, or the reason why they cannot be read.
    pub statistics: Result<Statistics, String>,
    /// The proxy and what it records, unless the page connects directly.
    pub wire: Option<Wire>,
    /// The schema, if the server belongs to the user.
    pub own_schema: Option<OwnSchema>,
    /// The server, if it is a throw-away server.
    pub server: Option<Server>,
    /// The name and version, such as `PostgreSQL 15.18`.
    pub version: String,
    /// The current number of customers, orders and items.
    pub rows: [u64; 3],
    /// Whether every statement is printed. If so, the progress bars are hidden.
    pub echoes: bool,
}

/// The proxy between the page and the server, and the recorder that reads what passes.
pub struct Wire {
    pub proxy: Proxy,
    pub recorder: Recorder,
}

impl Wire {
    fn start(address: &Address<'_>, round_trip: Duration) -> Result<Self> {
        // A pause never ends a page, because this program says where each begins.
        let recorder = Recorder::new(Settings { gap: Duration::MAX, ..Settings::default() });
        let (free_port, observers) = ((Ipv4Addr::LOCALHOST, 0).into(), vec![Arc::new(recorder.clone()) as _]);
        let proxy = Proxy::observed(free_port, address.resolved()?, round_trip, observers);
        Ok(Self { proxy: proxy.context("cannot start the proxy")?, recorder })
    }
}

impl Database {
    /// Uses the server at `url`, or starts a throw-away server. A proxy adds `round_trip` to the page's session.
    pub fn open(url: Option<&str>, round_trip: Duration) -> Result<Self> {
        match url {
            Some(url) => Self::at(url, round_trip),
            None => Self::throw_away(round_trip),
        }
    }

    fn throw_away(round_trip: Duration) -> Result<Self> {
        let settings = ["shared_preload_libraries=pg_stat_statements", slow_log::SETTING];
        let server = while_waiting("starting a PostgreSQL server", || Server::with_settings(&settings));
        // As text, because the message already contains its cause. It ends with advice, and this is another way out.
        let server = server.map_err(|error| anyhow!("{error}; or use a server of your own with --url"))?;
        let administrator = Session::connect(&server.url())?;
        administrator.execute("CREATE EXTENSION pg_stat_statements", [])?;
        administrator.execute(&format!("CREATE ROLE {PAGE} LOGIN"), [])?;
        administrator.execute(&format!("CREATE SCHEMA {PAGE} AUTHORIZATION {PAGE}"), [])?;
        let url = format!("postgres://{PAGE}@{}/postgres", server.address());
        let filling = Session::connect(&url)?;
        let mut database = Self::with(&url, round_trip, PAGE, filling, administrator)?;
        database.server = Some(server);
        Ok(database)
    }

    fn at(url: &str, round_trip: Duration) -> Result<Self> {
        let filling = Session::connect(url)?;
        let own_schema = OwnSchema::create(&filling, url, PURPOSE)?;
        let mut database = Self::with(url, round_trip, &own_schema.name, filling, Session::connect(url)?)?;
        database.own_schema = Some(own_schema);
        Ok(database)
    }

    fn with(
        url: &str,
        round_trip: Duration,
        schema: &str,
        filling: Session,
        statistics: Session,
    ) -> Result<Self> {
        let mut wire = None;
        let mut page_url = url.to_owned();
        if !round_trip.is_zero() {
            let address = match Address::of(url) {
                Ok(address) => address,
                Err(reason) => bail!(
                    "cannot add a round trip, because {reason}\n  help: add --round-trip 0, to measure only your own network"
                ),
            };
            let started = Wire::start(&address, round_trip)?;
            page_url = address.at(started.proxy.address());
            wire = Some(started);
        }
        let page = Session::connect(&page_url)?;
        for session in [&filling, &page] {
            session.execute(&format!("SET search_path TO {schema}"), [])?;
        }
        let (version, user) = (identity::version(&filling)?, identity::user(&filling)?);
        Ok(Self {
            page,
            filling,
            statistics: Statistics::of(Rc::new(statistics), user),
            wire,
            own_schema: None,
            server: None,
            version,
            rows: [0; 3],
            echoes: false,
        })
    }

    /// Creates a shop of five customers, as in a development database, and runs each way once.
    ///
    /// The session prepares each statement at its first use, which takes an additional round trip. An application that has
    /// run for a while has prepared its statements. So the later measurements do not include that round trip.
    pub fn develop(&mut self, size: &Size, ways: &[Way]) -> Result<()> {
        let few = Size { customers: 5, orders: 2.0, ..*size };
        data::fill(&self.filling, &few, |_| {})?;
        self.rows = few.rows();
        for way in ways {
            page_or_refusal(*way, &self.page)?;
        }
        Ok(())
    }

    /// Replaces the shop by one of this size.
    pub fn fill(&mut self, size: &Size) -> Result<()> {
        self.filling.execute("DROP TABLE order_items, orders, customers", [])?;
        progress::while_filling(size, |rows| data::fill(&self.filling, size, rows))?;
        self.rows = size.rows();
        Ok(())
    }

    /// Switches the printing of every statement on or off.
    pub fn echo(&mut self, on: bool) {
        self.page.echo(on);
        self.echoes = on;
    }

    /// Removes the throw-away server, or the schema on the user's server.
    pub fn close(mut self) -> Result<()> {
        let own_schema = self.own_schema.take();
        drop(self);
        own_schema.map_or(Ok(()), OwnSchema::close)
    }
}
