//! A throw-away server with the shop, and the statements that it counts for a peer.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use eagerly::{FromRow, Session};
use eagerly_wire::Server;
use shop::{Size, data};

use crate::ours;

/// The user that the peers connect as. The server counts its statements separately from those of this program.
const USER: &str = "peer";

/// A server with the shop.
pub struct ShopServer {
    server: Server,
    session: Session,
}

/// The number of statements that the server ran for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Those that read or write data.
    pub statements: u64,
    /// The others, such as `BEGIN` and `SET`, without `DEALLOCATE`.
    pub control: u64,
}

impl ShopServer {
    /// Starts a server that counts statements, and fills the shop.
    pub fn start(size: &Size) -> Result<Self> {
        let server = Server::with_settings(&["shared_preload_libraries=pg_stat_statements"])?;
        let session = Session::connect(&server.url())?;
        data::fill(&session, size, |_| {}).context("cannot create the shop")?;
        for sql in [
            // Otherwise the server does it within a minute, while a way runs.
            "VACUUM ANALYZE",
            "CREATE EXTENSION pg_stat_statements",
            // Django creates a database for its tests.
            &format!("CREATE ROLE {USER} LOGIN CREATEDB"),
            &format!("GRANT SELECT ON customers, orders, order_items TO {USER}"),
        ] {
            session.execute(sql, []).context("cannot prepare the server")?;
        }
        Ok(Self { server, session })
    }

    /// Returns the checksum of the correct page.
    pub fn checksum(&self) -> Result<u32> {
        ours::checksum(&self.session).context("cannot read the shop")
    }

    /// Returns the address of the server, which the proxy connects to.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the URL for a peer that connects without the proxy.
    pub fn url_of_peer(&self) -> String {
        url(self.address())
    }

    /// Returns the version of PostgreSQL.
    pub fn version(&self) -> &str {
        self.server.version()
    }

    /// Sets the counts to zero.
    pub fn reset_calls(&self) -> Result<()> {
        // The function returns `void`, which is not a type of `execute`'s result.
        self.session.execute("SELECT pg_stat_statements_reset()", []).context("cannot reset the counts")?;
        Ok(())
    }

    /// Returns the counts since they were set to zero.
    pub fn calls(&self) -> Result<Calls> {
        #[derive(FromRow)]
        struct Sums {
            control: i64,
            total: i64,
        }
        let sql = format!(
            r"SELECT coalesce(sum(calls), 0)::bigint AS total,
                     coalesce(sum(calls) FILTER (WHERE query ~* '{CONTROL}'), 0)::bigint AS control
              FROM pg_stat_statements WHERE userid = '{USER}'::regrole AND query !~* '^\s*deallocate\M'"
        );
        let sums: Vec<Sums> = self.session.query(&sql, []).context("cannot read the counts")?;
        let sums = sums.first().context("an aggregate has no row")?;
        Ok(Calls {
            statements: u64::try_from(sums.total - sums.control)?,
            control: u64::try_from(sums.control)?,
        })
    }
}

/// The statements that read and write no data, as a regular expression of PostgreSQL. The recorder has the same list.
const CONTROL: &str =
    r"^\s*(begin|start|commit|end|rollback|abort|savepoint|release|set|reset|show|discard|listen|close)\M";

/// Returns the URL of the shop for a peer that connects to this address.
pub fn url(address: SocketAddr) -> String {
    format!("postgres://{USER}@{address}/postgres")
}
