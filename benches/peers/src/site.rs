//! Where the shop is: in a SQLite file, or on a PostgreSQL server. Both are gone when this program ends.

use anyhow::{Context as _, Result};
use eagerly::Session;
use eagerly_wire::Server;
use shop::{Size, data};
use tempfile::TempDir;

/// A place for one shop.
pub enum Site {
    File { _folder: TempDir, path: String },
    Server { server: Server, url: String },
}

/// How a report describes the place.
pub struct Description {
    /// The server, if there is one. The peers bring SQLite in versions of their own.
    pub server: Option<String>,
    /// The way that all ratios refer to.
    pub base: &'static str,
    /// The name of the report's file.
    pub file: &'static str,
}

impl Site {
    /// Chooses a file in a temporary folder.
    pub fn file() -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a temporary folder for the shop")?;
        let path = folder.path().join("shop.db");
        let path = path.to_str().context("the path of the temporary folder is not UTF-8")?;
        Ok(Self::File { path: path.to_owned(), _folder: folder })
    }

    /// Starts a server.
    pub fn server() -> Result<Self> {
        let server = Server::start()?;
        // TCP, because not every client library reads the URL of a socket.
        let url = server.url();
        Ok(Self::Server { server, url })
    }

    /// Returns the path of the file, or the URL of the server.
    pub fn shop(&self) -> &str {
        match self {
            Self::File { path, .. } => path,
            Self::Server { url, .. } => url,
        }
    }

    /// Creates the shop and fills it.
    pub fn fill(&self, size: &Size) -> eagerly::Result<Session> {
        let session = match self {
            Self::File { path, .. } => Session::open(path)?,
            Self::Server { url, .. } => Session::connect(url)?,
        };
        data::fill(&session, size, |_| {})?;
        match self {
            // The file keeps this setting, so all peers have the page cache of a session. The number is of pages of 4 KiB.
            Self::File { .. } => session.execute("PRAGMA default_cache_size = 16384", [])?,
            // Otherwise the server does it within a minute, while a way has its turn.
            Self::Server { .. } => session.execute("VACUUM ANALYZE", [])?,
        };
        Ok(session)
    }

    pub fn description(&self) -> Description {
        match self {
            Self::File { .. } => Description {
                server: None,
                base: "`IN`",
                file: "measured.md",
            },
            Self::Server { server, .. } => Description {
                server: Some(format!("PostgreSQL {} over TCP", server.version())),
                base: "`= ANY`",
                file: "measured_postgres.md",
            },
        }
    }
}
