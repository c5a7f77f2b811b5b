//! The shop on a PostgreSQL server: one that this program starts, or the one that a URL names.
//!
//! The shop is in a schema of its own, which is removed at the end. So the tables of the database that a URL names are not
//! touched.

use std::ffi::OsString;

use anyhow::{Context as _, Result, ensure};
use eagerly::numbers::count;
use eagerly::{FromRow, Session, Strategy};
use eagerly_wire::Server;
use shop::data;
use shop::page::{self, PageRow};

use crate::by_hand_postgres::{Connection, WAYS};
use crate::support::{Way, by_strategy, size};
use crate::{Options, Site, Subject};

/// The way that all ratios refer to.
const BASE: Way = Way::Hand("hand: any");

/// A server. The one that this program started ends with this value.
pub struct Place {
    pub url: String,
    /// `None` for the server that a URL names.
    pub server: Option<Server>,
}

impl Place {
    /// Returns the server that the options choose.
    pub fn of(options: &Options) -> Result<Self> {
        if let Some(url) = &options.url {
            return Ok(Self { url: url.clone(), server: None });
        }
        let server = Server::start()?;
        let url = if options.tcp { server.url() } else { server.socket_url() };
        Ok(Self { url, server: Some(server) })
    }

    /// Returns how to call the server and the base in a report.
    pub fn site(&self) -> Result<Site> {
        #[derive(FromRow)]
        struct Version {
            version: String,
            over: String,
        }
        let versions: Vec<Version> = Session::connect(&self.url)?.query(
            "SELECT current_setting('server_version') AS version,
                CASE WHEN inet_server_addr() IS NULL THEN 'a Unix socket' ELSE 'TCP' END AS over",
            [],
        )?;
        let Version { version, over } = versions.into_iter().next().context("the server has no version")?;
        Ok(Site {
            database: format!("PostgreSQL {version} over {over}"),
            base: "hand-written = ANY",
            base_in_markdown: "the hand-written `= ANY`",
            file: "measured_postgres.md",
        })
    }
}

/// A shop on a server that is open twice: with the ORM, and with the client library.
pub struct Shop {
    session: Session,
    connection: Connection,
    /// The URL, with the shop's schema.
    url: String,
    _schema: Option<Schema>,
}

impl Shop {
    /// Creates a shop, and checks that all ways return the same page.
    pub fn create(server_url: &str, customers: u32, progress: impl Fn(&str)) -> Result<Self> {
        let schema = Schema::create(server_url)?;
        let size = size(customers);
        let rows = count(size.rows().iter().sum());
        let filled = |done| progress(&format!("{} of {rows} rows", count(done)));
        data::fill(&Session::connect(&schema.shop_url)?, &size, filled)?;
        // Otherwise the server does it within a minute, while a way has its turn.
        schema.session.execute(
            &format!("VACUUM (ANALYZE) {0}.customers, {0}.orders, {0}.order_items", schema.name),
            [],
        )?;
        let mut shop = Self::open(&schema.shop_url)?;
        shop._schema = Some(schema);
        let base = shop.page(BASE)?;
        for way in shop.ways().into_iter().filter(|way| way.has_page()) {
            progress(&format!("checking {}", way.name()));
            ensure!(
                shop.page(way)? == base,
                "the ways {} and {} return different pages\n  help: report this as a bug in eagerly",
                way.name(),
                BASE.name()
            );
        }
        Ok(shop)
    }

    /// Returns the URL for connections that find the shop's tables.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens a shop that another process created.
    pub fn open(url: &str) -> Result<Self> {
        Ok(Self {
            session: Session::connect(url)?,
            connection: Connection::open(url).context("the client library cannot connect")?,
            url: url.to_owned(),
            _schema: None,
        })
    }
}

impl Subject for Shop {
    fn ways(&self) -> Vec<Way> {
        let orm = Strategy::ALL.map(Way::Orm).into_iter().chain([Way::Report]);
        orm.chain(WAYS.map(Way::Hand)).collect()
    }

    fn base(&self) -> Way {
        BASE
    }

    fn page(&self, way: Way) -> Result<Vec<PageRow>> {
        Ok(match way {
            Way::Orm(strategy) => by_strategy(&self.session, strategy)?,
            Way::Report => page::report(&self.session)?,
            Way::Hand(name) => self.connection.page(name)?,
        })
    }

    fn statements(&self, way: Way) -> Result<u64> {
        let (tally, before) = (self.session.tally(), self.connection.sent.get());
        // The error of `raise` is its result.
        drop(self.page(way));
        Ok(tally.statements() + self.connection.sent.get() - before)
    }

    fn fill_cache(&self) -> Result<()> {
        // The cache is the server's, which is another process.
        Ok(())
    }

    fn arguments(&self) -> [OsString; 2] {
        ["--url".into(), self.url.clone().into()]
    }
}

/// A schema that is removed when it is dropped.
struct Schema {
    name: String,
    session: Session,
    /// The URL for connections that find the schema's tables.
    shop_url: String,
}

impl Schema {
    fn create(url: &str) -> Result<Self> {
        let session = Session::connect(url)?;
        let name = format!("measure_{}", std::process::id());
        session.execute(&format!("CREATE SCHEMA {name}"), [])?;
        let separator = if url.contains('?') { '&' } else { '?' };
        let shop_url = format!("{url}{separator}options=-csearch_path%3D{name}");
        Ok(Self { name, session, shop_url })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Err(error) = self.session.execute(&format!("DROP SCHEMA {} CASCADE", self.name), []) {
            eprintln!("warning: the schema {} remains: {error}\n  help: drop it by hand", self.name);
        }
    }
}
