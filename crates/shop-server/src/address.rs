//! The host in a URL, so that a connection can go through a proxy. And the password in it, which no message shows.

use std::fmt;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The port of PostgreSQL, for a URL that names none.
const PORT: u16 = 5432;

/// How long to wait for an answer from an address of the host before trying the next address.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parts of a URL: the text before the host, the host with its port, and the text after them.
#[derive(Clone, Copy)]
pub struct Address<'u> {
    before: &'u str,
    host: &'u str,
    after: &'u str,
}

/// Writes only the host and its port.
impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.host).finish()
    }
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

/// Returns whether a message about the arguments of a program can contain a password, because it repeats a URL. Then it must
/// not be shown. A password can contain any character, so it cannot be cut out.
#[must_use]
pub fn can_contain_password(message: &str) -> bool {
    ["://", "@", "password="].iter().any(|sign| message.contains(sign))
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
    fn a_message_that_repeats_a_url_can_contain_a_password() {
        assert!(!can_contain_password("error: unexpected argument '--urll' found"));
        for argument in ["postgres://ada:a b@db/shop", "ada:secret@db", "host=db password=secret"] {
            assert!(can_contain_password(&format!("error: unexpected argument '{argument}' found")));
        }
    }

    #[test]
    fn an_address_is_printed_without_its_user() {
        let address = Address::of("postgres://ada:secret@db:99/shop?password=secret").unwrap();
        assert_eq!(format!("{address:?}"), "Address(\"db:99\")");
    }
}
