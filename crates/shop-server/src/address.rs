//! The host in a URL, so that a connection can go through a proxy. And the password in it, which no message shows.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The port of PostgreSQL, for a URL that names none.
const PORT: u16 = 5432;

/// How long to wait for an answer from an address of the host before trying the next address.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parts of a URL: the text before the host, the host with its port, and the text after them.
#[derive(Debug, Clone, Copy)]
pub struct Address<'u> {
    before: &'u str,
    host: &'u str,
    after: &'u str,
}

impl<'u> Address<'u> {
    /// Finds the host in a URL.
    ///
    /// # Errors
    /// The reason why a proxy cannot be put in front of the host. The URL names several hosts or a socket, or it asks for
    /// encryption: a proxy has another name than the server, so the server's certificate would not be valid for it.
    pub fn of(url: &'u str) -> Result<Self, &'static str> {
        let start = url.find("://").map_or(0, |colon| colon + 3);
        let end = url[start..].find(['/', '?']).map_or(url.len(), |length| start + length);
        let host = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
        let address = Self { before: &url[..host], host: &url[host..end], after: &url[end..] };
        let mut options = address.after.split(['?', '&']).skip(1);
        if address.after.contains("sslmode=") && !address.after.contains("sslmode=disable") {
            return Err("the URL asks for an encrypted connection");
        }
        let is_elsewhere = options.any(|option| option.starts_with("host"));
        if is_elsewhere || address.host.is_empty() || address.host.contains([',', '%']) {
            return Err("the URL names a socket or several hosts");
        }
        Ok(address)
    }

    /// Returns the address of the server.
    ///
    /// # Errors
    /// If the host has no address, or no server answers there.
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
    #[must_use]
    pub fn at(&self, other: SocketAddr) -> String {
        format!("{}{other}{}", self.before, self.after)
    }
}

/// Hides the user and the password in the URLs of a message.
#[must_use]
pub fn without_passwords(message: &str) -> String {
    let words =
        message.split_inclusive(char::is_whitespace).map(|word| match (word.find("://"), word.rfind('@')) {
            (Some(start), Some(end)) if start < end => format!("{}://…{}", &word[..start], &word[end..]),
            _ => word.to_owned(),
        });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_of_a_url_is_replaced() {
        let proxy = "127.0.0.1:6543".parse().unwrap();
        for (url, expected) in [
            ("postgres://ada@localhost/shop", "postgres://ada@127.0.0.1:6543/shop"),
            ("postgres://ada:p%40ss@db:99/shop?a=b", "postgres://ada:p%40ss@127.0.0.1:6543/shop?a=b"),
            ("postgres://[::1]:5433", "postgres://127.0.0.1:6543"),
        ] {
            assert_eq!(Address::of(url).unwrap().at(proxy), expected);
        }
        for url in ["postgres://a,b/shop", "postgres:///shop?host=/tmp", "postgres://db/shop?sslmode=require"]
        {
            assert!(Address::of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_message_loses_the_user_and_the_password() {
        let message = "error: unexpected argument 'postgres://ada:secret@db/shop' found";
        assert_eq!(without_passwords(message), "error: unexpected argument 'postgres://…@db/shop' found");
    }
}
