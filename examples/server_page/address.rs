//! The host in a URL, so that the page's connection can go through a proxy.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// The port of PostgreSQL, for a URL that names none.
const PORT: u16 = 5432;

/// How long to wait for an answer from an address of the host before trying the next address.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parts of a URL: the text before the host, the host with its port, and the text after them.
pub struct Address<'u> {
    before: &'u str,
    host: &'u str,
    after: &'u str,
}

impl<'u> Address<'u> {
    /// Finds the host in a URL. Fails if the URL has several hosts, or asks for encryption: a proxy has another name than
    /// the server, so the server's certificate would not be valid for it.
    pub fn of(url: &'u str) -> Result<Self> {
        let start = url.find("://").map_or(0, |colon| colon + 3);
        let end = url[start..].find(['/', '?']).map_or(url.len(), |length| start + length);
        let host = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
        let address = Self { before: &url[..host], host: &url[host..end], after: &url[end..] };
        let mut options = address.after.split(['?', '&']).skip(1);
        if address.after.contains("sslmode=") && !address.after.contains("sslmode=disable") {
            bail!(
                "cannot add a round trip to an encrypted connection\n  help: add --round-trip 0, to measure only your own network"
            );
        }
        let is_elsewhere = options.any(|option| option.starts_with("host"));
        if is_elsewhere || address.host.is_empty() || address.host.contains([',', '%']) {
            bail!(
                "cannot add a round trip, because the URL names a socket or several hosts\n  help: name one host, or add --round-trip 0"
            );
        }
        Ok(address)
    }

    /// Returns the address of the server.
    pub fn resolved(&self) -> Result<SocketAddr> {
        let has_port = self.host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let host = match has_port {
            true => self.host.to_owned(),
            false => format!("{}:{PORT}", self.host),
        };
        let found = host.to_socket_addrs().with_context(|| format!("cannot find the host {}", self.host))?;
        // `localhost` often has two addresses, but the server listens only on one of them.
        let mut answering = found.filter(|address| TcpStream::connect_timeout(address, PATIENCE).is_ok());
        answering.next().with_context(|| format!("no server answers at {host}"))
    }

    /// Returns the URL with another host.
    pub fn at(&self, other: SocketAddr) -> String {
        format!("{}{other}{}", self.before, self.after)
    }
}
