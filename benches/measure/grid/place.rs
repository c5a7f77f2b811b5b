//! The databases of the grid, at each round trip.

use std::time::Duration;

use anyhow::Result;
use eagerly::{Network, Session};
#[cfg(feature = "postgres")]
use eagerly_wire::{Proxy, Server};
use terminal::Folder;

/// A database, at one or more round trips.
pub enum Place {
    /// A SQLite file. Its network is modelled, and each statement really waits for the round trip.
    Sqlite(Folder),
    /// A server over TCP, behind a proxy for each round trip.
    #[cfg(feature = "postgres")]
    Postgres { server: Server, proxies: Vec<(Duration, Proxy)> },
}

impl Place {
    /// Returns the databases that this program was built for.
    pub fn all(round_trips: &[Duration]) -> Result<Vec<Self>> {
        #[cfg(feature = "postgres")]
        return Ok(vec![Self::Sqlite(terminal::folder()?), Self::postgres(round_trips)?]);
        #[cfg(not(feature = "postgres"))]
        {
            let _ = round_trips;
            Ok(vec![Self::Sqlite(terminal::folder()?)])
        }
    }

    #[cfg(feature = "postgres")]
    fn postgres(round_trips: &[Duration]) -> Result<Self> {
        let server = Server::start()?;
        let added = round_trips.iter().filter(|added| !added.is_zero());
        let proxies = added.map(|added| Ok((*added, Proxy::start(server.address(), *added)?)));
        let proxies = proxies.collect::<Result<_>>()?;
        Ok(Self::Postgres { server, proxies })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            #[cfg(feature = "postgres")]
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Returns the name with the version.
    pub fn version(&self) -> String {
        match self {
            Self::Sqlite(_) => format!("SQLite {}", rusqlite::version()),
            #[cfg(feature = "postgres")]
            Self::Postgres { server, .. } => format!("PostgreSQL {}", server.version()),
        }
    }

    /// Connects to the database, with an added round trip.
    pub fn session(&self, added: Duration) -> Result<Session> {
        match self {
            Self::Sqlite(folder) => {
                let session = Session::open(folder.path().join("grid.db"))?;
                let network = Network::virtual_of(added).waiting();
                session.model_network(Some(network).filter(|_| !added.is_zero()));
                Ok(session)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { server, proxies } => {
                let proxy = proxies.iter().find(|(of, _)| *of == added).map(|(_, proxy)| proxy);
                let direct = server.address();
                let address = proxy.map_or(direct, Proxy::address);
                Ok(Session::connect(&server.url().replace(&direct.to_string(), &address.to_string()))?)
            }
        }
    }
}
